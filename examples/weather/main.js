// A weather station: gauges of now, charts of before, a fan and a light.
import { connect } from "/sdk.js";
import { showLink } from "../common/link.js";
import { Chart } from "./chart.js";
import { Gauge } from "./gauge.js";
import { History } from "./history.js";
import { SERIES } from "./series.js";

const client = connect({ name: "weather station" });
const port = client.port();
const element = (id) => document.getElementById(id);
const controls = document.querySelectorAll("#controls input, #controls button");

showLink(element("link"), client, port, (isOpen) => {
  for (const control of controls) control.disabled = !isOpen;
});

// --- Now

const gauges = new Map(SERIES.map((series) => [series.name, new Gauge(series, element("gauges"))]));
const charts = new Map(SERIES.map((series) => [series.name, new Chart(series, element("charts"))]));
const history = new History(port);

/** The server's clock, by which readings are timed, in seconds; this machine's may be another. */
let clockOff = 0;
client.on("hello", ({ time }) => {
  clockOff = time / 1e6 - Date.now() / 1000;
});
const now = () => Date.now() / 1000 + clockOff;

function draw() {
  for (const [name, chart] of charts) chart.show(history.points(name), history.window(now()));
}

port.subscribeValues({ from: -1000 }, values());
/** Shows readings as they come. Those from before are in the charts already. */
function values() {
  const names = [];
  return {
    series: ({ number, name }) => {
      names[number] = name;
    },
    readings({ length, live, time, first, series, value }) {
      for (let at = 0; at < length; at++) {
        for (let of = first[at]; of < first[at + 1]; of++) {
          const name = names[series[of]];
          gauges.get(name)?.show(value[of]);
          if (live) history.add(name, time[at] / 1e6, value[of]);
        }
      }
      if (live) requestAnimationFrame(draw);
    },
    error: tell,
  };
}

// --- Before

const ranges = document.querySelectorAll("[data-minutes]");
let minutes = 2;

async function look() {
  for (const button of ranges)
    button.ariaPressed = String(Number(button.dataset.minutes) === minutes);
  try {
    await history.show(minutes, now());
  } catch (error) {
    if (error.name !== "AbortError") element("history-told").textContent = error.message;
    return;
  }
  element("history-told").textContent = "";
  for (const [name, gauge] of gauges) {
    gauge.forget();
    for (const { low, high } of history.points(name)) gauge.seen(low, high);
  }
  draw();
}

for (const button of ranges) {
  button.addEventListener("click", () => {
    minutes = Number(button.dataset.minutes);
    look();
  });
}
// Also after each lost connection: what was recorded meanwhile belongs into the charts.
client.on("hello", look);
// Time passes without readings too.
setInterval(() => document.hidden || draw(), 1000);

// --- Controls

function tell(error) {
  element("told").textContent = error.message;
}

/** Sends a command and waits for what the station says to it. */
async function command(text) {
  element("told").textContent = "";
  const { match } = await port.request(`${text}\n`, { until: "^(ok|error): (.*)", timeout: 3000 });
  if (match[1] === "error") throw new Error(match[2]);
}

const fan = element("fan");
fan.addEventListener("input", () => {
  element("fan-value").textContent = `${fan.value} %`;
});
fan.addEventListener("change", () => command(`fan ${fan.value}`).catch(tell));

const leds = document.querySelectorAll("[data-led]");
for (const button of leds) {
  button.addEventListener("click", async () => {
    try {
      await command(`led ${button.dataset.led}`);
    } catch (error) {
      return tell(error);
    }
    for (const other of leds) other.ariaPressed = String(other === button);
  });
}

/** What is set, whoever set it: the station says so in its status. */
async function learn() {
  const { match } = await port.request("status\n", { until: "status: led (\\w+), .* fan (\\d+)" });
  for (const button of leds) button.ariaPressed = String(button.dataset.led === match[1]);
  fan.value = match[2];
  element("fan-value").textContent = `${match[2]} %`;
}
let wasOpen = false;
port.watch((state) => {
  const isOpen = state?.state === "open";
  if (isOpen && !wasOpen) learn().catch(tell);
  wasOpen = isOpen;
});
