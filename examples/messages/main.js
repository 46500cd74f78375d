// A console of one's own: what a device says, line by line, and what people say to it.
import { connect } from "/sdk.js";
import { showLink } from "../common/link.js";

/** How much of what was said before is shown, in bytes. */
const BEFORE = 8000;
/** So many messages are kept. */
const MOST = 2000;

const client = connect({ name: "messages" });
const port = client.port();
const element = (id) => document.getElementById(id);
const [messages, command, newest, told] = ["messages", "command", "newest", "told"].map(element);

showLink(element("link"), client, port);

// --- What is said

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
let isAtEnd = true;
let top = 0;

/** Adds a message; `time` is in microseconds since the epoch. */
function add(time, text, kind = "") {
  const at = new Date(time / 1000);
  const item = document.createElement("li");
  const stamp = document.createElement("time");
  const words = document.createElement("span");
  stamp.dateTime = at.toISOString();
  // A phone has no room for them.
  const millis = document.createElement("small");
  millis.textContent = `.${String(at.getMilliseconds()).padStart(3, "0")}`;
  stamp.append(clock.format(at), millis);
  words.textContent = text;
  item.className = kind;
  item.append(stamp, words);
  messages.append(item);
  while (messages.childElementCount > MOST) messages.firstChild.remove();
}

function toEnd() {
  isAtEnd = true;
  messages.scrollTop = messages.scrollHeight;
}

// One look at the layout for all messages of a frame.
let isDue = false;
function follow() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    if (isAtEnd) toEnd();
    newest.hidden = isAtEnd;
  });
}

messages.addEventListener("scroll", () => {
  // Messages that came since are no reason to stay behind: only who goes up wants to.
  const isUp = messages.scrollTop < top;
  top = messages.scrollTop;
  const isNear = messages.scrollHeight - top - messages.clientHeight < 24;
  isAtEnd = isNear || (isAtEnd && !isUp);
  newest.hidden = isAtEnd;
});
newest.addEventListener("click", toEnd);
new ResizeObserver(follow).observe(messages);

/** Lines of a device, in pieces as they come in. */
class Lines {
  #decoder = new TextDecoder();
  #rest = "";
  #time = 0;

  *take(time, bytes) {
    if (this.#rest === "") this.#time = time;
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop();
    for (const line of lines) {
      yield [this.#time, line.replace(/\r$/, "")];
      this.#time = time;
    }
  }
}

// Records have all: what came in, what was typed by whom, and what is lost. For what comes in alone `port.lines()` is shorter.
const lines = new Lines();
port.subscribe(
  { from: -BEFORE },
  {
    records(batch) {
      for (const { kind, time, bytes, author, end, offset } of batch) {
        if (kind === "rx") for (const line of lines.take(time, bytes)) add(...line);
        if (kind === "tx")
          add(time, `${new TextDecoder().decode(bytes).trimEnd()}  (${author})`, "sent");
        if (kind === "gap") add(time, `${end - offset} bytes are not kept any more`, "lost");
      }
      follow();
    },
    error: (error) => {
      told.textContent = error.message;
    },
  },
);

element("times").addEventListener("change", ({ target }) => {
  messages.classList.toggle("without-times", !target.checked);
});
element("clear").addEventListener("click", () => messages.replaceChildren());

// --- What you say

/** What people sent to this port, oldest first, and how far back the arrow key has gone. */
let sent = [];
let back = 0;

client.on("hello", async () => {
  sent = await port.sent().catch(() => sent);
});

element("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = command.value;
  try {
    await port.write(`${text}\n`, { remember: text });
    told.textContent = "";
    command.value = "";
    if (text !== "" && text !== sent.at(-1)) sent.push(text);
    back = 0;
  } catch (error) {
    told.textContent = `“${text}” was not sent: ${error.message}`;
  }
});

command.addEventListener("keydown", (event) => {
  const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  back = Math.min(Math.max(back + step, 0), sent.length);
  command.value = back > 0 ? sent.at(-back) : "";
});
