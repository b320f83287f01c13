#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh BUILD TREE: a configuration and two departments below TREE (made once, yours to change), then ghatd in the foreground, and beside it the
# desk on localhost:8600 (GHAT_PORT), with a first-login link for an approver, the agency and an officer. Phones in the same network reach it over
# HTTPS on port 8643 (GHAT_HTTPS; empty: not at all) with a certificate of its own, since a session needs HTTPS everywhere but on localhost.
# Where ghat.conf names a way out for notices, ghat-post runs, too.
set -eu
B=$(realpath "$1")
mkdir -p "$2"
T=$(realpath "$2")
conf=$T/etc/ghat.conf

# A socket's path may have 107 bytes.
control=$T/control.sock
[ ${#control} -le 90 ] || {
    control=${XDG_RUNTIME_DIR:-/tmp}/ghat-$(id -u)-$(printf %s "$T" | cksum | cut -d' ' -f1)/control.sock
    mkdir -p -m 700 "${control%/*}" # the desk's socket lies beside it
}

port=${GHAT_PORT:-8600}
if [ ! -e "$conf" ]; then
    mkdir -p "$T/etc/departments" "$T/etc/profiles" "$T/srv" "$T/state"
    cat >"$T/etc/departments/water.conf" <<EOF
; A department: its folder below drop/, its name in paths that leave Ghat (slug), and its nodal officer's card.
[department]
folder = Water Supply
slug = water
title = Water Supply

[officer]
name = Anjali Sen
designation = Executive Engineer
mobile = +91 33 2286 1000
email = nodal.water@example.org
EOF
    cat >"$T/etc/departments/roads.conf" <<EOF
[department]
folder = রাস্তা বিভাগ
slug = roads
title = রাস্তা বিভাগ
languages = bn,en

[officer]
name = সুব্রত দাস
designation = নির্বাহী বাস্তুকার
mobile = +91 33 2286 1001
email = nodal.roads@example.org
EOF
    cat >"$T/etc/ghat.conf.new" <<EOF
; Made by make run; every key: man 5 ghat.conf
[paths]
root = $T/srv
state = $T/state
control = $control

[desk]
url = http://localhost:$port

[publish]
undo = 60s

[intake]
quiet = 3s
reserve = 200M
EOF
    mv "$T/etc/ghat.conf.new" "$conf"
fi
control=$(sed -n 's/^ *control *= *//p' "$conf")
# One user, so no walls between departments; nobody else renames their folders.
mkdir -p -m 0755 "$T/srv" "$T/srv/drop"
mkdir -p -m 0700 "$T/srv/drop/.taken"
mkdir -p "$T/srv/drop/Water Supply" "$T/srv/drop/রাস্তা বিভাগ"

# Without Landlock (an old kernel, or a container that forbids it) ghatd does not start unless ghat.conf says so: here is why, in one line.
only=
if grep -qs '^ *sandbox *= *seccomp-only' "$conf"; then only=--seccomp-only
elif ! "$B/ghat-worker" --selftest >/dev/null 2>&1 && "$B/ghat-worker" --selftest --seccomp-only >/dev/null 2>&1; then
    echo "run: there is no Landlock here, the second wall around what reads media: with \"[workers] sandbox = seccomp-only\" in $conf the filter of system calls is the only one, and a hole in it opens files" >&2
    exit 1
fi

# All end with the first of ghatd and the desk, or with Ctrl-C.
ghatd= desk= post=
end() {
    trap - EXIT INT TERM
    kill $ghatd $desk $post 2>/dev/null || :
    wait
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
"$B/ghatd" -c "$conf" &
ghatd=$!
export GHAT_CONF="$conf"
n=0
until "$B/ghat" status >/dev/null 2>&1; do
    kill -0 $ghatd 2>/dev/null && [ $n -lt 100 ] || { wait $ghatd; exit; }
    n=$((n + 1))
    sleep 0.2
done
here=$(hostname -I 2>/dev/null | tr ' ' '\n' | grep -m1 -E '^[0-9]+(\.[0-9]+){3}$' || :)
https=${GHAT_HTTPS-$((port + 43))}
[ -n "$here" ] || https=
tls=$T/etc/tls
url=$(sed -n 's/^ *url *= *//p' "$conf" | sed -n 1p)
: "${url:=http://localhost:$port}"
if [ -n "$https" ] && ! { grep -qsFx "$here" "$tls/address" && openssl x509 -checkend 604800 -noout -in "$tls/tls-certificate" >/dev/null; }; then
    mkdir -p -m 0700 "$tls"
    (umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 397 -subj /CN=Ghat \
        -addext "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:$here" -keyout "$tls/tls-key" -out "$tls/tls-certificate" 2>"$tls/said") || { cat "$tls/said" >&2; exit 1; }
    echo "$here" >"$tls/address"
fi
if [ -n "$https" ]; then
    CREDENTIALS_DIRECTORY=$tls "$B/listen" 127.0.0.1:"$port" https=0.0.0.0:"$https" "$B/ghat-desk" $only -c "$conf" \
        -a "$url" -a https://"$here:$https" &
else
    "$B/listen" 127.0.0.1:"$port" "$B/ghat-desk" $only -c "$conf" &
fi
desk=$!
if sed -n '/^ *\[post\]/,/^ *\[[^p]/p' "$conf" | grep -E '^ *(smtp|webhook) *=' >/dev/null; then
    # It ends when a file that its walls let it read is replaced, to be started anew, as systemd does.
    (
        sends=
        trap 'kill $sends 2>/dev/null; exit 0' TERM
        while :; do
            "$B/ghat-post" $only -c "$conf" &
            sends=$!
            wait $sends || :
            sleep 2
        done
    ) &
    post=$!
fi

people=
if [ ! -e "$T/people" ]; then
    people=$(
        "$B/ghat" user add rina --role approver --full 'Rina Chatterjee'
        "$B/ghat" user add agency --role agency
        "$B/ghat" user add anjali --role officer --department water --full 'Anjali Sen'
    ) && : >"$T/people"
fi

cat <<EOF

  Look      http://localhost:$port/       the desk
EOF
if [ -n "$people" ]; then
    echo "            first login, once each:"
    printf '%s\n' "$people" | sed -n 's|.*\(http[^ ]*/first/[0-9a-f]*\).*|\1|p' | {
        for who in 'rina, approver' 'agency' 'anjali, officer'; do
            read -r link || break
            printf '            %-16s%s\n' "$who" "$link"
        done
    }
else
    echo "            a new link for somebody: ghat user reset NAME"
fi
if [ -n "$https" ]; then
    cat <<EOF
  Phone     https://$here:$https/       the same in this network; its links, too, with this in front
            its certificate is its own, so the browser asks once; SHA-256 begins with
            $(openssl x509 -in "$tls/tls-certificate" -noout -fingerprint -sha256 | sed 's/.*=//' | cut -c1-23)
EOF
fi
cat <<EOF
  Drop      a photo, a video, or a folder with both and a caption.txt into
            $T/srv/drop/Water Supply/    or    $T/srv/drop/রাস্তা বিভাগ/
            make demo drops some, made on the spot
  Read      what became of it in the folder Status/ beside it
  Notices   $([ -n "$post" ] && echo "are sent as [post] of $conf says" || echo "are off: smtp or webhook of [post] in $conf turns them on")
  Type      in another terminal:
            export GHAT_CONF=$conf; PATH=$B:\$PATH
            ghat list                    what came, and its state
            ghat show 1                  what each platform would get
            ghat approve 1               … and it lies in $T/srv/outbox/
  Stop      with Ctrl-C. Configuration: $conf

EOF
while kill -0 $ghatd 2>/dev/null && kill -0 $desk 2>/dev/null; do sleep 1; done
