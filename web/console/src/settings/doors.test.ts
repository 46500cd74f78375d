import { describe, expect, it } from "vitest";
import { usesOf } from "./doors.ts";

const lines = (...args: Parameters<typeof usesOf>) => usesOf(...args).map(({ line }) => line);

describe("the lines for an open door", () => {
  it("have its address, of either family", () => {
    expect(lines("rfc2217", "127.0.0.1:4000", "localhost")).toEqual([
      "rfc2217://127.0.0.1:4000",
      'serial.serial_for_url("rfc2217://127.0.0.1:4000")',
      "esptool --port rfc2217://127.0.0.1:4000 flash-id",
    ]);
    expect(lines("tcp", "[::1]:4001", "[::1]")[1]).toBe("socat -,rawer TCP:[::1]:4001");
  });

  it("have the host that the page came from where it listens at all of its addresses", () => {
    expect(lines("tcp", "0.0.0.0:4001", "pi.lan")[0]).toBe("socket://pi.lan:4001");
    expect(lines("tcp", "[::]:4001", "pi.lan")).toHaveLength(3);
  });

  it("speak TLS where the door does", () => {
    expect(lines("tcp", "tls://0.0.0.0:4001", "pi.lan").slice(0, 2)).toEqual([
      "tls://pi.lan:4001",
      "socat -,rawer OPENSSL:pi.lan:4001",
    ]);
    expect(lines("rfc2217", "tls://pi.lan:4000", "pi.lan")[1]).toBe(
      "socat TCP-LISTEN:4000,bind=127.0.0.1,fork OPENSSL:pi.lan:4000",
    );
  });

  it("tell how a door of the server's own machine is reached from elsewhere", () => {
    expect(lines("tcp", "127.0.0.1:4001", "pi.lan").at(-1)).toBe(
      "ssh -L 4001:127.0.0.1:4001 pi.lan",
    );
    expect(lines("tcp", "127.0.0.1:4001", "127.0.0.1")).toHaveLength(3);
  });
});
