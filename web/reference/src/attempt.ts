// An attempt: a route that is asked from the page, and as much of the answer as is good to read.

/** More is not shown, in characters. */
const MOST = 64 * 1024;
/** An answer that goes on is listened to for so long, in milliseconds. */
const PATIENCE = 3000;

export interface Outcome {
  status: number;
  /** Milliseconds until the answer began. */
  took: number;
  text: string;
  /** There was more. */
  isCut: boolean;
}

/** Asks, and reads until the answer ends, is long enough or has gone on for a while. */
export async function attempt(address: string, ask: typeof fetch = fetch): Promise<Outcome> {
  const begun = performance.now();
  const response = await ask(address);
  const took = Math.round(performance.now() - begun);
  const { text, isCut } = await read(response);
  const isJson = /\bjson$/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, took, text: isJson && !isCut ? pretty(text) : text, isCut };
}

async function read(response: Response): Promise<{ text: string; isCut: boolean }> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return { text: "", isCut: false };
  let text = "";
  let isCut = false;
  const limit = setTimeout(() => {
    isCut = true;
    void reader.cancel();
  }, PATIENCE);
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
    if (text.length <= MOST) continue;
    isCut = true;
    await reader.cancel();
    break;
  }
  clearTimeout(limit);
  return { text: text.slice(0, MOST), isCut };
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
