# SPDX-License-Identifier: GPL-3.0-or-later
# For every end-to-end test: a tree of its own, ghatd on it, waiting with deadlines, media made on the spot. When the test ends
# ghatd is stopped, and a warning or an error in its log that the test did not announce (expect_log) fails it.
# Environment: B (build folder), ROOT (checkout), TMPDIR, GHAT_SLOW (deadlines are multiplied by it). See tests/run.
set -euo pipefail
. tests/port.sh
export PATH="${GHAT_NO_LANDLOCK:+$GHAT_NO_LANDLOCK:}$B:$PATH"
T=$TMPDIR/g
CONF=$T/etc/ghat.conf
LOG=$T/ghatd.log
export GHAT_CONF=$CONF
EXPECTED=()
DAEMON=

die() { echo "FAILED: $*" >&2; exit 1; }
skip() { echo "$*"; exit 77; }
step() { echo "- $*"; }

# ---------------------------------------------------------------- waiting

# within SECONDS WHAT COMMAND…: poll until the command succeeds; fails the test with WHAT after that time. From 10 on it means that it
# happens at all, and a machine with much else to do has a minute for it; who means the time itself says less than 10.
within() {
    local end=$((SECONDS + ($1 < 10 || $1 > 60 ? $1 : 60) * GHAT_SLOW)) what=$2
    shift 2
    until "$@" >"$TMPDIR/within.out" 2>&1; do
        if [ $SECONDS -ge $end ]; then
            cat "$TMPDIR/within.out" >&2
            die "not in time: $what"
        fi
        [ -z "$DAEMON" ] || kill -0 "$DAEMON" 2>/dev/null || die "ghatd died while waiting: $what"
        pause 0.1
    done
}
# never SECONDS WHAT COMMAND…: the command must not succeed for that long.
never() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    while [ $SECONDS -lt $end ]; do
        if "$@" >/dev/null 2>&1; then die "should not happen: $what"; fi
        pause 0.1
    done
}
# pause SECONDS: only where time itself is what is tested (a slow writer).
pause() { read -rt "$1" <> <(:) || :; }

# ---------------------------------------------------------------- the daemon

