#!/usr/bin/env bash
# Flashes a board with its own flasher and looks whether it starts: where seriald is installed and
# the board is plugged in.
#
#     ./flash_board.sh board esptool --port {} write_flash 0 firmware.bin
#
# seriald frees the device, runs the flasher on it ({} is its path), and takes it back. Whoever
# watches stays and sees the board start. BOARD_SAYS is what it answers to `version`, as a regular
# expression: three numbers, unless you say it.
set -euo pipefail

port=$1
shift
here=(--server "${SERIALD_URL:-http://127.0.0.1:8080}")

seriald lend "${here[@]}" "$port" -- "$@"
seriald send "${here[@]}" "$port" version --expect "${BOARD_SAYS:-[0-9]+\.[0-9]+\.[0-9]+}" --timeout 10000
