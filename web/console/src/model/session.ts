// Signing in: a token goes to the server once and comes back as a cookie that scripts cannot read.
import { serverUrl } from "./address.ts";

/** Hands the token over. Answers null when it was taken, else a sentence that says why not. */
export async function signIn(token: string): Promise<string | null> {
  let response: Response;
  try {
    response = await fetch(serverUrl("api/v1/session", location.href), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    });
  } catch {
    return "The server did not answer. Is it running?";
  }
  if (response.ok) return null;
  if (response.status === 401) {
    return "That token is not the right one. The server printed it when it started.";
  }
  return `The server answered ${response.status}. Its log says more.`;
}
