# SPDX-License-Identifier: GPL-3.0-or-later
# For tests of the desk against a ghatd that is played (fake_ghatd.py): both are started below $TMPDIR and ended with the test.
# DESK: its address. rina, agency, anjali, boss: sessions. asked: what the desk asked ghatd, one JSON a line.
set -euo pipefail
. tests/port.sh
export PATH="${GHAT_NO_LANDLOCK:+$GHAT_NO_LANDLOCK:}$B:$PATH" LC_ALL=C.UTF-8
FAKE=
DESK_PID=
die() { echo "FAILED: $*" >&2; exit 1; }
skip() { echo "$*"; exit 77; }
step() { echo "- $*"; }
same() { [ "$2" = "$3" ] || die "$1: is '$2', should be '$3'"; }
seen() { grep "$@" >/dev/null; }
within() { # SECONDS WHAT COMMAND…: as in tests/e2e/lib.sh, a minute from 10 on
    local end=$((SECONDS + ($1 < 10 || $1 > 60 ? $1 : 60) * GHAT_SLOW)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || die "not in time: $what"
        read -rt 0.1 <> <(:) || :
    done
}
finish() {
    local rc=$?
    trap - EXIT
    [ -z "$DESK_PID" ] || kill "$DESK_PID" 2>/dev/null || :
    [ -z "$FAKE" ] || kill "$FAKE" 2>/dev/null || :
    if [ $rc != 0 ] && [ $rc != 77 ]; then
        echo "--- the desk's log"; tail -n 20 "$TMPDIR/desk.log" 2>/dev/null || :
        echo "--- what ghatd was asked"; tail -n 8 "$TMPDIR/fake.log" 2>/dev/null || :
    fi
    exit $rc
}
trap finish EXIT
trap 'exit 143' TERM INT

fake_up() { # [HOSTILE]
    python3 tests/desk/fake_ghatd.py "$TMPDIR/desk.sock" "$TMPDIR/media" "$@" >>"$TMPDIR/fake.log" 2>&1 &
    FAKE=$!
    within 30 "ghatd is played" test -S "$TMPDIR/desk.sock"
}
fake_down() {
    kill "$FAKE"
    wait "$FAKE" 2>/dev/null || :
    FAKE=
    rm -f "$TMPDIR/desk.sock"
}
desk_up() { # [OPTION…]
    local port try
    for try in 1 2 3 4 5; do
        port=$(free_port)
        : >"$TMPDIR/desk.log" # what an earlier one said is not this one's
        listen 127.0.0.1:$port ghat-desk -s "$TMPDIR/desk.sock" -l en "$@" >"$TMPDIR/desk.log" 2>&1 &
        DESK_PID=$!
        DESK=http://127.0.0.1:$port
        within 20 "the desk is ready, or its port was taken" grep -E 'event=(ready|ended)|Address' "$TMPDIR/desk.log"
        ! seen event=ready "$TMPDIR/desk.log" || return 0
    done
    die "the desk does not start: $(cat "$TMPDIR/desk.log")"
}
desk_media() {
    mkdir -p "$TMPDIR/media"
    ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=s=640x480 -frames:v 1 -f image2 "$TMPDIR/media/a.jpg"
    ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=s=320x240:r=10:d=1 -c:v libx264 -pix_fmt yuv420p -movflags +faststart "$TMPDIR/media/b.mp4"
}
up() { # [HOSTILE]
    desk_media
    fake_up "$@"
    desk_up
}
declare -A SESSION=([rina]=a [agency]=b [anjali]=c [boss]=d [sunil]=e)
cookie() { printf '__Host-ghat=%s' "$(printf "%64s" '' | tr ' ' "${SESSION[$1]}")"; }
# get USER PATH [CURL OPTION…]: the body; "" for USER: nobody. head_of: status and headers. status_of: the number alone.
get() { curl -sS --max-time $((20 * GHAT_SLOW)) ${1:+-b "$(cookie "$1")"} "${@:3}" "$DESK$2"; }
head_of() { get "$1" "$2" -o /dev/null -D - "${@:3}" | tr -d '\r'; }
status_of() { get "$1" "$2" -o /dev/null -w '%{http_code}' "${@:3}"; }
# token USER: of a form on that person's page.
token() { get "$1" /me | grep -oE 'name="csrf" value="[0-9a-f]+"' | sed -n '1s/.*value="\(.*\)"/\1/p'; }
# post USER PATH [CURL OPTION…]: status of a form sent from our own page with its token.
post() { status_of "$1" "$2" -H 'Sec-Fetch-Site: same-origin' --data-urlencode "csrf=$(token "$1")" "${@:3}"; }
asked() { jq -c "select($1)" "$TMPDIR/fake.log"; }
# touch_items ID…: they change, as far as the desk is told.
touch_items() {
    python3 -c 'import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(json.dumps({"request": "touch", "ids": [int(i) for i in sys.argv[2:]]}).encode() + b"\n")
s.recv(4096)' "$TMPDIR/desk.sock" "$@"
}
