#!/usr/bin/env python3
"""A test of a board on a serial port, for CI: needs seriald and Python 3.8, nothing else.

    seriald demo                     # or with your board: seriald board=/dev/ttyUSB0@115200
    python3 test_board.py sensor

SERIALD_URL says where the server is, SERIALD_TOKEN holds its token, if it asks for one.
Exits with 0 if the board does what it should, with 1 if not: then it prints what the board said
meanwhile; and with 2 if it could not be asked.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from urllib.parse import quote, urlencode


class Failure(Exception):
    """The board did not do what it should."""


class Board:
    """A port of the server."""

    def __init__(self, name):
        self.server = os.environ.get("SERIALD_URL", "http://127.0.0.1:8080").rstrip("/")
        self.name = name

    def ask(self, method, path, wish=None, patience=30):
        """Asks the server; gives the answer as an object of http.client."""
        # Others see this name beside what the test does.
        job = os.environ.get("SERIALD_JOB") or os.environ.get("CI_JOB_NAME", "test_board.py")
        headers = {"Seriald-Name": job}
        if "SERIALD_TOKEN" in os.environ:
            headers["Authorization"] = "Bearer " + os.environ["SERIALD_TOKEN"]
        body = None
        if wish is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(wish).encode()
        request = urllib.request.Request(self.server + path, body, headers, method=method)
        return urllib.request.urlopen(request, timeout=patience)

    def at_port(self, what):
        return f"/api/v1/ports/{quote(self.name)}/{what}"

    def ports(self):
        """The names of all ports with their states."""
        with self.ask("GET", "/api/v1/ports") as answer:
            return {port["name"]: port["state"] for port in json.load(answer)}

    def mark(self, text):
        """Pins a text to the present moment; gives its offset in the journal."""
        with self.ask("POST", self.at_port("marks"), {"text": text}) as answer:
            return json.load(answer)["offset"]

    def run(self, *steps, patience=60):
        """Has the server take steps, exactly in time, and gives what each wait was answered with."""
        replies = []
        with self.ask("POST", self.at_port("run"), {"steps": steps}, patience) as answer:
            for line in answer:
                told = json.loads(line) if line.strip() else {}
                if told.get("type") == "error":
                    raise Failure(f"{told['message']}; it said {told.get('text', '')!r}")
                if "text" in told:
                    replies.append(told["text"])
        return replies

    def expect(self, text, until, timeout=5000):
        """Writes a line and waits for the reply; gives the groups of the regular expression `until`."""
        wish = {"text": text + "\n", "until": until, "timeout": timeout}
        try:
            with self.ask("POST", self.at_port("expect"), wish, 30 + timeout / 1000) as answer:
                return json.load(answer)["match"][1:]
        except urllib.error.HTTPError as error:
            problem = json.load(error)
            if problem["code"] != "timed-out":
                raise Failure(problem["detail"]) from error
            raise Failure(f"no {until!r} after {text!r}; it said {problem['text']!r}") from error

    def log(self, offset):
        """Everything that passed over the port since then, line by line with times."""
        path = self.at_port("history?") + urlencode({"from": offset})
        with self.ask("GET", path) as answer:
            return answer.read().decode(errors="replace")


def check(board):
    """What the board should do. This part is yours."""
    # A board without a command for it is reset by its lines: {"pulse": "esp-reset"}.
    board.run({"send": "reset\n"}, {"wait": "ready", "timeout": 10000})
    (led,) = board.expect("led on", r"ok: led (\w+)")
    if led != "on":
        raise Failure(f"the light is {led}")
    board.expect("status", r"status: led on, rate 2, fan 0")


def main():
    board = Board(sys.argv[1] if len(sys.argv) > 1 else "sensor")
    try:
        states = board.ports()
        if states.get(board.name) != "open":
            listed = ", ".join(f"{name} ({state})" for name, state in states.items())
            print(f"{board.name} is not open; there are: {listed or 'no ports'}", file=sys.stderr)
            return 2
        begin = board.mark("the test begins")
        try:
            check(board)
        except Failure as failure:
            board.mark(f"failed: {failure}"[:1000])
            print(f"FAILED: {failure}\n--- what passed over {board.name}:", file=sys.stderr)
            print(board.log(begin), end="", file=sys.stderr)
            return 1
    except urllib.error.HTTPError as error:
        print(f"{error}: {error.read().decode()}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{board.server}: {error}", file=sys.stderr)
        return 2
    print(f"{board.name} does what it should")
    return 0


if __name__ == "__main__":
    sys.exit(main())
