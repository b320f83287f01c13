#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# While ghatd is away the desk says so: a page comes back by itself, a form can be sent once more with all its fields but passwords; afterwards all goes
# on with the same session. Without a socket handed over it does not start. It ends on SIGTERM, also while passwords are being hashed.
# systemd's watchdog hears of it what its server says of itself.
. tests/desk/lib.sh
desk_media
fake_up
step "nothing was handed over"
! ghat-desk -s "$TMPDIR/desk.sock" 2>"$TMPDIR/err" </dev/null || die "it starts without a socket"
seen LISTEN_FDS "$TMPDIR/err" || die "it does not say why"
step "systemd is told when it serves, that it is alive, and that it ends"
python3 - "$TMPDIR/notify" >"$TMPDIR/told" <<'PY' &
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while (said := s.recv(4096)) != b"STOPPING=1":
    print(said.decode(), flush=True)
PY
systemd=$!
within 20 "there is a socket" test -S "$TMPDIR/notify"
export NOTIFY_SOCKET=$TMPDIR/notify WATCHDOG_USEC=100000
desk_up
unset NOTIFY_SOCKET WATCHDOG_USEC
beats() { [ "$(grep -c '^WATCHDOG=1$' "$TMPDIR/told")" -gt 3 ]; }
within 60 "it is alive" beats
same "what came first" "$(sed -n 1p "$TMPDIR/told")" READY=1
T=$(token rina)
same "health" "$(status_of '' /healthz)" 200
step "ghatd goes away"
fake_down
same "health" "$(status_of '' /healthz)" 503
head_of rina /q >"$TMPDIR/head"
seen '^HTTP/1.1 503' "$TMPDIR/head" && seen '^Refresh: 2' "$TMPDIR/head" || die "the page does not come back by itself"
get rina /i/1/reject -H 'Sec-Fetch-Site: same-origin' -d csrf=$T -d handle=1@x --data-urlencode 'reason=ছবি "অস্পষ্ট"' -d password=secret -w '%{http_code}' >"$TMPDIR/page"
seen '503$' "$TMPDIR/page" || die "a lost form is no 503"
seen 'action="/i/1/reject"' "$TMPDIR/page" || die "the form cannot be sent again"
seen 'name="reason" value="ছবি &quot;অস্পষ্ট&quot;"' "$TMPDIR/page" || die "what was written is lost"
! seen secret "$TMPDIR/page" || die "a password is given back"
step "and comes back"
fake_up
same "with the same session" "$(status_of rina /q)" 200
same "the form, once more" "$(post rina /i/1/reject -d handle=1@x -d reason=again)" 303
step "the end, while passwords are hashed"
for _ in 1 2 3; do get '' /login -H 'Sec-Fetch-Site: same-origin' -d name=rina -d password=x -o /dev/null & done
read -rt 0.3 <> <(:) || :
kill -TERM "$DESK_PID"
rc=0
wait "$DESK_PID" || rc=$?
DESK_PID=
same "its exit" "$rc" 0
wait "$systemd"

step "its socket outlives it"
python3 - "$(command -v ghat-desk)" "$TMPDIR/desk.sock" <<'PY'
import os, select, signal, socket, subprocess, sys
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.bind(("127.0.0.1", 0))
s.listen()
def hand_over():
    os.dup2(s.fileno(), 3)
    os.environ["LISTEN_FDS"] = "1"
desk = subprocess.Popen([sys.argv[1], "-s", sys.argv[2]], preexec_fn=hand_over, pass_fds=[3], stderr=subprocess.PIPE, text=True)
while "event=ready" not in (line := desk.stderr.readline()):
    assert line, "it did not start"
desk.send_signal(signal.SIGTERM)
assert desk.wait() == 0
p = select.poll()
p.register(s, select.POLLIN)
assert not p.poll(0), "the socket was shut down"
socket.create_connection(s.getsockname()).close()
PY
