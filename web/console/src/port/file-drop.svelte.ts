// FileDrop: a file that is dragged over a part of the page, and dropped there.

export class FileDrop {
  readonly #mayTake: () => boolean;
  readonly #take: (file: File) => void;
  // A drag enters what it is over before it leaves what it was over.
  #entered = $state(0);

  /** `take` is given the first file that is dropped while one may be. */
  constructor(mayTake: () => boolean, take: (file: File) => void) {
    this.#mayTake = mayTake;
    this.#take = take;
  }

  /** Whether a file is over it. */
  get isOver(): boolean {
    return this.#entered > 0;
  }

  /** What the part of the page listens to. */
  readonly listeners = {
    ondragenter: (event: DragEvent): void => {
      if (this.#isMeant(event)) this.#entered += 1;
    },
    ondragleave: (): void => {
      this.#entered = Math.max(0, this.#entered - 1);
    },
    ondragover: (event: DragEvent): void => {
      if (this.#isMeant(event)) event.preventDefault();
    },
    ondrop: (event: DragEvent): void => {
      this.#entered = 0;
      const file = event.dataTransfer?.files[0];
      if (!file || !this.#mayTake()) return;
      event.preventDefault();
      this.#take(file);
    },
  };

  #isMeant({ dataTransfer }: DragEvent): boolean {
    return this.#mayTake() && (dataTransfer?.types.includes("Files") ?? false);
  }
}
