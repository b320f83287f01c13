#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# W10. No header makes somebody anybody: the desk knows people by their sessions alone. Where a request came from it takes from the connection; on a
# local socket, which only the proxy's group may open, from what that proxy added last. Logins of one address leave room for those of another.
. tests/desk/lib.sh
up
step "no header is a person"
for h in 'X-Remote-User: rina' 'Remote-User: rina' 'X-Forwarded-User: rina' 'X-Remote-Role: approver' 'Authorization: Basic cmluYTp4' 'X-Ghat-Session: '"$(printf '%64s' '' | tr ' ' a)"; do
    same "$h" "$(status_of '' /q -H "$h")" 303
done
address_of() { asked '.request == "login"' | tail -n 1 | jq -r .address; }
login() { curl -sS -o /dev/null -w '%{http_code}' --max-time $((30 * GHAT_SLOW)) -H 'Sec-Fetch-Site: same-origin' -d name=rina -d password=whatever "$@"; }
step "over TCP the address is the connection's"
same "login" "$(login "$DESK/login" -H 'X-Forwarded-For: 10.9.9.9' -H 'X-Real-IP: 10.9.9.9' -H 'Forwarded: for=10.9.9.9')" 303
same "address" "$(address_of)" 127.0.0.1
asked '.request == "login-begin"' | tail -n 1 | seen '"address":"127.0.0.1"' || die "ghatd is not told before it hashes where it comes from"

step "logins of one address leave room for another one's"
cat >"$TMPDIR/rush.py" <<'PY'
import os, signal, socket, sys, time
port, fake = int(sys.argv[1]), int(sys.argv[2])
body = b'name=rina&password=whatever'
ask = b'POST /login HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n' % len(body) + body
def login(address):
    s = socket.socket()
    s.bind((address, 0))
    s.settimeout(120)
    s.connect(('127.0.0.1', port))
    s.sendall(ask)
    return s
def status(s):
    data = b''
    while got := s.recv(65536):
        data += got
    return int(data.split(b' ')[1])
os.kill(fake, signal.SIGSTOP) # nobody's login comes to an end now
try:
    many = [login('127.0.0.2') for _ in range(40)]
    for s in many[9:]: # what is too much is sent away at once
        s.setblocking(True)
    end, away = time.monotonic() + 60, 0
    waiting = list(many)
    while away < 31 and time.monotonic() < end:
        for s in list(waiting):
            s.setblocking(False)
            try:
                if s.recv(1, socket.MSG_PEEK):
                    waiting.remove(s)
                    away += 1
            except BlockingIOError:
                pass
        time.sleep(0.05)
    assert away >= 31, f'only {away} of 40 logins of one address were sent away'
    other = login('127.0.0.3')
finally:
    os.kill(fake, signal.SIGCONT)
assert status(other) == 303, 'a flood from one address keeps another one out'
PY
python3 "$TMPDIR/rush.py" "${DESK##*:}" "$FAKE"

step "on a local socket it is what the proxy added last"
kill "$DESK_PID"
wait "$DESK_PID" 2>/dev/null || :
listen "$TMPDIR/http.sock" ghat-desk -s "$TMPDIR/desk.sock" -l en >"$TMPDIR/desk.log" 2>&1 &
DESK_PID=$!
within 20 "the desk is ready" grep event=ready "$TMPDIR/desk.log"
local_login() { login --unix-socket "$TMPDIR/http.sock" http://desk/login "$@"; }
while IFS='|' read -r want first second; do
    headers=()
    [ -z "$first" ] || headers+=(-H "X-Forwarded-For: $first")
    [ -z "$second" ] || headers+=(-H "x-forwarded-for: $second")
    same "login" "$(local_login ${headers[@]+"${headers[@]}"})" 303
    same "address with '$first' and '$second'" "$(address_of)" "$want"
done <<'EOF'
10.1.1.1|10.1.1.1|
10.2.2.2|10.1.1.1, 10.2.2.2|
10.3.3.3|10.1.1.1|10.3.3.3
10.4.4.4|10.1.1.1, 10.2.2.2|10.3.3.3, 10.4.4.4
2001:db8::1|10.1.1.1|2001:db8::1
local|10.1.1.1|unknown
local||
EOF
same "no header is a person there, either" "$(curl -sS -o /dev/null -w '%{http_code}' --unix-socket "$TMPDIR/http.sock" -H 'X-Remote-User: rina' http://desk/q)" 303
step "nobody but the proxy's group opens it"
grep -x 'SocketMode=0660' systemd/ghat-desk.socket >/dev/null && grep -x 'SocketGroup=www-data' systemd/ghat-desk.socket >/dev/null || die "the unit leaves the socket open"
if [ "$(id -u)" = 0 ]; then
    chmod 0660 "$TMPDIR/http.sock"
    chmod 755 "$TMPDIR" "$(dirname "$TMPDIR")" "$(dirname "$(dirname "$TMPDIR")")"
    ! setpriv --reuid 65534 --regid 65534 --clear-groups curl -sS -o /dev/null --unix-socket "$TMPDIR/http.sock" http://desk/login 2>/dev/null || die "somebody else opened it"
fi
