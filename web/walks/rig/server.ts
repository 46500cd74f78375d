// The server of a walk, with a data folder of its own; it can be killed and started again at its address.

import { Process } from "./process.ts";
import { program } from "./program.ts";

export class Server {
  readonly #args: readonly string[];
  #process: Process;
  /** The link that it printed. */
  link = "";

  private constructor(args: readonly string[]) {
    this.#args = args;
    this.#process = new Process(program(), args);
  }

  /** Starts `seriald` with these arguments at a free port of `host`. */
  static async start(
    data: string,
    args: readonly string[],
    host = "127.0.0.1",
    port = 0,
  ): Promise<Server> {
    const listen = ["--listen", `${host}:${port}`, "--data", data];
    const server = new Server([...args, "--no-discover", ...listen]);
    await server.#ready();
    return server;
  }

  /** Where it answers, without what the link's fragment holds. */
  get url(): URL {
    return new URL("/", this.link);
  }

  /** The page of a port. */
  page(port: string, view?: "terminal" | "lines" | "hex"): string {
    return new URL(`/console/#/port/${port}${view ? `?view=${view}` : ""}`, this.link).href;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.#process.kill("SIGKILL");
  }

  /** Starts it again at the port where it was. */
  async restart(): Promise<void> {
    const { port } = this.url;
    const args = this.#args.map((arg) =>
      arg.replace(/^(127\.0\.0\.1|0\.0\.0\.0):0$/, `$1:${port}`),
    );
    this.#process = new Process(program(), args);
    await this.#ready();
  }

  async close(): Promise<void> {
    await this.#process.kill();
  }

  async #ready(): Promise<void> {
    const line = await this.#process.firstLine();
    this.link = line.replace(/^seriald is at /, "");
  }
}
