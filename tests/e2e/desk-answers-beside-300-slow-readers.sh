#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# 300 clients of different addresses that read large videos and previews drop by drop, and 500 that only connected, all at once: an approver's pages
# are answered all the same, whole, and the readers still get their bytes.
. tests/desk/lib.sh
desk_media
truncate -s 48M "$TMPDIR/media/b.mp4" # more than sockets and the server take in advance
truncate -s 24M "$TMPDIR/media/a.jpg"
fake_up
desk_up
cat >"$TMPDIR/crowd.py" <<'PY'
import http.client, re, resource, socket, statistics, sys, time
port, session = int(sys.argv[1]), '__Host-ghat=' + sys.argv[2]
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
def page(path, source='127.0.0.1'):
    c = http.client.HTTPConnection('127.0.0.1', port, timeout=300, source_address=(source, 0))
    c.request('GET', path, headers={'Cookie': session})
    r = c.getresponse()
    body = r.read()
    c.close()
    return r.status, body
_, item = page('/i/3')
video = re.search(rb'/r/3/300/[0-9a-f]{16}', item)[0].decode()
_, queue = page('/q')
preview = re.search(rb'/p/[0-9]+/[0-9]+/[0-9a-f]{16}-360\.jpg', queue)[0].decode()
while page(preview + '?x')[0] == 503: # it is being made; asked for by its address alone below
    time.sleep(0.2)
def connect(i):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.bind((f'127.{1 + i // 250}.1.{1 + i % 250}', 0))
    s.settimeout(300)
    s.connect(('127.0.0.1', port))
    return s
readers = [connect(i) for i in range(300)]
for i, s in enumerate(readers):
    s.sendall(f'GET {preview if i % 2 else video} HTTP/1.1\r\nHost: x\r\nCookie: {session}\r\n\r\n'.encode())
for i, s in enumerate(readers):
    assert s.recv(12, socket.MSG_WAITALL) == b'HTTP/1.1 200', f'reader {i} gets no file'
idle = [connect(500 + i) for i in range(500)]
times = []
for n in range(40):
    start = time.monotonic()
    status, body = page(('/q', '/i/1', '/q?s=held', '/me')[n % 4])
    times.append(time.monotonic() - start)
    assert status == 200 and body.rstrip().endswith(b'</html>'), (n, status)
    for s in readers[n::40]:
        assert s.recv(512), 'a reader was cut off'
for i, s in enumerate(readers):
    assert len(s.recv(2048, socket.MSG_WAITALL)) == 2048, f'reader {i} was cut off'
print(f'{len(times)} pages beside {len(readers)} readers and {len(idle)} idle sockets: p50 {statistics.median(times) * 1000:.1f} ms, longest {max(times) * 1000:.1f} ms')
PY
step "a crowd of slow readers"
python3 "$TMPDIR/crowd.py" "${DESK##*:}" "$(printf '%64s' '' | tr ' ' a)"
step "$(awk '/VmRSS|Threads/ { printf "%s %s %s ", $1, $2, $3 }' /proc/$DESK_PID/status)"
same "afterwards" "$(status_of rina /q)" 200
