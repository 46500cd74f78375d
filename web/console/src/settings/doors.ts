// The doors for programs in words: what each is, and the lines with which people use one that is open.
import type { Doors } from "seriald";

export interface Door {
  kind: keyof Doors;
  name: string;
  about: string;
}

export const DOORS: readonly Door[] = [
  { kind: "rfc2217", name: "RFC 2217", about: "Bytes, settings and control lines" },
  { kind: "tcp", name: "Raw TCP", about: "Bytes and nothing else" },
];

/** A line to be copied, and the program that it is for. */
export interface Use {
  program: string;
  line: string;
}

const TLS = "tls://";
const ANY = /^(0\.0\.0\.0|\[::\])(?=:)/;
const LOOPBACK = /^(127\.[\d.]+|localhost|\[::1\])$/;

/** How programs reach a door that listens at an address, as somebody sees it who has the page from `host`. */
export function usesOf(kind: keyof Doors, listens: string, host: string): Use[] {
  const bare = listens.startsWith(TLS) ? listens.slice(TLS.length) : listens;
  const address = bare.replace(ANY, host);
  const uses = (bare === listens ? PLAIN : WITHIN_TLS)[kind](address);
  const own = address.slice(0, address.lastIndexOf(":"));
  // From elsewhere this machine has to be brought nearer first.
  return LOOPBACK.test(own) && !LOOPBACK.test(host)
    ? [...uses, { program: "From elsewhere, first", line: tunnel(address, host) }]
    : uses;
}

function rfc2217(address: string): Use[] {
  return [
    { program: "Address", line: `rfc2217://${address}` },
    { program: "pyserial", line: `serial.serial_for_url("rfc2217://${address}")` },
    { program: "esptool", line: `esptool --port rfc2217://${address} flash-id` },
  ];
}

function tcp(address: string): Use[] {
  return [
    { program: "Address", line: `socket://${address}` },
    { program: "socat", line: `socat -,rawer TCP:${address}` },
    { program: "As a device file", line: `socat PTY,link=/tmp/tty,rawer TCP:${address}` },
  ];
}

function rfc2217WithinTls(address: string): Use[] {
  return [
    { program: "Address", line: `rfc2217+tls://${address}` },
    {
      program: "Brought nearer",
      line: `socat TCP-LISTEN:4000,bind=127.0.0.1,fork OPENSSL:${address}`,
    },
    { program: "pyserial, then", line: 'serial.serial_for_url("rfc2217://127.0.0.1:4000")' },
  ];
}

function tcpWithinTls(address: string): Use[] {
  return [
    { program: "Address", line: `${TLS}${address}` },
    { program: "socat", line: `socat -,rawer OPENSSL:${address}` },
    { program: "As a device file", line: `socat PTY,link=/tmp/tty,rawer OPENSSL:${address}` },
  ];
}

const PLAIN = { rfc2217, tcp };
const WITHIN_TLS = { rfc2217: rfc2217WithinTls, tcp: tcpWithinTls };

function tunnel(address: string, host: string): string {
  const port = address.slice(address.lastIndexOf(":") + 1);
  return `ssh -L ${port}:${address} ${host.replace(/^\[(.*)\]$/, "$1")}`;
}
