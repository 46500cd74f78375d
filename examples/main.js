// Leads to each example with the port that it is for, where there is one.
import { connect } from "/sdk.js";

const client = connect({ name: "examples" });

client.on("pages", (pages) => {
  for (const line of document.querySelectorAll("[data-path]")) {
    const bound = pages.find(({ path }) => path === line.dataset.path)?.ports ?? [];
    // In the order in which the server has them.
    const ports = [...client.ports.keys()].filter((name) => bound.includes(name));
    const [port] = ports;
    line.textContent = port ? `for ${ports.join(", ")}` : "its device is not here";
    line.closest("a").search = port ? `?port=${port}` : "";
  }
});
