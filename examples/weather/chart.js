// Chart: a series over time. Of each step the lowest and the highest value are drawn, so that no spike is lost.
import { format, formatRange, svg } from "./series.js";

const HEIGHT = 150;
const LEFT = 46;
const RIGHT = 10;
const TOP = 12;
const BOTTOM = 24;
/** Steps of an axis of time, in seconds. */
const STEPS = [10, 30, 60, 300, 600, 1800, 3600, 7200, 21_600, 43_200];
const ZONE = new Date().getTimezoneOffset() * 60;

const clock = (seconds, step) =>
  new Intl.DateTimeFormat("en-GB", { timeStyle: step < 60 ? "medium" : "short" }).format(
    seconds * 1000,
  );

/** About `count` round numbers between two, and how many digits they need. */
function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step) * step;
  const all = Array.from(
    { length: Math.floor((high - first) / step + 1e-9) + 1 },
    (_, at) => first + at * step,
  );
  return { all, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

export class Chart {
  #series;
  #element = document.createElement("figure");
  #caption = document.createElement("figcaption");
  #picture = svg("svg", { role: "img" });
  #points = [];
  #window = { from: 0, to: 1 };
  #width = 600;
  #cursor = null;

  constructor(series, parent) {
    this.#series = series;
    this.#element.className = "card chart";
    this.#element.style.setProperty("--colour", `var(${series.colour})`);
    this.#element.append(this.#caption, this.#picture);
    parent.append(this.#element);
    new ResizeObserver(([{ contentRect }]) => {
      this.#width = Math.max(200, contentRect.width);
      this.draw();
    }).observe(this.#picture);
    this.#picture.addEventListener("pointermove", (event) => this.#point(event.offsetX));
    this.#picture.addEventListener("pointerdown", (event) => this.#point(event.offsetX));
    this.#picture.addEventListener("pointerleave", () => this.#point(null));
  }

  /** Shows points `{ time, low, high }`, in seconds since the epoch; a point without values is a break. */
  show(points, window) {
    this.#points = points;
    this.#window = window;
    this.draw();
  }

  #point(x) {
    this.#cursor = x;
    this.draw();
  }

  draw() {
    const { from, to } = this.#window;
    const points = this.#points;
    const known = points.filter(({ low }) => Number.isFinite(low));
    const [low, high] = this.#range(known);
    // The newest may be a moment ahead of this machine's clock.
    const share = (time) => Math.min((time - from) / (to - from), 1);
    const x = (time) => LEFT + share(time) * (this.#width - LEFT - RIGHT);
    const y = (value) => TOP + ((high - value) / (high - low)) * (HEIGHT - TOP - BOTTOM);
    this.#picture.setAttribute("viewBox", `0 0 ${this.#width} ${HEIGHT}`);
    this.#picture.replaceChildren(
      ...this.#axes(low, high, x, y),
      ...runs(points).flatMap((run) => drawRun(run, x, y)),
    );
    this.#tell(known, x, y);
  }

  /** The ends of the axis: a little more than what is shown, and never so close that noise fills it. */
  #range(known) {
    const low = Math.min(...known.map((point) => point.low));
    const high = Math.max(...known.map((point) => point.high));
    if (known.length === 0) return [this.#series.min, this.#series.max];
    const least = (this.#series.max - this.#series.min) / 40;
    const margin = Math.max((high - low) * 0.1, (least - (high - low)) / 2);
    return [low - margin, high + margin];
  }

  #axes(low, high, x, y) {
    const { from, to } = this.#window;
    const { all, digits } = ticks(low, high, 4);
    const values = all.flatMap((value) => [
      svg("line", { class: "grid", x1: LEFT, x2: this.#width - RIGHT, y1: y(value), y2: y(value) }),
      svg("text", { class: "tick value", x: LEFT - 8, y: y(value) + 4 }, value.toFixed(digits)),
    ]);
    const most = Math.max(2, (this.#width - LEFT) / 110);
    const step = STEPS.find((step) => (to - from) / step <= most) ?? 86_400;
    const times = [];
    for (let time = Math.ceil((from - ZONE) / step) * step + ZONE; time <= to; time += step) {
      if (x(time) < LEFT + 16 || x(time) > this.#width - 24) continue;
      times.push(svg("text", { class: "tick time", x: x(time), y: HEIGHT - 6 }, clock(time, step)));
    }
    return [...values, ...times];
  }

  /** The caption: the value under the pointer, or what the picture shows. */
  #tell(known, x, y) {
    const { title } = this.#series;
    const said = (value) => format(this.#series, value);
    const low = Math.min(...known.map((point) => point.low));
    const high = Math.max(...known.map((point) => point.high));
    const all = known.length > 0 ? formatRange(this.#series, low, high) : "nothing was recorded";
    this.#picture.setAttribute("aria-label", `${title} over time: ${all}`);
    const heading = document.createElement("strong");
    const words = document.createElement("span");
    heading.textContent = title;
    words.textContent = all;
    words.className = "numbers";
    if (this.#cursor !== null && known.length > 0) {
      const distance = ({ time }) => Math.abs(x(time) - this.#cursor);
      const near = known.reduce((best, point) => (distance(point) < distance(best) ? point : best));
      const value = (near.low + near.high) / 2;
      words.textContent = `${said(value)} at ${clock(near.time, 1)}`;
      this.#picture.append(
        svg("line", {
          class: "cursor",
          x1: x(near.time),
          x2: x(near.time),
          y1: TOP,
          y2: HEIGHT - BOTTOM,
        }),
        svg("circle", { class: "dot", cx: x(near.time), cy: y(value), r: 4 }),
      );
    }
    this.#caption.replaceChildren(heading, words);
  }
}

/** The stretches between breaks. */
function runs(points) {
  const all = [[]];
  for (const point of points) {
    if (Number.isFinite(point.low)) all.at(-1).push(point);
    else if (all.at(-1).length > 0) all.push([]);
  }
  return all.filter((run) => run.length > 0);
}

function drawRun(run, x, y) {
  const place = (point, value) => `${x(point.time).toFixed(1)} ${y(value).toFixed(1)}`;
  const there = run.map((point) => place(point, point.high));
  const back = run.map((point) => place(point, point.low)).reverse();
  const middle = run.map((point) => place(point, (point.low + point.high) / 2));
  return [
    svg("path", { class: "band", d: `M${[...there, ...back].join("L")}Z` }),
    svg("path", { class: "curve", d: `M${middle.join("L")}` }),
  ];
}
