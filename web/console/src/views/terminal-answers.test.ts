// A terminal's replies and a person's keys, told apart.
import { expect, test } from "vitest";
import { divideAnswers, type Speaker } from "./terminal-answers.ts";

// A terminal that replies as the real one does: within the parsing of the query.
function speaker() {
  let heard: (() => boolean) | undefined;
  let say: (data: string) => void = () => undefined;
  const nothing = { dispose: () => undefined };
  const terminal = {
    parser: {
      registerCsiHandler(id: { prefix?: string; final: string }, handler: () => boolean) {
        if (id.final === "n" && !id.prefix) heard = handler;
        return nothing;
      },
      registerOscHandler: () => nothing,
      registerDcsHandler: () => nothing,
    },
    onData(listener: (data: string) => void) {
      say = listener;
      return nothing;
    },
  } as unknown as Speaker;
  return {
    terminal,
    type: (data: string) => say(data),
    parseQuery: () => {
      if (!heard?.()) say("\u001b[1;1R");
    },
  };
}

function divided(may: boolean) {
  const answers: string[] = [];
  const keys: string[] = [];
  const { terminal, type, parseQuery } = speaker();
  divideAnswers(
    terminal,
    () => may,
    (data) => answers.push(data),
    (data) => keys.push(data),
  );
  return { answers, keys, type, parseQuery };
}

test("a reply is an answer, a key that looks like one is a key", async () => {
  const { answers, keys, type, parseQuery } = divided(true);
  parseQuery();
  await Promise.resolve();
  type("\u001b[1;2R");
  expect(answers).toEqual(["\u001b[1;1R"]);
  expect(keys).toEqual(["\u001b[1;2R"]);
});

test("a page that does not answer stays silent", () => {
  const { answers, keys, parseQuery } = divided(false);
  parseQuery();
  expect([...answers, ...keys]).toEqual([]);
});
