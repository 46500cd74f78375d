#!/usr/bin/env bash
# A test of a board on a serial port, for CI: needs seriald somewhere, and bash and curl here.
#
#     seriald demo                 # or with your board: seriald board=/dev/ttyUSB0@115200
#     ./test_board.sh sensor
#
# SERIALD_URL says where the server is, SERIALD_TOKEN holds its token, if it asks for one.
# Exits with 0 if the board does what it should, with 1 if not: then it prints what the board said
# meanwhile; and with 2 if it could not be asked.
set -euo pipefail

port=${1:-sensor}
url=${SERIALD_URL:-http://127.0.0.1:8080}/api/v1/ports/$port
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# Asks the server; the answer's body goes to $answer, its status to stdout. The token is read from
# stdin, where no other user sees it.
ask() {
  local status
  status=$(printf 'header = "Authorization: Bearer %s"\n' "${SERIALD_TOKEN:-}" |
    curl -sS --config - --max-time 60 -o "$answer" -w '%{http_code}' \
      -H "Seriald-Name: ${SERIALD_JOB:-${CI_JOB_NAME:-test_board.sh}}" -H 'Content-Type: application/json' "$@") || exit 2
  printf '%s' "$status"
}

# Has the board asked: a wish for …/expect, as docs/rest.md has it.
expect() {
  case $(ask -d "$1" "$url/expect") in
    200) ;;
    504) fail "it did not answer $1" ;;
    *) refused ;;
  esac
}

refused() {
  cat "$answer" >&2
  exit 2
}

fail() {
  printf 'FAILED: %s\n--- what passed over %s:\n' "$1" "$port" >&2
  ask "$url/history?from=$begin" >/dev/null
  cat "$answer" >&2
  exit 1
}

[ "$(ask -d '{"text": "the test begins"}' "$url/marks")" = 201 ] || refused
begin=$(sed 's/.*"offset":\([0-9]*\).*/\1/' <"$answer")

# What the board should do. This part is yours. One without a command for it is reset by its lines:
# ask -d '{"steps": [{"pulse": "esp-reset"}, {"wait": "ready"}]}' "$url/run"
expect '{"text": "reset\n", "until": "ready", "timeout": 10000}'
expect '{"text": "led on\n", "until": "ok: led on"}'
expect '{"text": "status\n", "until": "status: led on, rate 2, fan 0"}'

echo "$port does what it should"
