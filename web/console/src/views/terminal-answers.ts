// TerminalAnswers: tells a terminal's own replies to the device from what a person types.
import type { IDisposable, Terminal } from "@xterm/xterm";

// The sequences at which the terminal replies by itself; the guard lets them through only where this page answers.
const CSI = [
  { final: "c" },
  { prefix: ">", final: "c" },
  { final: "n" },
  { prefix: "?", final: "n" },
  { intermediates: "$", final: "p" },
  { prefix: "?", intermediates: "$", final: "p" },
  { prefix: ">", final: "q" },
  { prefix: "?", final: "u" },
];
const OSC = [4, 10, 11, 12];

/** The part of a terminal that hears the device and speaks. */
export type Speaker = Pick<Terminal, "onData" | "parser">;

/**
 * Divides what a terminal sends. A reply is given while its query is parsed, in one task, and no key is pressed within a
 * task: what is sent between a query and the end of the task is the reply.
 */
export function divideAnswers(
  terminal: Speaker,
  mayAnswer: () => boolean,
  onanswer: (data: string) => void,
  ontype: (data: string) => void,
): IDisposable {
  let answering = false;
  const heard = (): boolean => {
    if (!mayAnswer()) return true;
    answering = true;
    queueMicrotask(() => {
      answering = false;
    });
    return false;
  };
  const query = (data: string) => (data.includes("?") ? heard() : false);
  const { parser } = terminal;
  const disposables = [
    ...CSI.map((id) => parser.registerCsiHandler(id, heard)),
    ...OSC.map((number) => parser.registerOscHandler(number, query)),
    parser.registerDcsHandler({ intermediates: "$", final: "q" }, heard),
    terminal.onData((data) => {
      if (answering) onanswer(data);
      else ontype(data);
    }),
  ];
  return {
    dispose() {
      for (const disposable of disposables) disposable.dispose();
    },
  };
}
