#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Five hundred idle connections, requests that come byte by byte or never end, peers that do not read, and one that floods: `ghat list`
# still answers, and a photo that is dropped meanwhile is staged.
. tests/e2e/lib.sh
configure
department Water water
start
cat >"$TMPDIR/nuisance.py" <<'PY'
import os, socket, sys, threading, time
path, kind = sys.argv[1:]
def dial():
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    return s
def refill(socks, n):
    while len(socks) < n:
        socks.append(dial())
if kind == 'idle':
    socks = []
    refill(socks, 500)
    print('up', flush=True)
    time.sleep(3600)
elif kind == 'half':
    socks = [dial() for _ in range(40)]
    for s in socks:
        s.sendall(b'{"request":"sta')
    print('up', flush=True)
    time.sleep(3600)
elif kind == 'slow':
    print('up', flush=True)
    while True:
        try:
            s = dial()
            for c in b'{"request":"list"' + b' ' * 1000:
                s.send(bytes([c]))
                time.sleep(0.05)
        except OSError:
            time.sleep(0.1)
elif kind == 'deaf':
    socks = [dial() for _ in range(20)]
    for s in socks:
        s.setblocking(False)
        try:
            while True:
                s.send(b'{"request":"help"}\n' * 100)
        except OSError:
            pass
    print('up', flush=True)
    time.sleep(3600)
elif kind == 'flood':
    def read(s):
        try:
            while s.recv(1 << 20):
                pass
        except OSError:
            pass
    print('up', flush=True)
    while True:
        try:
            s = dial()
            threading.Thread(target=read, args=(s,), daemon=True).start()
            while True:
                s.sendall(b'{"request":"list"}\n' * 3000)
        except OSError:
            time.sleep(0.1)
elif kind == 'garbage':
    print('up', flush=True)
    while True:
        try:
            s = dial()
            s.sendall(os.urandom(70000))
            s.close()
        except OSError:
            time.sleep(0.05)
PY
for kind in idle half slow deaf flood garbage; do
    python3 "$TMPDIR/nuisance.py" "$T/c.sock" $kind >"$TMPDIR/$kind" 2>&1 &
    HELPERS="$HELPERS $!"
    within 30 "$kind is there" grep -q up "$TMPDIR/$kind"
    step "ghat list beside: $kind"
    for _ in 1 2 3 4 5; do
        timeout $((10 * GHAT_SLOW)) ghat list >"$TMPDIR/out" || die "ghat list does not answer beside $kind"
    done
done
step "all of them at once, and work goes on"
cp "$(media photo.jpg)" "$T/srv/drop/Water/photo.jpg"
arrives photo.jpg staged 120
timeout $((10 * GHAT_SLOW)) ghat approve --whatever-is-there "$ID" >"$TMPDIR/out" || die "an approval does not get through"
within 60 "it is in the outbox" in_outbox "$ID"
rss=$(awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$DAEMON/status")
[ -n "${SAN:-}" ] || [ "$rss" -lt 150 ] || die "ghatd has grown to $rss MB"
