"""The far end of a pty: says where its near end is, then carries stdin to it and what it is sent to stdout."""

import os
import sys
import threading
import tty

far, near = os.openpty()
tty.setraw(near)
print(os.ttyname(near), flush=True)


def carry(source: int, target: int) -> None:
    while data := os.read(source, 65536):
        while data:
            data = data[os.write(target, data) :]


threading.Thread(target=carry, args=(far, sys.stdout.fileno()), daemon=True).start()
carry(sys.stdin.fileno(), far)
