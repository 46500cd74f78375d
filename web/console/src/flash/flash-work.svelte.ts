// FlashWork: a file on its way to a device, as this page follows it: chosen, sent, written, done or not.
import type { FlashCommand, FlashEnd, Flasher, FlashNews, FlashRun } from "seriald";
import { Printed, percentIn } from "./printed.ts";
import { uploading } from "./upload.ts";

/** What is going on: the server is asked, a file is chosen, it is sent to the server, it is written, it has ended. */
export type Stage = "asking" | "choosing" | "sending" | "writing" | "ended";

export class FlashWork {
  readonly #flasher: Pick<Flasher, "state" | "write" | "follow" | "stop">;
  stage: Stage = $state("asking");
  commands: readonly FlashCommand[] = $state.raw([]);
  run: FlashRun | null = $state.raw(null);
  end: FlashEnd | null = $state.raw(null);
  /** Why it does not go on. */
  problem: string | null = $state(null);
  /** What the command has printed. */
  lines: readonly string[] = $state.raw([]);
  /** How much of the file the server has, in percent. */
  #sent = $state(0);
  #printed = new Printed();
  #reading = new AbortController();

  constructor(flasher: Pick<Flasher, "state" | "write" | "follow" | "stop">) {
    this.#flasher = flasher;
  }

  /** How far it is, in percent: the way to the server, then what the command says; null where it says nothing. */
  readonly percent: number | null = $derived(
    this.stage === "sending" ? this.#sent : percentIn(this.lines),
  );

  /** Asks for the commands, and follows what is at work already. */
  async begin(): Promise<void> {
    try {
      const { commands, latest } = await this.#flasher.state();
      this.commands = commands;
      this.stage = "choosing";
      if (latest && !latest.ended) await this.#follow(latest);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Sends a file to the server, and has a command write it. */
  async write(command: FlashCommand, file: File): Promise<void> {
    this.#reset("sending");
    const { signal } = this.#reading;
    const fetch = uploading((sent) => {
      this.#sent = Math.floor((100 * sent) / file.size);
    });
    await this.#read(this.#flasher.write(command.command, file.name, file, { signal, fetch }));
  }

  /** Has the command ended that is at work. */
  async stop(): Promise<void> {
    try {
      if (this.run) await this.#flasher.stop(this.run.command);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Goes back to the choice of a file. */
  again(): void {
    this.#reset("choosing");
  }

  /** Stops reading. What is at work goes on; a file that is still being sent is not written. */
  close(): void {
    this.#reading.abort();
  }

  async #follow(run: FlashRun): Promise<void> {
    this.#reset("writing");
    this.run = run;
    const { signal } = this.#reading;
    await this.#read(this.#flasher.follow(run.command, { signal }));
  }

  async #read(news: AsyncIterable<FlashNews>): Promise<void> {
    const { signal } = this.#reading;
    try {
      for await (const each of news) this.#take(each);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  #take(news: FlashNews): void {
    if (news.type === "started") {
      this.run = news.run;
      this.stage = "writing";
    } else if (news.type === "ended") {
      this.end = news.end;
      this.stage = "ended";
    } else {
      this.#printed.take(
        news.type === "gap" ? `\n… ${news.bytes} bytes are missing …\n` : news.text,
      );
      this.lines = this.#printed.lines;
    }
  }

  #reset(stage: Stage): void {
    this.#reading.abort();
    this.#reading = new AbortController();
    this.#printed = new Printed();
    this.lines = [];
    this.run = null;
    this.end = null;
    this.problem = null;
    this.#sent = 0;
    this.stage = stage;
  }

  // What was refused is chosen anew; what is at work may be followed anew.
  #fail(error: unknown): void {
    this.problem = error instanceof Error ? error.message : String(error);
    if (this.stage === "sending") this.stage = "choosing";
  }
}
