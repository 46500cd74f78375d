// EscapeGuard: what a terminal may be told by a device. Bytes in, well-formed and bounded terminal data out.
import { secondByteRange } from "./text.ts";

// The guard parses as the terminal does (ECMA-48, with C1 controls as UTF-8) and sends a sequence on only when it is whole
// and judged: whatever comes, in whatever pieces, the terminal never sees half a sequence, a huge parameter, or bad UTF-8.

/** The largest parameter of any CSI sequence. */
export const MOST_PARAMETER = 9999;
// Longer sequences and strings are noise or an attack; the terminal goes on with text behind them.
const MOST_SEQUENCE = 256;
const MOST_STRING = 4096;
// The work that one piece of output may ask for, in rows or cells touched; a terminal yields between pieces only.
const MOST_WORK = 2000;

const ENQ = 0x05;
const BEL = 0x07;
const LF = 0x0a;
const CR = 0x0d;
const ESC = 0x1b;
const DEL = 0x7f;
const CAN = 0x18;
const SUB = 0x1a;
const REPLACEMENT = [0xef, 0xbf, 0xbd];

// Final bytes that ask for nothing and cost nothing, whatever their parameters: colours, the cursor, erasing.
const HARMLESS = "ABCDEFGHJKadefmrsu`";

type State = "ground" | "escape" | "csi" | "string" | "string-escape";
/** What introduced a string, by its 7-bit final byte. */
type StringKind = "]" | "P" | "X" | "^" | "_";

/** What the guard is told with bytes. */
export interface Hearing {
  /** Device queries go through: the data is live and this page is the one that answers. */
  answers: boolean;
}

/** The terminal's size: no sequence has to do more than fill it. */
export interface Size {
  rows: number;
  cols: number;
}

/** Whether a CSI sequence asks the terminal to answer. `prefix` is its private marker or empty. */
export function isQuery(prefix: string, intermediates: string, final: string): boolean {
  if (final === "c" || final === "n" || final === "x") return intermediates === "";
  if (final === "p") return intermediates === "$";
  if (final === "q") return prefix === ">" && intermediates === "";
  return final === "u" && prefix === "?";
}

export class EscapeGuard {
  size: Size = { rows: 24, cols: 80 };

  #state: State = "ground";
  #out = new Uint8Array(1024);
  #length = 0;
  #pieces: Uint8Array[] = [];
  #work = 0;
  // The sequence or string under way, without its introducer.
  #held = "";
  // The parameters of the CSI sequence under way; short ones have numbers of at most four digits and nothing else.
  #parameters = new Uint8Array(MOST_SEQUENCE);
  #parameterBytes = 0;
  #digits = 0;
  #isShort = true;
  #string: StringKind = "]";
  // The UTF-8 character under way, and how many bytes it still needs.
  #character: number[] = [];
  #missing = 0;

