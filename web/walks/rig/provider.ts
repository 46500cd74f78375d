// A provider of OpenID Connect, at which everybody is ada.

import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

const { privateKey } = generateKeyPairSync("ed25519");
const key = { ...createPublicKey(privateKey).export({ format: "jwk" }), kid: "one" };

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

export class Provider {
  readonly #server: Server;
  /** What was asked for with each code. */
  readonly #asked = new Map<string, URLSearchParams>();

  private constructor() {
    this.#server = createServer(async (incoming, outgoing) => {
      const { pathname, searchParams } = new URL(incoming.url ?? "/", this.issuer);
      let body = "";
      for await (const chunk of incoming) body += chunk;
      const page = pathname === "/authorize";
      outgoing.setHeader("content-type", page ? "text/html" : "application/json");
      if (page) outgoing.end(this.#page(searchParams));
      else outgoing.end(JSON.stringify(this.#tell(pathname, new URLSearchParams(body))));
    });
  }

  static async start(): Promise<Provider> {
    const provider = new Provider();
    await new Promise<void>((ready) => provider.#server.listen(0, "127.0.0.1", ready));
    return provider;
  }

  /** What it calls itself: another site than the server, for a browser. */
  get issuer(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #page(asked: URLSearchParams): string {
    const code = `code-${this.#asked.size}`;
    this.#asked.set(code, asked);
    const back = new URLSearchParams({ code, state: asked.get("state") ?? "" });
    const place = `${asked.get("redirect_uri")}?${back}`.replaceAll("&", "&amp;");
    return `<!doctype html><title>Provider</title><link rel="icon" href="data:"><a href="${place}">I am ada</a>`;
  }

  #tell(path: string, form: URLSearchParams): object {
    const { issuer } = this;
    if (path === "/keys") return { keys: [key] };
    if (path !== "/token") {
      return {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
      };
    }
    const nonce = this.#asked.get(form.get("code") ?? "")?.get("nonce");
    const now = Math.floor(Date.now() / 1000);
    const head = encoded({ alg: "EdDSA", kid: "one" });
    const claims = { iss: issuer, aud: "seriald", sub: "1", iat: now, exp: now + 60, nonce };
    const signed = `${head}.${encoded({ ...claims, preferred_username: "ada", groups: ["staff"] })}`;
    const signature = sign(null, Buffer.from(signed), privateKey).toString("base64url");
    return { id_token: `${signed}.${signature}`, token_type: "Bearer" };
  }
}
