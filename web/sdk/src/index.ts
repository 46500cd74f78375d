// The SDK's public face: serial ports of a seriald server in the browser or in Node.
export type { ReadOptions } from "./batches.ts";
export type { Beginning, Listener, PlaceOptions, Subscription } from "./channel-reader.ts";
export type { Chart, ChartOptions, ChartSeries } from "./chart.ts";
export { Client, type ConnectOptions, connect } from "./client.ts";
export type { ClientListeners } from "./connection.ts";
export { SerialdError } from "./error.ts";
export type {
  FlashCommand,
  FlashEnd,
  Flasher,
  FlashNews,
  FlashOptions,
  FlashRun,
} from "./flasher.ts";
export { hex } from "./hex.ts";
export { jsonLines } from "./json-lines.ts";
export type { Line, LinesOptions } from "./lines.ts";
export type { Alert, For, PageListing, PanelListing } from "./listing.ts";
export type * from "./panel.ts";
export type { KeptPanel, PanelFile, PutOptions } from "./panel-file.ts";
export type * from "./parser.ts";
export type { End, Moment, Place } from "./place.ts";
export type { DoorsChange, Port, WriteOptions, Written } from "./port.ts";
export type { Readings, Series } from "./readings.ts";
export type { SerialRecord, Why } from "./record.ts";
export type { Reply, RequestOptions } from "./request.ts";
export type { SendOptions } from "./send.ts";
export type { AnySocket, AnySocketConstructor, Status } from "./socket.ts";
export type { Sink, SubscribeOptions } from "./subscription.ts";
export type {
  Asking,
  Doors,
  Flow,
  From,
  Hello,
  Identity,
  Limits,
  LineErrors,
  LinePolicy,
  LineSettings,
  Lines,
  Loan,
  Note,
  Offset,
  Parity,
  PortCondition,
  PortError,
  PortState,
  Recording,
  Right,
  Run,
  Settings,
  StopBits,
  Turn,
  TurnAct,
  TurnHolder,
  Usb,
  UseValue,
  Viewer,
} from "./talk.ts";
export type {
  Reading,
  SubscribeValuesOptions,
  ValuesOptions,
  ValuesSink,
} from "./values.ts";