  /** Lets bytes through; the pieces are to be written one by one. */
  filter(bytes: Uint8Array, hearing: Hearing): Uint8Array[] {
    this.#pieces = [];
    this.#work = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (this.#state === "ground" && this.#missing === 0 && byte >= 0x20 && byte < 0x7f) {
        this.#put(byte);
      } else {
        this.#take(byte, hearing);
      }
    }
    this.#cut();
    return this.#pieces;
  }

  /** Forgets what is half said: the next bytes do not follow the last ones. */
  reset(): void {
    this.#state = "ground";
    this.#held = "";
    this.#missing = 0;
    this.#character = [];
  }

  #take(byte: number, hearing: Hearing): void {
    if (this.#missing > 0) {
      const [low, high] =
        this.#character.length === 1
          ? secondByteRange(this.#character[0] as number)
          : ([0x80, 0xbf] as const);
      if (byte >= low && byte <= high) {
        this.#character.push(byte);
        if (--this.#missing === 0) this.#takeCharacter(hearing);
        return;
      }
      this.#damaged(this.#character.length);
    }
    if (byte < 0x80) this.#takeAscii(byte, hearing);
    else this.#beginCharacter(byte);
  }

  #beginCharacter(byte: number): void {
    const more = byte >= 0xc2 && byte < 0xe0 ? 1 : byte >= 0xe0 && byte < 0xf0 ? 2 : 0;
    this.#missing = more || (byte >= 0xf0 && byte < 0xf5 ? 3 : 0);
    this.#character = [byte];
    if (this.#missing === 0) this.#damaged(1);
  }

  #damaged(count: number): void {
    this.#missing = 0;
    this.#character = [];
    if (this.#isString()) this.#hold("\ufffd");
    else {
      this.#state = "ground";
      for (let i = 0; i < count; i++) for (const byte of REPLACEMENT) this.#put(byte);
    }
  }

  #takeCharacter(hearing: Hearing): void {
    const bytes = this.#character;
    this.#character = [];
    const c1 = bytes.length === 2 && bytes[0] === 0xc2 && (bytes[1] as number) < 0xa0;
    if (c1) {
      this.#takeC1(bytes[1] as number, hearing);
    } else if (this.#isString()) {
      this.#hold(new TextDecoder().decode(Uint8Array.from(bytes)));
    } else {
      this.#state = "ground";
      for (const byte of bytes) this.#put(byte);
    }
  }

  // C1 controls are the 7-bit escapes ESC @ to ESC _ in one character.
  #takeC1(code: number, hearing: Hearing): void {
    this.#takeAscii(ESC, hearing);
    this.#takeAscii(code - 0x40, hearing);
  }

  #takeAscii(byte: number, hearing: Hearing): void {
    if (byte === CAN || byte === SUB) {
      this.#state = "ground";
      return;
    }
    switch (this.#state) {
      case "ground":
        if (byte === ESC) this.#begin("escape");
        else this.#control(byte);
        return;
      case "escape":
        return this.#takeEscape(byte);
      case "csi":
        return this.#takeCsi(byte, hearing);
      case "string":
        if (byte === ESC) this.#state = "string-escape";
        else if (byte === BEL && this.#string === "]") this.#endString("\u0007", hearing);
        else if (this.#string === "]" && (byte === LF || byte === CR)) this.#giveUp(byte);
        else this.#hold(String.fromCharCode(byte));
        return;
      case "string-escape":
        if (byte === 0x5c) return this.#endString("\u001b\\", hearing);
        // Any other escape ends the string unheard.
        this.#begin("escape");
        return this.#takeEscape(byte);
    }
  }

  #takeEscape(byte: number): void {
    if (byte === ESC) return this.#begin("escape");
    if (byte < 0x20 || byte === 0x7f) return this.#control(byte);
    const character = String.fromCharCode(byte);
    if (byte < 0x30) return this.#hold(character);
    if (this.#held === "") {
      if (character === "[") return this.#begin("csi");
      if (character === "\\") return this.#begin("ground");
      if ("]PX^_".includes(character)) {
        this.#begin("string");
        this.#string = character as StringKind;
        return;
      }
    }
    // DECID asks for the terminal's identity as CSI c does; what answers that is CSI c alone.
    if (!(this.#held === "" && character === "Z")) this.#send(`\u001b${this.#held}${character}`);
    this.#state = "ground";
  }

  #takeCsi(byte: number, hearing: Hearing): void {
    if (byte === ESC) return this.#begin("escape");
    if (byte < 0x20 || byte === 0x7f) return this.#control(byte);
    if (byte < 0x40) return this.#holdParameter(byte);
    this.#state = "ground";
    const character = String.fromCharCode(byte);
    if (this.#isShort && HARMLESS.includes(character)) return this.#sendParameters(byte);
    const held = String.fromCharCode(...this.#parameters.subarray(0, this.#parameterBytes));
    const parts = /^([<-?]?)([\d;:]*)([ -/]*)$/.exec(held);
    if (!parts) return;
    const [, prefix = "", parameters = "", intermediates = ""] = parts;
    if (isQuery(prefix, intermediates, character) && !hearing.answers) return;
    // XTWINOPS: moves, sizes and names windows, and asks about them.
    if (character === "t") return;
    const bounded = this.#bound(prefix, parameters, intermediates, character);
    if (bounded !== null) this.#send(`\u001b[${prefix}${bounded}${intermediates}${character}`);
  }

  // Most sequences are colours: they are judged byte by byte, and no text is made of them.
  #holdParameter(byte: number): void {
    this.#parameters[this.#parameterBytes++] = byte;
    this.#digits = byte >= 0x30 && byte <= 0x39 ? this.#digits + 1 : 0;
    if (byte < 0x30 || byte > 0x3b || this.#digits > 4) this.#isShort = false;
    if (this.#parameterBytes === MOST_SEQUENCE) this.#begin("ground");
  }

  #sendParameters(final: number): void {
    this.#put(ESC);
    this.#put(0x5b);
    for (let i = 0; i < this.#parameterBytes; i++) this.#put(this.#parameters[i] as number);
    this.#put(final);
  }

  #bound(prefix: string, parameters: string, intermediates: string, final: string): string | null {
    const { rows, cols } = this.size;
    let most = MOST_PARAMETER;
    let work = 0;
    if (prefix === "" && "LMST".includes(final)) most = rows;
    else if (prefix === "" && "bIZ@PX".includes(final)) most = cols;
    else if (intermediates === "'" || (intermediates === " " && final !== "q")) most = cols;
    let list = parameters.split(/([;:])/);
    // Focus reports (1004) would be sent by every open page, also by those that only look on.
    if (prefix === "?" && (final === "h" || final === "l") && intermediates === "") {
      list = parameters.split(";").filter((mode) => Number(mode) !== 1004);
      if (list.length === 0) return null;
      list = list.flatMap((mode, i) => (i === 0 ? [mode] : [";", mode]));
    }
    const bounded = list.map((part) => {
      if (part === "" || part === ";" || part === ":") return part;
      const value = Math.min(Number(part), most);
      work = Math.max(work, value);
      return String(value);
    });
    if (most !== MOST_PARAMETER) this.#work += intermediates === "'" ? rows : work;
    return bounded.join("");
  }

  #endString(terminator: string, hearing: Hearing): void {
    this.#state = "ground";
    const text = this.#held;
    if (this.#string === "]" && mayPassOsc(text, hearing))
      this.#send(`\u001b]${text}${terminator}`);
    // DECRQSS is the one device control string that the terminal knows; it is a query.
    if (this.#string === "P" && hearing.answers && /^\$q[ -~]{1,8}$/.test(text))
      this.#send(`\u001bP${text}${terminator}`);
  }

  // No command for a terminal has line ends in it: this was noise, and what follows is text.
  #giveUp(byte: number): void {
    this.#begin("ground");
    this.#control(byte);
  }

  // A control does its work at once, also within a sequence. ENQ would be answered; DEL means nothing.
  #control(byte: number): void {
    if (byte !== ENQ && byte !== DEL) this.#put(byte);
  }

  #begin(state: State): void {
    this.#state = state;
    this.#held = "";
    this.#parameterBytes = 0;
    this.#digits = 0;
    this.#isShort = true;
  }

  #isString(): boolean {
    if (this.#state === "string-escape") this.#begin("ground");
    return this.#state === "string";
  }

  #hold(text: string): void {
    this.#held += text;
    const most = this.#state === "string" ? MOST_STRING : MOST_SEQUENCE;
    if (this.#held.length > most) this.#begin("ground");
  }

  #send(sequence: string): void {
    for (const byte of encoder.encode(sequence)) this.#put(byte);
    if (this.#work >= MOST_WORK) {
      this.#cut();
      this.#work = 0;
    }
  }

  #put(byte: number): void {
    if (this.#length === this.#out.length) {
      const grown = new Uint8Array(this.#out.length * 2);
      grown.set(this.#out);
      this.#out = grown;
    }
    this.#out[this.#length++] = byte;
  }

  #cut(): void {
    if (this.#length > 0) this.#pieces.push(this.#out.slice(0, this.#length));
    this.#length = 0;
  }
}

const encoder = new TextEncoder();

// Colours (4, 10-12 and their resets) and web links (8) pass; titles, the clipboard and all else do not.
function mayPassOsc(text: string, hearing: Hearing): boolean {
  const [, number = "", rest = ""] = /^(\d{1,4})(?:;(.*))?$/s.exec(text) ?? [];
  if (/^(4|10|11|12)$/.test(number)) return hearing.answers || !rest.includes("?");
  if (/^(104|110|111|112)$/.test(number)) return true;
  if (number !== "8") return false;
  const address = rest.slice(rest.indexOf(";") + 1);
  return address === "" || isWebAddress(address);
}

/** Whether an address is one that a page may offer to open. */
export function isWebAddress(address: string): boolean {
  try {
    return /^https?:$/.test(new URL(address).protocol);
  } catch {
    return false;
  }
}
