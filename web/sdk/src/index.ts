// The SDK's public face: serial ports of a seriald server in the browser or in Node.
export type { ReadOptions } from "./batches.ts";
export { Client, type ConnectOptions, connect } from "./client.ts";
export type { ClientListeners } from "./connection.ts";
export { SerialdError } from "./error.ts";
export type { Line, LinesOptions } from "./lines.ts";
export type { Port, WriteOptions, Written } from "./port.ts";
export type { SerialRecord, Why } from "./record.ts";
export type { SendOptions } from "./send.ts";
export type { Status } from "./socket.ts";
export type { Beginning, Sink, SubscribeOptions, Subscription } from "./subscription.ts";
export type {
  Flow,
  From,
  Hello,
  Identity,
  Limits,
  LineErrors,
  LinePolicy,
  LineSettings,
  Lines,
  Note,
  Offset,
  Parity,
  PortCondition,
  PortError,
  PortState,
  Recording,
  Right,
  Settings,
  StopBits,
  Usb,
  Viewer,
} from "./talk.ts";
