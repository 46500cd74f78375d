// Which command writes a file: the one that was used last for this port, as far as it takes that file.
import type { FlashCommand, Port } from "seriald";
import { amount } from "../model/format.ts";
import { keep, readKept, recall } from "../model/kept.ts";

const keyOf = (port: string): string => `seriald.flash.${port}`;

/** Why a command does not take a file; null where it does. */
export function refusal(
  { title, files, size }: FlashCommand,
  file: Pick<File, "name" | "size">,
): string | null {
  const name = file.name.toLowerCase();
  if (files.length > 0 && !files.some((ending) => name.endsWith(ending.toLowerCase())))
    return `${title} takes files that end in ${files.join(", ")}.`;
  if (file.size > size) return `${title} takes files of at most ${amount(size)}.`;
  return file.size === 0 ? "The file is empty." : null;
}

/** Whether a command of a port takes a file. */
export async function isTaken(port: Port, file: File): Promise<boolean> {
  try {
    const { commands } = await port.flasher.state();
    return commands.some((command) => refusal(command, file) === null);
  } catch {
    // An older server has none.
    return false;
  }
}

/** The command that is proposed for a file. */
export function proposed(
  commands: readonly FlashCommand[],
  file: Pick<File, "name" | "size"> | null,
  used: string | null,
): FlashCommand | null {
  const able = commands.filter((command) => !file || refusal(command, file) === null);
  return able.find(({ command }) => command === used) ?? able[0] ?? commands[0] ?? null;
}

/** The command that was used last for a port. */
export function lastUsed(port: string): string | null {
  const { command } = readKept(
    recall(keyOf(port)),
    { command: "" },
    {
      command: (value): value is string => typeof value === "string",
    },
  );
  return command || null;
}

export function remember(port: string, command: string): void {
  keep(keyOf(port), { command });
}
