// A reverse proxy: puts a server below a prefix, as a company's web server would, and says whom it speaks for.

import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class ReverseProxy {
  readonly #server: Server;
  readonly #prefix: string;

  private constructor(server: Server, prefix: string) {
    this.#server = server;
    this.#prefix = prefix;
  }

  /** Puts the server at `target` below `prefix`, such as `/lab`; adds `more` to the headers of each request. */
  static async start(
    target: URL,
    prefix: string,
    more: Record<string, string> = {},
  ): Promise<ReverseProxy> {
    const to = ({ url = "", method, headers, socket }: IncomingMessage) => ({
      host: target.hostname,
      port: target.port,
      path: url.slice(prefix.length),
      method,
      headers: {
        ...headers,
        "x-forwarded-for": socket.remoteAddress,
        "x-forwarded-prefix": prefix,
        ...more,
      },
    });
    const server = createServer((incoming, outgoing) => {
      if (!incoming.url?.startsWith(`${prefix}/`)) {
        outgoing.writeHead(404).end();
        return;
      }
      const passed = request(to(incoming), (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      passed.on("error", () => outgoing.destroy());
      incoming.pipe(passed);
    });
    server.on("upgrade", (incoming, socket) => {
      const passed = request(to(incoming));
      passed.on("upgrade", (answer, there, first) => {
        const lines = answer.rawHeaders.map((text, at) => text + (at % 2 === 0 ? ": " : "\r\n"));
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}\r\n`);
        socket.write(first);
        for (const end of [socket, there]) end.on("error", () => there.destroy());
        there.pipe(socket).pipe(there);
      });
      passed.on("response", ({ statusCode }) => {
        socket.end(`HTTP/1.1 ${statusCode} Refused\r\nContent-Length: 0\r\n\r\n`);
      });
      passed.on("error", () => socket.destroy());
      passed.end();
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    return new ReverseProxy(server, prefix);
  }

  /** An address behind it. */
  at(path: string): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${this.#prefix}/${path}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
