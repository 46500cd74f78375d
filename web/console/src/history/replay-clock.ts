// ReplayClock: when each record of a replay is due, at any speed, with silences as long as one likes.

/** Speeds that one can choose. */
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64] as const;

/** A silence that is skipped lasts this long, in microseconds. */
export const SILENCE = 1_000_000;

/** The part of a record that the clock looks at. */
export interface Timed {
  /** Microseconds since the epoch. The server's clock may have jumped between two records. */
  time: number;
}

/**
 * Two hands: the present of whoever looks on, in milliseconds, and the time that has passed in the recording since the last
 * record, in microseconds. Every method is told the present.
 */
export class ReplayClock {
  /** The time of the last record that was played; of the beginning, before that. */
  #last: number;
  /** How much of the silence behind it has passed, at `#at`. */
  #passed = 0;
  #at: number;
  #speed = 1;
  #playing = false;
  #skipsSilence = false;

  constructor(time: number, now: number) {
    this.#last = time;
    this.#at = now;
  }

  get playing(): boolean {
    return this.#playing;
  }

  get speed(): number {
    return this.#speed;
  }

  get skipsSilence(): boolean {
    return this.#skipsSilence;
  }

  play(now: number): void {
    this.#advance(now);
    this.#playing = true;
  }

  pause(now: number): void {
    this.#advance(now);
    this.#playing = false;
  }

  setSpeed(speed: number, now: number): void {
    this.#advance(now);
    this.#speed = speed;
  }

  skipSilence(on: boolean, now: number): void {
    this.#advance(now);
    this.#skipsSilence = on;
  }

  /** Stands at a time, with nothing passed behind it. */
  stand(time: number, now: number): void {
    this.#last = time;
    this.#passed = 0;
    this.#at = now;
  }

  /** Milliseconds until a record is due; 0 if it is, null while paused. */
  wait(next: Timed, now: number): number | null {
    this.#advance(now);
    if (!this.#playing) return null;
    return Math.max(0, this.#silence(next) - this.#passed) / this.#speed / 1000;
  }

  /** How many of the coming records are due now, in order; they count as played. */
  take(coming: readonly Timed[], now: number): number {
    this.#advance(now);
    if (!this.#playing) return 0;
    let played = 0;
    for (const next of coming) {
      const silence = this.#silence(next);
      if (silence > this.#passed) break;
      // What is late does not delay what comes behind it.
      this.#passed -= silence;
      this.#last = next.time;
      played++;
    }
    return played;
  }

  /** Nothing can be played, because the next record has not come yet: that time does not count. */
  starve(now: number): void {
    this.#passed = 0;
    this.#at = now;
  }

  /** The time in the recording; `next` is the record that comes, if one is known. */
  time(now: number, next: Timed | undefined): number {
    this.#advance(now);
    if (!next) return this.#last;
    const silence = this.#silence(next);
    const real = Math.max(0, next.time - this.#last);
    const share = silence > 0 ? Math.min(1, this.#passed / silence) : 0;
    return this.#last + share * real;
  }

  /** The silence before a record. Where the clock jumped back there is none to tell. */
  #silence({ time }: Timed): number {
    const real = Math.max(0, time - this.#last);
    return this.#skipsSilence ? Math.min(real, SILENCE) : real;
  }

  #advance(now: number): void {
    if (this.#playing) this.#passed += Math.max(0, now - this.#at) * this.#speed * 1000;
    this.#at = now;
  }
}
