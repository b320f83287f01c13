#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""ask.py SOCKET REQUEST [FILE]: one request to ghatd as JSON; the answer on stdout, the bytes of the descriptor that came with it into FILE.
A preview that is being made is asked for again, as a page does, for a minute. Ends with 1 when the answer is a refusal."""
import array, json, os, socket, sys, time

def ask(path, request):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.settimeout(60)
    s.connect(path)
    s.sendall(request.encode() + b'\n')
    text, fds = b'', array.array('i')
    while not text.endswith(b'\n'):
        part, ancillary, _, _ = s.recvmsg(65536, socket.CMSG_LEN(4))
        if not part:
            break
        text += part
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds.frombytes(data[:4])
    return json.loads(text), fds[0] if fds else -1

path, request = sys.argv[1:3]
end = time.monotonic() + 60
while True:
    answer, fd = ask(path, request)
    if answer.get('why') != 'making' or time.monotonic() > end:
        break
    time.sleep(0.05)
if fd >= 0:
    with os.fdopen(fd, 'rb') as src, open(sys.argv[3] if len(sys.argv) > 3 else os.devnull, 'wb') as out:
        out.write(src.read())
print(json.dumps(answer))
sys.exit(0 if answer['ok'] else 1)
