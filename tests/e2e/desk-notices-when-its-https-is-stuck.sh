#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Where the desk speaks HTTPS itself, the sign of life that systemd waits for comes from both of its servers: with the threads of https stopped, one by
# one from outside, and those of http answering as ever, there is none, and the log says so. Connections of one address are counted over both.
. tests/desk/lib.sh
[ "$(id -u)" = 0 ] || skip "threads are stopped by root only"
desk_media
fake_up
mkdir "$TMPDIR/tls"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=desk -addext 'subjectAltName=IP:127.0.0.1' \
    -keyout "$TMPDIR/tls/tls-key" -out "$TMPDIR/tls/tls-certificate" 2>/dev/null
export CURL_CA_BUNDLE=$TMPDIR/tls/tls-certificate
python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True: print(s.recv(200).decode(), flush=True)' "$TMPDIR/notify" >"$TMPDIR/said" &
OTHER=$!
within 20 "somebody listens" test -S "$TMPDIR/notify"
for try in 1 2 3 4 5; do
    port=$(free_port)
    CREDENTIALS_DIRECTORY=$TMPDIR/tls NOTIFY_SOCKET=$TMPDIR/notify WATCHDOG_USEC=1000000 \
        listen 127.0.0.1:$port https=127.0.0.1:$((port + 1)) ghat-desk -s "$TMPDIR/desk.sock" -l en >"$TMPDIR/desk.log" 2>&1 &
    DESK_PID=$!
    within 20 "the desk is ready, or it ended" grep -E 'event=(ready|ended)|Address' "$TMPDIR/desk.log"
    ! grep event=ready "$TMPDIR/desk.log" || break
done
PLAIN=http://127.0.0.1:$port DESK=https://127.0.0.1:$((port + 1))
signs() { grep -c WATCHDOG=1 "$TMPDIR/said" || :; }
more() { [ "$(signs)" -gt "$1" ]; }
step "both alive"
within 20 "signs of life" more 2
step "one address has so many connections, over both"
cat >"$TMPDIR/crowd.py" <<'PY'
import os, socket, sys, time
plain, secure = int(sys.argv[1]), int(sys.argv[2])
def connect(port):
    s = socket.socket()
    s.bind(('127.0.0.77', 0))
    s.connect(('127.0.0.1', port))
    return s
def open_(held):
    n = 0
    for s in held:
        s.setblocking(False)
        try:
            n += s.recv(1) != b''
        except BlockingIOError:
            n += 1
        except OSError:
            pass
    return n
def taken():
    return len(os.listdir(f'/proc/{sys.argv[3]}/fd'))
def within_a_minute(holds):
    end = time.monotonic() + 60
    while not holds() and time.monotonic() < end:
        time.sleep(0.1)
before = taken()
first = [connect(plain) for _ in range(60)]
within_a_minute(lambda: taken() >= before + 60)
rest = [connect(secure) for _ in range(520)]
within_a_minute(lambda: open_(rest) <= 460)
n, m = open_(first), open_(rest)
print(n, m)
assert n == 60, 'those that were there first'
assert 440 <= m <= 460, 'over both at most 512, give or take what comes in the same moment'
PY
python3 "$TMPDIR/crowd.py" "$port" $((port + 1)) "$DESK_PID" || die "not counted together"
same "another address" "$(status_of rina /q)" 200
step "https stopped, http not"
cat >"$TMPDIR/stop.py" <<'PY'
import ctypes, os, sys, time
pid, listener = int(sys.argv[1]), int(sys.argv[2])
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
SEIZE, INTERRUPT = 0x4206, 0x4207
stopped = set()
end = time.monotonic() + 30
while len(stopped) < 4 and time.monotonic() < end:
    for tid in map(int, os.listdir(f'/proc/{pid}/task')):
        if tid in stopped:
            continue
        call = open(f'/proc/{pid}/task/{tid}/syscall').read().split()
        if call[0] not in ('232', '281', '22'): # epoll_wait, epoll_pwait; aarch64's
            continue
        watches = open(f'/proc/{pid}/fdinfo/{int(call[1], 16)}').read()
        if not any(l.split()[:2] == ['tfd:', str(listener)] for l in watches.splitlines()):
            continue
        if libc.ptrace(SEIZE, tid, None, None) < 0:
            print('no ptrace', flush=True)
            sys.exit(0)
        libc.ptrace(INTERRUPT, tid, None, None)
        stopped.add(tid)
print('stopped', len(stopped), flush=True)
time.sleep(600)
PY
python3 "$TMPDIR/stop.py" "$DESK_PID" 4 >"$TMPDIR/stopped" &
STOPPER=$!
within 40 "threads are stopped" grep -E 'stopped|no ptrace' "$TMPDIR/stopped"
! seen 'no ptrace' "$TMPDIR/stopped" || { kill $OTHER; skip "nothing may be traced here"; }
seen 'stopped 4' "$TMPDIR/stopped" || die "$(cat "$TMPDIR/stopped")"
same "http" "$(DESK=$PLAIN status_of rina /q)" 200
within 30 "the log says so" grep -E 'event=stuck .*https does not answer' "$TMPDIR/desk.log"
n=$(signs)
read -rt 3 <> <(:) || :
same "signs of life since" "$(signs)" "$n"
step "it goes on"
kill $STOPPER
wait $STOPPER || :
within 30 "signs of life again" more "$n"
same "https" "$(status_of rina /q)" 200
kill $OTHER
wait $OTHER || :
