// Rest: questions to the server over HTTP, beside the socket and with the same rights.
import { apiAddress } from "./address.ts";
import { SerialdError } from "./error.ts";
import { fieldsOf, text } from "./fields.ts";

export interface RestOptions {
  /** The socket's address. */
  address: string;
  token: string | undefined;
  fetch: typeof fetch | undefined;
  /** The page's own secret. */
  key: string;
  /** The name that others see, once the server has told it. */
  name: () => string | undefined;
}

export class Rest {
  readonly #options: RestOptions;

  constructor(options: RestOptions) {
    this.#options = options;
  }

  /** Asks for a path below `api/v1/`. Rejects with what the server says where it does not say yes. */
  async ask(path: string, init: RequestInit = {}, fetch = this.#options.fetch): Promise<Response> {
    const { address, token, key, name } = this.#options;
    if (!fetch) throw new SerialdError("offline", "there is no fetch here: give one to connect()");
    const headers = new Headers(init.headers);
    if (token) headers.set("authorization", `Bearer ${token}`);
    // What is done here stands in the journal like what is done over the socket.
    const author = init.method && name();
    if (author) headers.set("seriald-name", bytesOf(author));
    // What the page may do in its turn, it may do here.
    if (author) headers.set("seriald-key", key);
    const response = await fetch(apiAddress(address, path), { ...init, headers }).catch((error) => {
      init.signal?.throwIfAborted();
      throw new SerialdError("offline", `the server cannot be reached: ${String(error)}`);
    });
    if (!response.ok) throw await problem(response);
    return response;
  }
}

/** A text for a header, which takes bytes: UTF-8. */
function bytesOf(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

/** The error that an answer tells, `application/problem+json` where the server itself speaks. */
async function problem(response: Response): Promise<SerialdError> {
  const { status, statusText } = response;
  const {
    code,
    detail,
    title: _,
    type: __,
    ...rest
  } = fieldsOf(await response.json().catch(() => null));
  const told = text(detail) || `${status} ${statusText}`.trim();
  return new SerialdError(text(code) || `http-${status}`, told, { ...rest, status });
}
