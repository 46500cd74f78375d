// Series: what the station measures, and how it is shown.

/** `min` and `max` are the ends of the gauge; `colour` is a custom property of common/base.css. */
export const SERIES = [
  { name: "temp", title: "Temperature", unit: "°C", digits: 1, min: 0, max: 40, colour: "--first" },
  { name: "hum", title: "Humidity", unit: "%", digits: 1, min: 0, max: 100, colour: "--second" },
  { name: "light", title: "Light", unit: "lx", digits: 0, min: 0, max: 700, colour: "--third" },
];

/** A value in words, as it is shown and said. */
export function format(series, value) {
  return Number.isFinite(value) ? `${value.toFixed(series.digits)} ${series.unit}` : "no value";
}

/** The same for the lowest and the highest of some values. */
export function formatRange(series, low, high) {
  return `${low.toFixed(series.digits)} to ${format(series, high)}`;
}

/** An element of a picture. */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
