#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# demo.sh BUILD TREE: pictures and a clip, made on the spot, dropped where make run looks: a folder of five photos with a caption, and a video.
set -eu
T=$(realpath "$2")
drop="$T/srv/drop/Water Supply"
[ -d "$drop" ] || { echo "demo: start make run first" >&2; exit 1; }
command -v ffmpeg >/dev/null || { echo "demo: needs ffmpeg (make deps)" >&2; exit 1; }
work=$(mktemp -d "$T/demo-XXXXXX")
trap 'rm -rf "$work"' EXIT
make_picture() { # NAME SOURCE
    ffmpeg -nostdin -v error -y -f lavfi -i "$2" -frames:v 1 -q:v 2 "$work/folder/$1.jpg"
}
mkdir "$work/folder"
make_picture 'Pump house' 'mandelbrot=s=2400x1600:start_scale=0.02'
make_picture 'Reservoir' 'gradients=s=2400x1600:c0=#0b5563:c1=#9fd3c7:c2=#f5efe0:nb_colors=3:seed=7'
make_picture 'Pipes' 'mandelbrot=s=2400x1600:start_scale=0.0006:start_x=-0.745:start_y=0.1'
make_picture 'Ward 12' 'gradients=s=1600x2400:c0=#a83f00:c1=#f2c14e:nb_colors=2:seed=3'
make_picture 'Opening' 'testsrc2=s=2400x1600'
printf '%s\n' 'ওয়ার্ড ১২-তে নতুন জলাধারের উদ্বোধন: এখন দিনে আট ঘণ্টা জল।' >"$work/folder/caption.txt"
ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=s=1280x720:r=25:d=8 -f lavfi -i sine=f=330:d=8 -c:v libx264 -preset veryfast -pix_fmt yuv420p -c:a aac "$work/Water flows.mp4"
n=$(date +%H%M%S)
mv "$work/folder" "$drop/New reservoir $n"
mv "$work/Water flows.mp4" "$drop/Water flows $n.mp4"
echo "Dropped: $drop/New reservoir $n/ and Water flows $n.mp4"
