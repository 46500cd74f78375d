// LinesModel: which rows the lines view shows and how, and where its search stands.
import { Highlights } from "./highlights.ts";
import { type LinePicture, NOTHING, pictureOf, rowText, searchedText } from "./line-picture.ts";
import { GAP, NOTE, RX, TX } from "./log.ts";
import { Matcher } from "./matcher.ts";
import { EMPTY, type Query, readQuery } from "./pattern.ts";
import type { PortStore } from "./port-store.ts";
import { RowScan } from "./row-scan.ts";
import { forClipboard, withoutEscapes } from "./text.ts";
import { type TimeStyle, timeText } from "./timestamps.ts";

const MOST_PICTURES = 1000;

/** What is to be shown besides what came in. */
export interface Shown {
  tx: boolean;
  notes: boolean;
  context: number;
}

export class LinesModel {
  filter: Query = $state.raw(EMPTY);
  filterError: string | null = $state.raw(null);
  search: Query = $state.raw(EMPTY);
  searchError: string | null = $state.raw(null);
  /** Grows when found things are to be drawn. */
  version = $state(0);

  #store: PortStore;
  #matcher = new Matcher();
  #shown: Shown = { tx: true, notes: true, context: 0 };
  // Null while every row is shown.
  #scan: RowScan | null = null;
  #found: RowScan | null = null;
  #current: number | null = null;
  #highlights = new Highlights(this.#matcher, () => this.#redraw());
  #pictures = new Map<number, LinePicture>();

  #forget: () => void;

