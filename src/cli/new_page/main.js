// Shows what a device says and the values in it, and sends what you type.
// Change something and save: the page follows. All that the SDK can do is at https://github.com/seriald/seriald/tree/main/web/sdk
import { connect } from "/sdk.js";

const client = connect({ name: document.title });
// The port that the page's address tells (?port=NAME), or else the first one.
const port = client.port();

const element = (id) => document.getElementById(id);

// How the connection to the server is, and how the server's to the device.
function showState() {
  const { state, error } = port.state ?? {};
  const words = {
    connecting: "connecting",
    offline: "the server is away; it is tried again by itself",
    refused: client.error?.message,
    online: error?.message ?? state ?? "there is no such port",
  };
  element("name").textContent = port.name || "No port";
  element("state").textContent = words[client.status];
  element("state").className = client.status === "online" && state === "open" ? "good" : "bad";
  element("open").hidden = state !== "closed" && state !== "released";
}
client.on("status", showState);
client.on("ports", showState);
port.watch(showState);

// Each value that is found in a line has a tile, for instance for: temp:21.5 hum:40
async function showValues() {
  const tiles = new Map();
  for await (const { values, units } of port.values({ from: -4000 })) {
    for (const [name, value] of Object.entries(values)) {
      if (!tiles.has(name)) tiles.set(name, addTile(name));
      tiles.get(name).textContent = Number.isNaN(value) ? "–" : `${value} ${units[name] ?? ""}`;
    }
  }
}

function addTile(name) {
  const tile = document.createElement("div");
  const label = document.createElement("span");
  const number = document.createElement("output");
  label.textContent = name;
  tile.append(label, number);
  element("values").append(tile);
  return number;
}

// The last lines, from a little before now on.
async function showLines() {
  const log = element("log");
  for await (const { text } of port.lines({ from: -4000 })) {
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    log.append(`${text}\n`);
    while (log.childNodes.length > 1000) log.firstChild.remove();
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  }
}

function tell(error) {
  element("state").textContent = error.message;
  element("state").className = "bad";
}

element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = element("text").value;
  port.write(`${text}\n`).then(() => element("form").reset(), tell);
});

element("open").addEventListener("click", () => port.open().catch(tell));

showValues().catch(tell);
showLines().catch(tell);