# configure [SECTION.KEY=VALUE…]: a tree below $T; later values win.
configure() {
    mkdir -p "$T/etc/departments" "$T/etc/profiles" "$T/srv/drop" "$T/state"
    local all=(paths.root="$T/srv" paths.state="$T/state" paths.control="$T/c.sock" intake.quiet=1s intake.scan=5s intake.reserve=20M
        placements.also=yt.thumb ${GHAT_NO_LANDLOCK:+workers.sandbox=seccomp-only}
        "$@") line section
    : >"$CONF"
    for section in $(printf '%s\n' "${all[@]%%.*}" | sort -u); do
        echo "[$section]" >>"$CONF"
        for line in "${all[@]}"; do
            [[ $line == "$section".* ]] || continue
            line=${line#*.}
            sed -i "/^\[$section\]/,/^\[/{/^${line%%=*} *=/d}" "$CONF"
            echo "$line" >>"$CONF"
        done
    done
}
# department FOLDER [SLUG] [EXTRA LINES]: its folder, and a card when a slug is given.
department() {
    mkdir -p "$T/srv/drop/$1"
    [ $# -lt 2 ] || printf '[department]\nfolder = %s\nslug = %s\n%s\n[officer]\nname = Anjali Sen\ndesignation = Executive Engineer\nmobile = +91 33 2286 1000\nemail = nodal@example.org\n' \
        "$1" "$2" "${3:-}" >"$T/etc/departments/$2.conf"
}
start() {
    "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 &
    DAEMON=$!
    within 60 "ghatd answers on its socket" ghat status
}
# End it: stop (SIGTERM, in time, exit 0), crash (SIGKILL).
ended_well() {
    local rc=0 pid=$DAEMON
    [ -n "$pid" ] || return 0
    kill -TERM "$pid" 2>/dev/null
    timeout $((20 * GHAT_SLOW)) tail --pid="$pid" -f /dev/null || { echo "ghatd does not stop" >&2; return 1; }
    DAEMON=
    wait "$pid" || rc=$?
    [ $rc = 0 ] || { echo "ghatd ended with $rc" >&2; return 1; }
}
stop() { ended_well || die "stopping"; }
crash() {
    kill -KILL "$DAEMON"
    wait "$DAEMON" 2>/dev/null || :
    DAEMON=
}
# expect_log PATTERN: lines of the log that match are no surprise (grep -E).
expect_log() { EXPECTED+=("$1"); }
surprises() {
    local pattern='^$' e
    for e in ${EXPECTED[@]+"${EXPECTED[@]}"}; do pattern="$pattern|$e"; done
    [ -e "$LOG" ] && grep -E ' (warning|error|crit|alert|emerg) event=|runtime error|Sanitizer' "$LOG" | grep -vE "$pattern"
}
finish() {
    local rc=$?
    trap - EXIT
    set +e
    ended_well || rc=1
    [ -z "$DAEMON" ] || kill -KILL "$DAEMON" 2>/dev/null
    [ -z "${HELPERS:-}" ] || kill $HELPERS 2>/dev/null
    if [ $rc = 0 ] && surprises >"$TMPDIR/surprises"; then
        echo "FAILED: unexpected in the log:" >&2
        cat "$TMPDIR/surprises" >&2
        rc=1
    fi
    if [ $rc != 0 ] && [ $rc != 77 ]; then
        echo "--- ghat list"; ghat list 2>&1 | tail -n 12
        echo "--- the end of ghatd's log"; tail -n 25 "$LOG" 2>/dev/null
    fi
    [ -z "${MOUNTED:-}" ] || umount -l "$MOUNTED"
    exit $rc
}
trap finish EXIT
trap 'exit 143' TERM INT
HELPERS=
MOUNTED= # a file system of the test's own, unmounted at its end

# samba FOLDER…: a real smbd on loopback, a share for each department's folder, named like it in lower case.
# smb SHARE COMMANDS: what a client does there. SMBD: its process.
samba() {
    local S=$T/smb f
    SMB_PORT=$((20000 + $$ % 20000))
    mkdir -p "$S/state" "$S/run"
    chmod 755 "$T" "$T/srv" "$T/srv/drop" "$TMPDIR" "$(dirname "$TMPDIR")" "$(dirname "$(dirname "$TMPDIR")")"
    printf '%s\n' '[global]' 'server role = standalone server' 'map to guest = Bad User' \
        "guest account = $([ "$(id -u)" = 0 ] && echo nobody || id -un)" 'interfaces = 127.0.0.1' 'bind interfaces only = yes' \
        "smb ports = $SMB_PORT" "log file = $S/log" 'disable netbios = yes' 'load printers = no' "ncalrpc dir = $S/run" "pid directory = $S/run" \
        "private dir = $S/state" "lock directory = $S/state" "state directory = $S/state" "cache directory = $S/state" >"$S/smb.conf"
    for f; do
        chmod 777 "$T/srv/drop/$f"
        printf '%s\n' "[${f,,}]" "path = $T/srv/drop/$f" 'guest ok = yes' 'read only = no' >>"$S/smb.conf"
    done
    smbd -F -s "$S/smb.conf" >"$S/out" 2>&1 &
    SMBD=$!
    HELPERS="$HELPERS $SMBD"
    within 30 "Samba answers" smb "${1,,}" ls
}
smb() { timeout $((60 * GHAT_SLOW)) smbclient -N -p "$SMB_PORT" "//127.0.0.1/$1" -c "$2"; }

# ---------------------------------------------------------------- people at a desk, with the real ghatd

# desk_up: ghat-desk for this ghatd, at $DESK. Wants desk.second_factor=none and a desk.url.
desk_up() {
    local port try
    for try in 1 2 3 4 5; do
        port=$(free_port)
        DESK=http://127.0.0.1:$port
        : >"$TMPDIR/desk.log" # what an earlier one said is not this one's
        listen 127.0.0.1:$port ghat-desk -c "$CONF" -l en >"$TMPDIR/desk.log" 2>&1 &
        DESK_PID=$!
        HELPERS="$HELPERS $DESK_PID"
        within 20 "the desk is ready, or its port was taken" grep -E 'event=(ready|ended)|Address' "$TMPDIR/desk.log"
        ! seen event=ready "$TMPDIR/desk.log" || return 0
    done
    die "the desk does not start: $(cat "$TMPDIR/desk.log")"
}
declare -A WHO=()
OWN='Sec-Fetch-Site: same-origin'
# person NAME [ghat user add OPTION…]: somebody who is logged in at the desk.
person() {
    local link
    link=$(ghat user add "$@" | grep -oE '/first/[0-9a-f]+' | first)
    curl -sS -o /dev/null -D "$TMPDIR/head" -H "$OWN" -d 'password=eight lamps burn' -d 'password_again=eight lamps burn' "$DESK$link"
    WHO[$1]=$(sed -n 's/^[Ss]et-[Cc]ookie: \(__Host-ghat=[0-9a-f]*\).*/\1/p' "$TMPDIR/head" | tr -d '\r')
    [ -n "${WHO[$1]}" ] || die "$1 cannot log in"
}
# web NAME PATH [CURL OPTION…]: the body as that person gets it, "" nobody. web_status: the number alone.
web() { curl -sS --max-time $((60 * GHAT_SLOW)) ${1:+-b "${WHO[$1]}"} "${@:3}" "$DESK$2"; }
web_status() { web "$1" "$2" -o "$TMPDIR/answer" -w '%{http_code}' "${@:3}"; }
# web_post NAME PATH [CURL OPTION…]: a form of our own page; says its status, and where it leads.
web_post() {
    local token
    token=$(web "$1" /me | grep -oE 'name="csrf" value="[0-9a-f]+"' | sed -n '1s/.*"\([0-9a-f]*\)"$/\1/p')
    web "$1" "$2" -o "$TMPDIR/answer" -w '%{http_code} %{redirect_url}' -H "$OWN" --data-urlencode "csrf=$token" "${@:3}" | sed "s|$DESK||"
}

# ---------------------------------------------------------------- looking

# item ID JQ: a value of `ghat show --json`; list JQ: of the whole list as an array.
item() { ghat show "$1" --json | jq -er "$2"; }
list() { ghat list --json | jq -s -er "$1"; }
# number_of NAME: the newest submission of that dropped name.
number_of() { list "[.[] | select(.name == \"$1\")] | last | .id // empty"; }
state_is() { [ "$(list "[.[] | select(.name == \"$1\")] | last | .state")" = "$2" ]; }
# arrives NAME STATE [SECONDS]: wait until it is there, in that state; sets ID.
arrives() {
    within "${3:-90}" "$1 is $2" state_is "$1" "$2"
    ID=$(number_of "$1")
}
same() { [ "$2" = "$3" ] || die "$1: is '$2', should be '$3'"; }
says() { grep -qF -- "$2" "$1" || { cat "$1" >&2; return 1; }; }
has() { says "$@" || die "$1 does not say: $2"; }
# note_says FILE WORDS: the officer's note, which follows its commit a moment later, says so in time.
note_says() { within 20 "$1 says: $2" says "$@"; }
# seen, first: grep -q and head -n 1 for pipes: they read to the end, so that the writer is not cut off (and the pipe fails with it).
seen() { grep "$@" >/dev/null; }
first() { sed -n 1p; }
# The nursery's children; the one that works hardest; whether half of item $ID is made, and whether all of it is staged.
workers() { pgrep -P "$(pgrep -P "$DAEMON" -f ghat-worker | first)"; }
busiest() { workers | xargs -I{} sh -c 'echo $(awk "{print \$14+\$15}" /proc/{}/stat) {}' | sort -n | tail -n 1 | cut -d' ' -f2; }
half() { ghat status --json | jq -e --argjson id "$ID" '.running[] | select(.id == $id) | .progress >= 0.5' >/dev/null; }
staged() { [ "$(item "$ID" .state)" = staged ]; }
# decodes FILE: to its end, and ffmpeg calls nothing an error. By its exit status and its own log: other libraries write to stderr, too (libgcrypt
# where memory cannot be locked), and judge nothing.
decodes() {
    ffmpeg -nostdin -v level+error -xerror -err_detect explode -i "$1" -f null - 2>"$TMPDIR/decode" && ! grep -E '\[(error|fatal|panic)\]' "$TMPDIR/decode" ||
        { cat "$TMPDIR/decode" >&2; return 1; }
}
# seamless PICTURES [SOURCE]: each video staged of item $ID has so many, evenly spaced, and looks like its source all the way.
seamless() {
    local placement stage file frames irregular ssim
    while IFS=$'\t' read -r placement stage; do
        file=$T/srv/staging/$stage
        frames=$(ffprobe -v error -select_streams v:0 -count_frames -show_entries stream=nb_read_frames -of csv=p=0 "$file")
        same "pictures of $placement" "$frames" "$1"
        irregular=$(ffprobe -v error -select_streams v:0 -show_entries packet=pts_time -of csv=p=0 "$file" | sort -n |
            awk 'NR > 1 && ($1 - last < 0.0330 || $1 - last > 0.0337) { n++ } { last = $1 } END { print n + 0 }')
        same "irregular pictures of $placement" "$irregular" 0
        ffprobe -v error -show_entries stream=duration -of json "$file" | jq -e '[.streams[].duration | tonumber] | (max - min) < 0.04' >/dev/null ||
            die "$placement: picture and sound differ in length"
        [ $# -gt 1 ] || continue
        case $placement in vertical.short | story.video) continue ;; esac
        ssim=$(ffmpeg -nostdin -v info -i "$file" -i "$2" -lavfi '[1:v]scale=640:360[r];[0:v]scale=640:360[o];[o][r]ssim=shortest=1' -f null - 2>&1 |
            sed -n 's/.*All:\([0-9.]*\).*/\1/p')
        jq -en "$ssim > 0.95" >/dev/null || die "$placement: SSIM $ssim"
        ffprobe -v error -select_streams v:0 -show_entries packet=dts -of csv=p=0 "$file" | awk -F, 'NR > 1 && $1 <= last { exit 1 } { last = $1 }' ||
            die "$placement: decoding goes back in time"
    done < <(ghat show "$ID" --json | jq -r '.renditions[] | select(.placement != "yt.thumb" and .state == "staged") | [.placement, .stage] | @tsv')
}
# same_pictures WHAT A B: two encodes of equal pictures. Not equal bytes: under a rate cap x264's threads look at each other's progress.
same_pictures() {
    local said
    same "pictures of $1" "$(ffprobe -v error -select_streams v -show_entries packet=pts -of csv=p=0 "$2" | sort -n)" \
        "$(ffprobe -v error -select_streams v -show_entries packet=pts -of csv=p=0 "$3" | sort -n)"
    said=$(ffmpeg -nostdin -v info -i "$2" -i "$3" -lavfi ssim -f null - 2>&1 | grep -o 'All:[0-9.]*')
    jq -en "${said#All:} > 0.985" >/dev/null || die "$1: SSIM ${said:-unknown}"
}
hash_of() { sha256sum -- "$1" | cut -d' ' -f1; }
# The folder of a submission in the outbox.
outbox_of() { find "$T/srv/outbox" -mindepth 2 -maxdepth 2 -type d -name "*-$1"; }
in_outbox() { [ -e "$(outbox_of "$1")/manifest.json" ] && [ "$(item "$1" .published_all)" = true ]; }
sql() { sqlite3 -readonly "file:$T/state/ledger.db?mode=ro" "$@"; }

PHOTOS="fb.photo ig.photo story.photo tg.photo wa.photo x.photo yt.thumb"
VIDEOS="fb.video story.video tg.video vertical.short wa.video x.video yt.thumb yt.video"

# ---------------------------------------------------------------- media, made once for all tests

# media NAME: path of photo.jpg (1600x1200, GPS, a serial number) · small.png · clip.mp4 (6 s with sound) · long.mp4 (12 s of 720p: takes a while)
media() {
    local dir=$B/tests/media
    mkdir -p "$dir"
    (
        flock 9
        [ -s "$dir/$1" ] || { make_media "$1" "$dir/.new.$1" >"$dir/.log" 2>&1 && mv "$dir/.new.$1" "$dir/$1"; } || { cat "$dir/.log" >&2; exit 1; }
    ) 9>"$dir/.lock"
    echo "$dir/$1"
}
make_media() {
    local quiet='-nostdin -v error -y'
    case $1 in
    photo.jpg)
        ffmpeg $quiet -f lavfi -i testsrc2=s=1600x1200,format=yuvj420p -frames:v 1 -q:v 3 -f image2 "$2"
        exiftool -q -overwrite_original -GPSLatitude=22.5726 -GPSLatitudeRef=N -GPSLongitude=88.3639 -GPSLongitudeRef=E -Make=Phone \
            -SerialNumber=SN123456 -DateTimeOriginal='2026:11:23 09:15:00' -XMP:Creator=Somebody -UserComment=private "$2" ;;
    small.png) ffmpeg $quiet -f lavfi -i testsrc=s=640x480 -frames:v 1 -f image2 -c:v png "$2" ;;
    clip.mp4)
        ffmpeg $quiet -f lavfi -i testsrc2=s=640x360:r=25:d=6 -f lavfi -i sine=440:d=6 -c:v libx264 -preset ultrafast -pix_fmt yuv420p \
            -c:a aac -color_primaries bt709 -color_trc bt709 -colorspace bt709 \
            -metadata location=+22.5726+088.3639/ -metadata title=private -f mp4 "$2" ;;
    short.mp4) ffmpeg $quiet -f lavfi -i testsrc2=s=640x360:r=25:d=1 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -f mp4 "$2" ;;
    long.mp4)
        ffmpeg $quiet -f lavfi -i testsrc2=s=1280x720:r=30:d=12 -f lavfi -i sine=330:d=12 -c:v libx264 -preset ultrafast \
            -crf 20 -pix_fmt yuv420p -c:a aac -f mp4 "$2" ;;
    *) echo "no such media: $1"; return 1 ;;
    esac
}
# another NAME TEXT: a photo like no other: the same picture with a comment of its own.
another() {
    cp "$(media photo.jpg)" "$TMPDIR/$1"
    exiftool -q -overwrite_original -Comment="$2" "$TMPDIR/$1"
    echo "$TMPDIR/$1"
}
