#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In Debian's Chromium a page of the desk shows what is new within the time it promises: by a stream within a second or two; behind a proxy that holds
# streams back, one that is played and, where it is installed, nginx told to, by asking. A tab in the background asks for nothing, and the desk then asks
# ghatd for nothing; brought to front it catches up. A restart of either program, and more changes than ghatd remembers, are told as well.
. tests/desk/lib.sh
. tests/desk/browser.sh
[ -z "$SAN" ] || skip "a browser against a sanitizer shows nothing more"
desk_media
fake_up
desk_up
PORT=${DESK##*:}
PROXIES=()
OTHERS=()
step "a proxy that passes on nothing of an answer before it has 16 KB of it, or its end"
cat >"$TMPDIR/proxy.py" <<'PY'
import asyncio, sys
desk, port = map(int, sys.argv[1:])
async def serve(r, w):
    try:
        head = await r.readuntil(b'\r\n\r\n')
        first, rest = head.split(b'\r\n', 1)
        lines = [l for l in rest.split(b'\r\n') if l and not l.lower().startswith(b'connection:')]
        n = sum(int(l.split(b':')[1]) for l in lines if l.lower().startswith(b'content-length:'))
        up, down = await asyncio.open_connection('127.0.0.1', desk)
        down.write(b'\r\n'.join([first, *lines, b'Connection: close', b'', b'']) + await r.readexactly(n))
        async def back():
            held = b''
            while got := await up.read(65536):
                held += got
                if len(held) >= 16384:
                    w.write(held)
                    held = b''
            w.write(held)
            await w.drain()
        gone = asyncio.ensure_future(r.read()) # a browser that closes closes the way to the desk
        answer = asyncio.ensure_future(back())
        await asyncio.wait([gone, answer], return_when=asyncio.FIRST_COMPLETED)
        gone.cancel(), answer.cancel(), down.close()
    except (OSError, asyncio.IncompleteReadError):
        pass
    w.close()
async def main():
    async with await asyncio.start_server(serve, '127.0.0.1', port) as s:
        print('ready', flush=True)
        await s.serve_forever()
asyncio.run(main())
PY
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free_port)
python3 "$TMPDIR/proxy.py" "$PORT" "$port" >"$TMPDIR/proxy.log" 2>&1 &
OTHERS+=($!)
within 20 "the proxy" grep ready "$TMPDIR/proxy.log"
PROXIES+=("http://localhost:$port")
if command -v nginx >/dev/null; then
    step "nginx, which speaks HTTP/1.0 to the desk, as it does unless told, and heeds nobody who says not to buffer"
    port=$(free_port)
    cat >"$TMPDIR/nginx.conf" <<EOF
daemon off; master_process off; pid $TMPDIR/nginx.pid; error_log stderr;
events { }
http {
    access_log off;
    client_body_temp_path $TMPDIR/n1; proxy_temp_path $TMPDIR/n2; fastcgi_temp_path $TMPDIR/n3; uwsgi_temp_path $TMPDIR/n4; scgi_temp_path $TMPDIR/n5;
    server {
        listen 127.0.0.1:$port;
        location / { proxy_pass http://127.0.0.1:$PORT; proxy_set_header Host \$http_host; proxy_buffering on; proxy_ignore_headers X-Accel-Buffering; }
    }
}
EOF
    nginx -e stderr -p "$TMPDIR" -c "$TMPDIR/nginx.conf" >"$TMPDIR/nginx.log" 2>&1 &
    OTHERS+=($!)
    answers() { curl -s -o /dev/null "http://127.0.0.1:$port/login"; }
    within 20 "nginx" answers
    PROXIES+=("http://localhost:$port")
fi
desk_again() {
    listen "127.0.0.1:$PORT" ghat-desk -s "$TMPDIR/desk.sock" -l en >"$TMPDIR/desk.log" 2>&1 &
    DESK_PID=$!
    within 20 "the desk is ready again" grep event=ready "$TMPDIR/desk.log"
}
quiet_from=0
asked_now() { asked '.request == "health" or .request == "changes"' | wc -l; }
coproc BROWSER { timeout 200 node tests/desk/live.mjs "http://localhost:$PORT" "${PROXIES[@]}"; echo "end $?"; }
rc=1
while read -r what rest <&"${BROWSER[0]}"; do
    case $what in
    touch) touch_items $rest ;;
    desk-down) kill "$DESK_PID"; wait "$DESK_PID" || : ;;
    desk-up) desk_again ;;
    ghatd-down) fake_down ;;
    ghatd-up) fake_up ;;
    flood) touch_items $(seq 1 6) $(for i in $(seq 4200); do echo 1; done) ;;
    quiet) quiet_from=$(asked_now) ;;
    still-quiet) same "what ghatd is asked while nobody looks" "$(asked_now)" "$quiet_from" ;;
    end) rc=$rest; break ;;
    *) die "the browser says $what" ;;
    esac
    echo done >&"${BROWSER[1]}"
done
for p in "${OTHERS[@]}"; do kill "$p"; wait "$p" || :; done
exit "$rc"
