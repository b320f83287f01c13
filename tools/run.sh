#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh BUILD TREE: a configuration and two departments below TREE (made once, yours to change), then ghatd in the foreground.
set -eu
B=$(realpath "$1")
mkdir -p "$2"
T=$(realpath "$2")
conf=$T/etc/ghat.conf

# A socket's path may have 107 bytes.
control=$T/control.sock
[ ${#control} -le 90 ] || control=${XDG_RUNTIME_DIR:-/tmp}/ghat-$(id -u)-$(printf %s "$T" | cksum | cut -d' ' -f1).sock

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

[intake]
quiet = 3s
reserve = 200M
EOF
    mv "$T/etc/ghat.conf.new" "$conf"
fi
control=$(sed -n 's/^ *control *= *//p' "$conf")
mkdir -p "$T/srv/drop/Water Supply" "$T/srv/drop/রাস্তা বিভাগ"

cat <<EOF

  Drop      a photo, a video, or a folder with both and a caption.txt into
            $T/srv/drop/Water Supply/    or    $T/srv/drop/রাস্তা বিভাগ/
  Read      what became of it in the folder Status/ beside it
  Type      in another terminal:
            export GHAT_CONF=$conf; PATH=$B:\$PATH
            ghat list                    what came, and its state
            ghat show 1                  what each platform would get
            ghat approve 1               … and it lies in $T/srv/outbox/
  Stop      with Ctrl-C. Configuration: $conf

EOF
exec "$B/ghatd" -c "$conf"
