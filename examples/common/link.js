// Link: tells how it stands with the server and the device, and offers the way out.

/** What there is to say: how it is (open, soon, away), in words, and a button for the way out. */
function situation(client, port) {
  const name = port.name || "the port";
  const { state, error } = port.state ?? {};
  switch (client.status) {
    case "connecting":
      return { is: "soon", words: "Connecting …" };
    case "offline":
      return { is: "away", words: "The server is away.", act: "Try now", do: () => client.retry() };
    case "refused":
      return {
        is: "away",
        words: client.error.message,
        act: "Try again",
        do: () => client.retry(),
      };
  }
  switch (state) {
    case "open":
      return { is: "open", words: `${name} is connected` };
    case "opening":
      return { is: "soon", words: `Opening ${name} …` };
    case "closed":
      return { is: "soon", words: `${name} is not open.`, act: "Open", do: () => port.open() };
    case "released":
      return {
        is: "away",
        words: `Another program has ${name}.`,
        act: "Take it back",
        do: () => port.open(),
      };
    case "waiting":
      return { is: "away", words: error?.message ?? `${name} is away.` };
    default:
      return { is: "away", words: `There is no port ${port.name || "yet"}.` };
  }
}

/** Shows it in `element`, now and after each change, and says whether the port is open. */
export function showLink(element, client, port, opened = () => {}) {
  const words = document.createElement("span");
  const button = document.createElement("button");
  words.setAttribute("role", "status");
  element.classList.add("link");
  element.replaceChildren(words, button);

  // A port's state changes with every byte; this is said only when it is something else.
  let said = "";
  let isOpen;
  function show() {
    const now = situation(client, port);
    if (said !== now.words) {
      said = now.words;
      element.dataset.is = now.is;
      words.textContent = now.words;
      button.hidden = !now.act;
      button.textContent = now.act ?? "";
      button.onclick = () => Promise.resolve(now.do()).catch(() => {});
    }
    if (isOpen !== (now.is === "open")) {
      isOpen = now.is === "open";
      opened(isOpen);
    }
  }

  client.on("status", show);
  client.on("ports", show);
  port.watch(show);
}