  constructor(store: PortStore) {
    this.#store = store;
    const offs = [
      store.lines.onrevised(() => this.#pictures.clear()),
      store.tints.onchanged(() => this.#redraw()),
    ];
    this.#forget = () => {
      for (const off of offs) off();
    };
  }

  /** Whether some rows are not shown. */
  get isFiltered(): boolean {
    return this.#scan !== null;
  }

  /** The place of the first row that is shown. */
  get first(): number {
    return this.#scan ? this.#scan.shown.first : this.#store.lines.first;
  }

  /** The place behind the last. */
  get next(): number {
    const { lines, until } = this.#store;
    const behind = until === null ? lines.next : this.#rowsBefore(until);
    if (!this.#scan) return Math.max(behind, lines.first);
    return until === null ? this.#scan.shown.next : this.#scan.shown.find(behind);
  }

  /** Chooses what is shown. */
  show(shown: Shown): void {
    this.#shown = shown;
    this.#restart();
  }

  setFilter(filter: Query): void {
    this.filter = filter;
    this.#restart();
  }

  setSearch(search: Query): void {
    this.search = search;
    const pattern = readQuery(search);
    this.searchError = typeof pattern === "string" ? pattern : null;
    this.#found?.stop();
    this.#found = null;
    this.#current = null;
    this.#highlights.pattern = typeof pattern === "string" ? null : pattern;
    if (pattern !== null && typeof pattern !== "string")
      this.#found = this.#scanOf({ pattern, context: 0, kinds: this.#kinds });
    this.#redraw();
    this.advance();
  }

  /** Goes on with filter and search; called once per frame. */
  advance(): void {
    this.#scan?.advance();
    this.#found?.advance();
  }

  /** What the filter lets through, in words. */
  get filterResult(): string {
    if (!this.#scan || this.filter.text === "") return "";
    const { matches, progress } = this.#scan;
    const count = String(matches.next - matches.first);
    return progress < 1 ? `${count} · ${Math.floor(progress * 100)} %` : count;
  }

  /** Where the search stands, in words. */
  get searchResult(): string {
    if (!this.#found) return "";
    const { matches, progress } = this.#found;
    const count = matches.next - matches.first;
    if (count === 0) return progress < 1 ? "…" : "none";
    const more = progress < 1 ? "+" : "";
    if (this.#current === null) return `${count}${more}`;
    return `${matches.find(this.#current) - matches.first + 1} of ${count}${more}`;
  }

  /** Whether the search may still find something among the rows that there are. */
  get isSearching(): boolean {
    return this.#found !== null && this.#found.error === null && !this.#found.isDone;
  }

  /** The place of the next match, seen from the one before or from a place; null where there is none. */
  step(forward: boolean, fromPlace: number): number | null {
    const matches = this.#found?.matches;
    if (!matches || matches.next === matches.first) return null;
    const from = this.#current ?? this.rowAt(fromPlace);
    let place = matches.find(from);
    const isOn = matches.has(from) && this.#current !== null;
    if (forward) place += isOn ? 1 : 0;
    else place -= 1;
    if (place >= matches.next) place = matches.first;
    if (place < matches.first) place = matches.next - 1;
    this.#current = matches.at(place);
    this.#redraw();
    return this.placeOf(this.#current);
  }

  /** The row at a place. */
  rowAt(place: number): number {
    if (!this.#scan) return place;
    const { shown } = this.#scan;
    return place >= shown.first && place < shown.next ? shown.at(place) : this.#store.lines.first;
  }

  /** The place of a row, or of the next that is shown. */
  placeOf(row: number): number {
    return this.#scan ? this.#scan.shown.find(row) : row;
  }

  /** The offset that a place begins at. */
  offsetAt(place: number): number {
    const row = this.rowAt(place);
    const { lines } = this.#store;
    return row >= lines.first && row < lines.next ? lines.row(row).offset : this.#store.log.head;
  }

  /** What is drawn at a place: the same object until it changes. */
  picture(place: number): LinePicture {
    const row = this.rowAt(place);
    const { log, lines, tints } = this.#store;
    const known = this.#pictures.get(row);
    // A row may go between the frame that chose it and its drawing.
    if (!lines.has(row)) return known ?? { ...NOTHING, number: row };
    if (known && known.end === lines.row(row).end) return known;
    const ranges = this.#highlights.pattern
      ? this.#highlights.in(searchedText(log, lines, row))
      : [];
    const picture = pictureOf(log, lines, row, ranges, tints);
    if (this.#pictures.size > MOST_PICTURES) this.#pictures.clear();
    this.#pictures.set(row, picture);
    return picture;
  }

  /** The time of a place as it is to be written. */
  time(place: number, style: TimeStyle): string {
    const { lines, log } = this.#store;
    const before = style === "delta" && place > this.first ? this.rowAt(place - 1) : -1;
    const timeBefore = lines.has(before) ? lines.time(before) : 0;
    return timeText(style, this.picture(place).time, log.startTime, timeBefore);
  }

  /** The device's text of the rows from one place to another, both among them. */
  text(from: number, to: number): string {
    const { log, lines } = this.#store;
    let text = "";
    for (let place = from; place <= to; place++) {
      if (!lines.has(this.rowAt(place))) continue;
      const row = lines.row(this.rowAt(place));
      if (place > from && !row.continues) text += "\n";
      text += rowText(log, lines, row);
    }
    return forClipboard(withoutEscapes(text));
  }

  /** Ends what runs. */
  close(): void {
    this.#scan?.stop();
    this.#found?.stop();
    this.#matcher.close();
    this.#forget();
  }

  get #kinds(): ReadonlySet<number> {
    const kinds = [RX, GAP];
    if (this.#shown.tx) kinds.push(TX);
    if (this.#shown.notes) kinds.push(NOTE);
    return new Set(kinds);
  }

  #restart(): void {
    const pattern = readQuery(this.filter);
    this.filterError = typeof pattern === "string" ? pattern : null;
    // While an expression is being written, the rows stay as they were.
    if (typeof pattern === "string") return;
    this.#scan?.stop();
    const all = pattern === null && this.#shown.tx && this.#shown.notes;
    const context = this.#shown.context;
    this.#scan = all ? null : this.#scanOf({ pattern, context, kinds: this.#kinds });
    this.#scan?.advance();
    this.setSearch(this.search);
  }

  #scanOf(scope: RowScan["scope"]): RowScan {
    const { log, lines } = this.#store;
    return new RowScan(log, lines, this.#matcher, scope, () => {
      this.searchError = this.#found?.error ?? this.searchError;
      this.filterError = this.#scan?.error ?? this.filterError;
      this.version++;
    });
  }

  #rowsBefore(offset: number): number {
    const { lines } = this.#store;
    const row = lines.find(offset);
    return row < lines.next && lines.row(row).offset < offset ? row + 1 : row;
  }

  #redraw(): void {
    this.#pictures.clear();
    this.version++;
  }
}
