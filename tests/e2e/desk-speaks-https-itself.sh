#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The desk with a socket for HTTPS beside the plain one: pages, forms, files with ranges and the live stream over TLS, the walls up as ever; old
# protocols, a key of another certificate is refused in words, one that has ended is served and said; many who never finish the handshake keep nobody out.
. tests/desk/lib.sh
desk_media
fake_up
certificate() { # FOLDER DAYS
    mkdir -p "$1"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days "$2" -subj /CN=desk -addext 'subjectAltName=IP:127.0.0.1' \
        -keyout "$1/tls-key" -out "$1/tls-certificate" 2>/dev/null
}
certificate "$TMPDIR/tls" 30
certificate "$TMPDIR/other" 30
secure_up() { # CREDENTIALS [OPTION…]
    local port try
    for try in 1 2 3 4 5; do
        port=$(free_port)
        : >"$TMPDIR/desk.log" # what an earlier one said is not this one's
        CREDENTIALS_DIRECTORY=$1 listen 127.0.0.1:$port https=127.0.0.1:$((port + 1)) ghat-desk -s "$TMPDIR/desk.sock" -l en "${@:2}" >"$TMPDIR/desk.log" 2>&1 &
        DESK_PID=$!
        PLAIN=http://127.0.0.1:$port DESK=https://127.0.0.1:$((port + 1))
        within 20 "the desk is ready, or it ended" grep -E 'event=(ready|ended)|Address' "$TMPDIR/desk.log"
        ! seen event=ready "$TMPDIR/desk.log" || return 0
        seen Address "$TMPDIR/desk.log" || return 1
    done
    die "no port is free"
}
export CURL_CA_BUNDLE=$TMPDIR/tls/tls-certificate

step "what cannot serve does not start, and says why"
mkdir "$TMPDIR/mixed"
cp "$TMPDIR/tls/tls-certificate" "$TMPDIR/other/tls-key" "$TMPDIR/mixed/"
! secure_up "$TMPDIR/mixed" || die "another one's key is taken"
seen -i 'the certificate and its key' "$TMPDIR/desk.log" || die "not in words: $(cat "$TMPDIR/desk.log")"
mkdir "$TMPDIR/half"
cp "$TMPDIR/tls/tls-certificate" "$TMPDIR/half/"
! secure_up "$TMPDIR/half" || die "it starts without a key"
seen 'no key' "$TMPDIR/desk.log" || die "not in words: $(cat "$TMPDIR/desk.log")"
mkdir "$TMPDIR/ended"
openssl req -new -key "$TMPDIR/tls/tls-key" -subj /CN=desk -out "$TMPDIR/ended/request"
touch "$TMPDIR/ended/index"
printf '[ca]\ndefault_ca = d\n[d]\ndatabase = %s/index\nnew_certs_dir = %s\nrand_serial = yes\ndefault_md = sha256\npolicy = p\n[p]\ncommonName = supplied\n' \
    "$TMPDIR/ended" "$TMPDIR/ended" >"$TMPDIR/ended/ca"
openssl ca -batch -config "$TMPDIR/ended/ca" -selfsign -keyfile "$TMPDIR/tls/tls-key" -in "$TMPDIR/ended/request" -startdate 20200101000000Z \
    -enddate 20200201000000Z -notext -out "$TMPDIR/ended/tls-certificate" 2>/dev/null
cp "$TMPDIR/tls/tls-key" "$TMPDIR/ended/"
secure_up "$TMPDIR/ended" || die "a certificate that has ended leaves nobody able to decide"
seen 'event=certificate-ended days=2' "$TMPDIR/desk.log" || die "not in words: $(cat "$TMPDIR/desk.log")"
kill "$DESK_PID"
wait "$DESK_PID" || :

step "pages, forms and files"
mkdir "$TMPDIR/links" # as certbot has them
ln -s "$TMPDIR"/tls/* "$TMPDIR/links/"
secure_up "$TMPDIR/links" || die "$(cat "$TMPDIR/desk.log")"
same "a page" "$(status_of rina /q)" 200
same "the same over the plain socket" "$(DESK=$PLAIN; status_of rina /q)" 200
same "a form" "$(post rina /i/1/approve -d handle=1@x)" 303
asked '.request == "approve"' | seen . || die "ghatd was asked nothing"
video=$(get rina /i/3 | grep -oE '/r/3/300/[0-9a-f]{16}' | sed -n 1p)
[ -n "$video" ] || die "no video on the page"
get rina "$video" | cmp - "$TMPDIR/media/b.mp4" || die "the file differs"
get rina "$video" -r 100-299 -o "$TMPDIR/part"
same "bytes of a part" "$(stat -c %s "$TMPDIR/part")" 200
cmp -n 200 -i 0:100 "$TMPDIR/part" "$TMPDIR/media/b.mp4" || die "a part of it differs"

step "the live stream"
place=$(get rina /q | sed -n 's/.*data-place="\([0-9a-f.]*\)".*/\1/p')
timeout 60 curl -sSN -b "$(cookie rina)" "$DESK/live?after=$place" >"$TMPDIR/live" 2>/dev/null &
LIVE=$!
within 15 "it is open" grep 'event: beat' "$TMPDIR/live"
touch_items 5
within 15 "it tells" grep -F '"id":5' "$TMPDIR/live"
kill $LIVE
step "what is old or of another origin"
within_old() { curl -sS -o /dev/null --tls-max "$1" --ciphers 'DEFAULT@SECLEVEL=0' "$DESK/login" 2>"$TMPDIR/old"; }
within_old 1.2 || die "TLS 1.2 is refused: $(cat "$TMPDIR/old")"
! within_old 1.1 || die "TLS 1.1 is taken"
form() { status_of rina /i/1/hold -H "Origin: $1" --data-urlencode "csrf=$(token rina)" -d handle=1@x -d reason=x; }
kill "$DESK_PID"
wait "$DESK_PID" || :
secure_up "$TMPDIR/tls" -a https://desk.example.org -a https://10.0.0.5:8643 || die "$(cat "$TMPDIR/desk.log")"
for origin in https://desk.example.org https://10.0.0.5:8643; do same "$origin" "$(form $origin)" 303; done
for origin in http://desk.example.org https://10.0.0.5 https://evil.example null; do same "$origin" "$(form $origin)" 403; done

step "a hundred handshakes that nobody finishes"
cat >"$TMPDIR/hold.py" <<'PY'
import socket, sys, time
held = []
for i in range(100):
    s = socket.socket()
    s.bind((f'127.0.0.{2 + i % 10}', 0))
    s.connect(('127.0.0.1', int(sys.argv[1])))
    s.sendall(b'\x16\x03\x01\x02\x00\x01') # the beginning of a hello
    held.append(s)
print('held', flush=True)
time.sleep(600)
PY
python3 "$TMPDIR/hold.py" "${DESK##*:}" >"$TMPDIR/held" &
HELD=$!
within 20 "they are held" grep held "$TMPDIR/held"
same "a page beside them" "$(status_of rina /q)" 200
kill $HELD
kill "$DESK_PID"
wait "$DESK_PID" && rc=0 || rc=$?
DESK_PID=
same "it ends" "$rc" 0
