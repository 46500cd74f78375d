// PlotPage: the plot of a port as a person finds it, by what things are called.

import type { Download, Locator, Page } from "playwright-core";

export class PlotPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get pane(): Locator {
    return this.page.getByRole("region", { name: /^Plot of / });
  }

  /** Where the curves are; it takes keys. */
  get area(): Locator {
    return this.pane.getByRole("slider", { name: /^Plot of / });
  }

  button(name: string): Locator {
    return this.pane.getByRole("button", { name, exact: true });
  }

  async open(): Promise<void> {
    await this.page.getByRole("button", { name: "Plot", exact: true }).click();
    await this.area.waitFor();
  }

  /** Shows the newest so much. */
  async show(time: string): Promise<void> {
    await this.pane.getByLabel("Time in the plot").selectOption(time);
  }

  /** A series in the legend. */
  legend(name: string): Locator {
    return this.pane
      .getByRole("list", { name: "Series" })
      .getByRole("button")
      .filter({ has: this.page.getByText(name, { exact: true }) });
  }

  /** The names in the legend. */
  series(): Promise<string[]> {
    return this.pane.getByRole("list", { name: "Series" }).locator(".name").allInnerTexts();
  }

  /** What the legend says of a series. */
  async value(name: string): Promise<string> {
    return (await this.legend(name).locator(".value").textContent()) ?? "";
  }

  /** The row of a series in the table of figures, without its name. */
  async figures(name: string): Promise<string> {
    const row = this.pane
      .getByRole("row")
      .filter({ has: this.page.getByText(name, { exact: true }) });
    return (await row.getByRole("cell").allInnerTexts()).join(" ");
  }

  /** What it says instead of curves. */
  async notice(): Promise<string> {
    return (await this.pane.getByRole("status").allInnerTexts()).join("\n");
  }

  /** The curves' pixels, as one text to compare. */
  curves(): Promise<string> {
    return this.pane.locator("canvas.curves").evaluate((canvas) => {
      return (canvas as HTMLCanvasElement).toDataURL();
    });
  }

  /** Saves what is seen. */
  async save(what: string): Promise<Download> {
    await this.button("Save the plot").click();
    const download = this.page.waitForEvent("download");
    await this.pane.getByRole("button", { name: what }).click();
    return download;
  }
}
