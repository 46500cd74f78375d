// Parser: how values are found in what a device sends, as `docs/values.md` describes it.

/** What finds values by itself, without a table. */
export type ParserWord = "auto" | "teleplot" | "json" | "labels" | "columns";

export interface ColumnsParser {
  type: "columns";
  names?: string[];
  /** Between columns; found out where it is absent. */
  separator?: "," | ";" | "\t" | " ";
}

export interface RegexParser {
  type: "regex";
  /** In the syntax of Rust's `regex`. Each named group is a series; or the groups `name`, `value` and `unit` give one. */
  pattern: string;
  /** Units by series. */
  units?: Record<string, string>;
}

/** How records are told from each other. */
export type BinaryFrame =
  | { type: "fixed"; length: number; sync?: string }
  | { type: "cobs" }
  | { type: "slip" };

export type Endian = "little" | "big";

export type FieldType =
  | "u8"
  | "i8"
  | "u16"
  | "i16"
  | "u24"
  | "i24"
  | "u32"
  | "i32"
  | "u64"
  | "i64"
  | "f32"
  | "f64";

/** A number within a record: times `scale`, and then `plus`. */
export interface BinaryField {
  name: string;
  type: FieldType;
  endian?: Endian;
  /** Takes one bit of the number, 0 the lowest. */
  bit?: number;
  scale?: number;
  plus?: number;
  unit?: string;
}

/** Bytes that are passed over. */
export interface BinarySkip {
  skip: number;
}

export interface Checksum {
  type: "sum8" | "xor8" | "crc8" | "crc16-ccitt" | "crc16-modbus" | "crc16-xmodem" | "crc32";
  endian?: Endian;
  /** Leaves out so many bytes at the beginning. */
  from?: number;
}

export interface BinaryParser {
  type: "binary";
  frame: BinaryFrame;
  /** `little` unless told. */
  endian?: Endian;
  fields: (BinaryField | BinarySkip)[];
  checksum?: Checksum;
}

export type OneParser =
  | ParserWord
  | { type: Exclude<ParserWord, "columns"> }
  | ColumnsParser
  | RegexParser
  | BinaryParser;

/** One parser, or several whose values are taken together. */
export type Parser = OneParser | OneParser[];
