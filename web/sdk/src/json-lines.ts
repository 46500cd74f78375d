// JSON Lines: objects out of a stream of bytes, one a line, as they come.

/** The values of a stream's lines. An empty line is none; one that is not JSON ends the stream with an error. */
export async function* jsonLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  // Pieces of a long line are put together once, when it ends.
  let pieces: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const lines = (done ? decoder.decode() : decoder.decode(value, { stream: true })).split("\n");
      for (const [at, line] of lines.entries()) {
        pieces.push(line);
        if (at === lines.length - 1 && !done) continue;
        const whole = pieces.join("");
        pieces = [];
        if (whole.trim() !== "") yield JSON.parse(whole);
      }
      if (done) return;
    }
  } finally {
    // Whoever stops reading lets the server stop looking.
    await reader.cancel().catch(() => undefined);
  }
}
