// Asking the server over HTTP: where to, and what it says against it in its own words.
import { serverUrl } from "./address.ts";
import { type Fields, fieldsOf, text } from "./fields.ts";

/** What the server says against a question. */
export class Refusal extends Error {
  /** After how many seconds it may be asked again, where it says so. */
  readonly retryAfter: number;
  readonly status: number;
  /** What its problem says besides. */
  readonly told: Fields;

  constructor(message: string, retryAfter: number, status = 0, told: Fields = {}) {
    super(message);
    this.retryAfter = retryAfter;
    this.status = status;
    this.told = told;
  }
}

/** Asks for a path below `api/v1/`; throws what the server says against it. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return askAt(serverUrl(`api/v1/${path}`, location.href), init);
}

/** Asks at an address; throws what the server says against it. */
export async function askAt(address: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Error("The server did not answer.", { cause: error });
  }
  if (response.ok) return response;
  const retryAfter = Number(response.headers.get("retry-after")) || 0;
  const told = await problemOf(response);
  const reason = text(told.detail) || `The server answered ${response.status}.`;
  throw new Refusal(reason, retryAfter, response.status, told);
}

/** Asks with a JSON body. */
export function askWith(method: string, path: string, body: unknown): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return ask(path, { method, headers, body: JSON.stringify(body) });
}

async function problemOf(response: Response): Promise<Fields> {
  try {
    return fieldsOf(await response.json());
  } catch {
    // Not the server's own error: a proxy's, or none at all.
    return {};
  }
}
