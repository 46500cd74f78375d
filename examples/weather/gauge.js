// Gauge: the latest value of a series on an arc, with the lowest and the highest that were seen.
import { format, formatRange, svg } from "./series.js";

const RADIUS = 80;
/** The arc leaves out the lower quarter of the circle. */
const SWEEP = 270;

function point(degrees, radius) {
  const angle = ((degrees + 135) * Math.PI) / 180;
  return `${(100 + radius * Math.cos(angle)).toFixed(2)} ${(100 + radius * Math.sin(angle)).toFixed(2)}`;
}

function arc(from, to) {
  const large = to - from > 180 ? 1 : 0;
  return `M${point(from, RADIUS)} A${RADIUS} ${RADIUS} 0 ${large} 1 ${point(to, RADIUS)}`;
}

export class Gauge {
  #series;
  #value = svg("path", { class: "value", fill: "none" });
  #number = svg("text", { x: 100, y: 108, class: "number" });
  #extremes = document.createElement("p");
  #picture;
  #low = Number.POSITIVE_INFINITY;
  #high = Number.NEGATIVE_INFINITY;

  constructor(series, parent) {
    this.#series = series;
    const card = document.createElement("div");
    const title = document.createElement("h2");
    title.textContent = series.title;
    this.#extremes.className = "extremes numbers";
    this.#picture = svg(
      "svg",
      { viewBox: "0 0 200 190", role: "img" },
      svg("path", { class: "scale", fill: "none", d: arc(0, SWEEP) }),
      this.#value,
      this.#number,
      svg("text", { x: 100, y: 134, class: "unit" }, series.unit),
      svg("text", { x: 44, y: 184, class: "end" }, String(series.min)),
      svg("text", { x: 156, y: 184, class: "end" }, String(series.max)),
    );
    card.className = "card gauge";
    card.style.setProperty("--colour", `var(${series.colour})`);
    card.append(title, this.#picture, this.#extremes);
    parent.append(card);
    this.show(Number.NaN);
  }

  show(value) {
    const { min, max, digits, title } = this.#series;
    const share = Math.min(Math.max((value - min) / (max - min), 0), 1) || 0;
    this.#value.setAttribute("d", share > 0 ? arc(0, SWEEP * share) : "");
    this.#number.textContent = Number.isFinite(value) ? value.toFixed(digits) : "–";
    this.#picture.setAttribute("aria-label", `${title}: ${format(this.#series, value)}`);
    this.seen(value, value);
  }

  /** Takes the lowest and the highest of some values. */
  seen(low, high) {
    this.#low = Math.min(this.#low, Number.isFinite(low) ? low : this.#low);
    this.#high = Math.max(this.#high, Number.isFinite(high) ? high : this.#high);
    this.#extremes.textContent =
      this.#low <= this.#high ? formatRange(this.#series, this.#low, this.#high) : "nothing yet";
  }

  /** Begins anew with the lowest and the highest. */
  forget() {
    this.#low = Number.POSITIVE_INFINITY;
    this.#high = Number.NEGATIVE_INFINITY;
  }
}
