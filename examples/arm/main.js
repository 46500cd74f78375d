// A robot arm: sliders that follow it, poses, a sequence, and a stop that is always in reach.
import { connect } from "/sdk.js";
import { showLink } from "../common/link.js";
import { Joint } from "./joint.js";
import { draw } from "./picture.js";
import { CARRY, JOINTS, POSES } from "./poses.js";

const client = connect({ name: "robot arm" });
const port = client.port();
const element = (id) => document.getElementById(id);

function tell(error) {
  element("told").textContent = error.message;
}

/** Sends a text; without a device it says so. */
function send(text) {
  element("told").textContent = "";
  return port.write(text).catch(tell);
}

// --- Where it is

const joints = new Map(
  JOINTS.map((joint) => [
    joint.name,
    new Joint(joint, element("joints"), (place) => send(`${joint.name} ${place}\n`)),
  ]),
);

const places = { base: 90, shoulder: 90, elbow: 90, grip: 0 };
draw(element("picture"), places);

async function follow() {
  // Long enough ago to know where it is, even if it rests.
  for await (const { values } of port.values({ from: -200 })) {
    if (!JOINTS.every(({ name }) => Number.isFinite(values[name]))) continue;
    const isAtRest = JOINTS.every(({ name }) => values[name] === places[name]);
    for (const { name } of JOINTS) {
      places[name] = values[name];
      joints.get(name).show(values[name], isAtRest);
    }
    requestAnimationFrame(() => draw(element("picture"), places));
    const words = JOINTS.map(
      ({ name, title, unit }) => `${title} ${values[name].toFixed(0)} ${unit}`,
    );
    element("picture").setAttribute("aria-label", `The arm: ${words.join(", ")}`);
    const does = isAtRest ? "at rest" : "moving";
    // Said once, not with each place.
    if (element("does").textContent !== does) element("does").textContent = does;
  }
}
follow().catch(tell);

/** The arm answers every command, also those of others: so all pages know where it is to go. */
async function listen() {
  for await (const { text } of port.lines()) {
    const [, name, place] = /^ok: (\w+) ([\d.]+)$/.exec(text) ?? [];
    joints.get(name)?.aim(place);
    for (const joint of JOINTS) {
      if (text === "ok: home") joints.get(joint.name).aim(joint.home);
      if (text === "ok: stopped") joints.get(joint.name).aim(places[joint.name]);
    }
    if (text.startsWith("error: ")) tell({ message: text });
  }
}
listen().catch(tell);

// --- Poses and the sequence

for (const { title, text } of POSES) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = title;
  button.addEventListener("click", () => send(text));
  element("poses").append(button);
}

const carry = element("carry");
let carrying = null;

async function carryBox() {
  if (carrying) return carrying.abort();
  carrying = new AbortController();
  const { signal } = carrying;
  carry.textContent = "End the sequence";
  element("told").textContent = "";
  try {
    await port.run([{ repeat: element("again").checked ? "forever" : 1, steps: CARRY }], {
      signal,
    });
  } catch (error) {
    if (error.name !== "AbortError" && error.code !== "cancelled") tell(error);
  }
  carrying = null;
  carry.textContent = "Carry a box";
}
carry.addEventListener("click", carryBox);

// --- The stop

/** Ends all sequences, throws away what waits to be sent, whoever wrote it, and then stops the arm. */
async function stop() {
  for (const joint of joints.values()) joint.cancel();
  try {
    await port.halt();
  } finally {
    await port.write("stop\n");
  }
}

const stopButton = element("stop");
stopButton.addEventListener("click", () => stop().catch(tell));
// Wherever the focus is, and before anything else has the key.
addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape" || event.repeat) return;
    event.preventDefault();
    stopButton.focus();
    stop().catch(tell);
  },
  { capture: true },
);

const controls = document.querySelectorAll("main button");
showLink(element("link"), client, port, (isOpen) => {
  for (const joint of joints.values()) joint.disabled = !isOpen;
  for (const button of controls) button.disabled = !isOpen;
  element("does").textContent = isOpen ? "…" : "nobody knows: the arm cannot be reached";
});
