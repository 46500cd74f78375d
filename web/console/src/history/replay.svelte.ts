// Replay: a stretch of the past on a screen of its own, with its original timing, at any speed.
import type { Offset, SerialRecord } from "seriald";
import { ReplayClock } from "./replay-clock.ts";
import { type FeedOptions, ReplayFeed, type Screen } from "./replay-feed.ts";
import { ReplayTape, type Source } from "./replay-tape.ts";

/** Bytes before the beginning that draw the screen as it was then. */
const REWIND = 256 * 1024;

/** What is played: between two offsets, as far as the journal reaches. */
export interface Play {
  from: Offset;
  to: Offset;
  /** The oldest offset that is kept. */
  oldest: Offset;
  /** When it begins and ends, in microseconds since the epoch. */
  begins: number;
  ends: number;
}

export class Replay {
  readonly play: Play;
  readonly #clock: ReplayClock;
  readonly #feed: ReplayFeed;
  readonly #tape: ReplayTape;
  readonly #now: () => number;
  // Up to here everything is shown at once.
  #until: Offset;
  playing = $state(false);
  speed = $state(1);
  skipsSilence = $state(false);
  /** The time in the recording. */
  time = $state(0);
  ended = $state(false);
  loading = $state(true);
  error: string | null = $state(null);

  /** `now` is in milliseconds and never goes back. */
  constructor(
    play: Play,
    source: Source,
    screen: Screen,
    options: FeedOptions,
    now: () => number = () => performance.now(),
  ) {
    this.play = play;
    this.#now = now;
    this.#clock = new ReplayClock(play.begins, now());
    this.#feed = new ReplayFeed(screen, options);
    this.#tape = new ReplayTape(source, () => this.step());
    this.#until = play.from;
    this.time = play.begins;
    this.#wind(play.from);
  }

  /** Plays or pauses; behind the end it begins anew. */
  toggle(): void {
    if (this.playing) return this.#pause();
    if (this.ended) this.seek(this.play.from, this.play.begins);
    this.#clock.play(this.#now());
    this.playing = true;
  }

  setSpeed(speed: number): void {
    this.#clock.setSpeed(speed, this.#now());
    this.speed = speed;
  }

  skipSilence(on: boolean): void {
    this.#clock.skipSilence(on, this.#now());
    this.skipsSilence = on;
  }

  /** Goes to an offset, of that time. */
  seek(offset: Offset, time: number): void {
    const { from, to } = this.play;
    const there = Math.min(to, Math.max(from, offset));
    this.#clock.stand(time, this.#now());
    this.time = time;
    this.#wind(there);
  }

  /** Shows what is due. Called for every frame. */
  step(): void {
    const now = this.#now();
    this.#catchUp(now);
    const { coming } = this.#tape;
    if (this.#feed.busy || (coming.length === 0 && !this.#tape.ended)) {
      this.#clock.starve(now);
    } else {
      this.#show(this.#clock.take(coming, now));
    }
    const next = this.#tape.coming[0];
    this.time = this.#clock.time(now, next);
    this.error = this.#tape.error;
    this.loading = !next && !this.#tape.ended;
    this.ended = !next && this.#tape.ended;
    if (this.ended && this.playing) this.#pause();
  }

  close(): void {
    this.#tape.close();
  }

  #pause(): void {
    this.#clock.pause(this.#now());
    this.playing = false;
  }

  // What draws the screen as it was at the place where one begins.
  #catchUp(now: number): void {
    if (this.#feed.busy) return;
    const { coming } = this.#tape;
    const count = coming.findIndex(({ end }) => end > this.#until);
    const before = count < 0 ? coming.length : count;
    if (before === 0) return;
    const last = coming[before - 1] as SerialRecord;
    this.#show(before);
    this.#clock.stand(Math.max(last.time, this.time), now);
  }

  #show(count: number): void {
    if (count === 0) return;
    this.#feed.show(this.#tape.coming.slice(0, count));
    this.#tape.drop(count);
  }

  #wind(offset: Offset): void {
    this.#until = offset;
    this.ended = false;
    this.loading = true;
    this.#feed.reset();
    this.#tape.wind(Math.max(this.play.oldest, offset - REWIND));
  }
}
