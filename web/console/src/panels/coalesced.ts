// Coalesced: values on their way to a device, one at a time and not too often; what is overtaken is left out, the last never is.

export class Coalesced<T> {
  readonly #send: (value: T) => Promise<void>;
  readonly #pause: number;
  #next: { value: T } | null = null;
  #running = false;

  /** `send` takes each value that goes out; `pause` is the time in milliseconds from one to the next. */
  constructor(send: (value: T) => Promise<void>, pause: number) {
    this.#send = send;
    this.#pause = pause;
  }

  /** Sends a value as soon as it may go. */
  push(value: T): void {
    this.#next = { value };
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#next) {
      const { value } = this.#next;
      this.#next = null;
      const rest = new Promise((done) => setTimeout(done, this.#pause));
      await this.#send(value);
      await rest;
    }
    this.#running = false;
  }
}
