// PNG: a plot as a picture, with title and legend, as sharp as on the screen.
import { DASHES } from "./dashes.ts";
import type { PlotCanvas } from "./plot-canvas.ts";
import { layOut, MARGIN, type PlotSheet, SWATCH, TITLE_HEIGHT } from "./plot-sheet.ts";

/** The file. */
export async function pngOf(sheet: PlotSheet, drawn: PlotCanvas): Promise<Blob> {
  const { title, width, inks } = sheet;
  const { entries, height } = layOut(sheet);
  const ratio = devicePixelRatio;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser does not draw on a canvas.");
  context.fillStyle = inks.surface;
  context.fillRect(0, 0, canvas.width, canvas.height);
  drawn.paintOn(context, 0, Math.round(TITLE_HEIGHT * ratio));
  context.scale(ratio, ratio);
  context.fillStyle = inks.text;
  context.font = "600 14px system-ui, sans-serif";
  context.fillText(title, MARGIN, 20);
  context.font = "12px system-ui, sans-serif";
  context.lineWidth = 3;
  for (const { series, text, x, y } of entries) {
    context.strokeStyle = `rgb(${inks.series[series.colour - 1]?.join(" ")})`;
    context.setLineDash([...(DASHES[series.dash % DASHES.length] ?? [])]);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + SWATCH, y);
    context.stroke();
    context.fillText(text, x + SWATCH + 6, y + 4);
  }
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (!blob) throw new Error("This browser could not make a picture of the plot.");
  return blob;
}
