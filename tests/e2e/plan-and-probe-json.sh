#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ghat plan says what would be made and why, and makes nothing; ghat probe agrees with ffprobe and exiftool; both speak JSON.
. tests/e2e/lib.sh
unset GHAT_CONF
cd "$TMPDIR"
cp "$(media photo.jpg)" photo.jpg
cp "$(media clip.mp4)" clip.mp4
exiftool -q -overwrite_original -n -Orientation=6 photo.jpg

step "probe"
ghat probe --json photo.jpg clip.mp4 >probe.json
jq -es 'length == 2' probe.json >/dev/null || { cat probe.json; die "not one object a file"; }
grep -q 1600 probe.json && grep -q 1200 probe.json || die "the photo's size is missing"
jq -s '.[1]' probe.json | seen 640 || die "the video's width is missing"
jq -s '.[1]' probe.json | seen h264 || die "the video's codec is missing"
ghat probe photo.jpg | seen 1600 || die "probe for people"

step "plan"
ls -A >before
ghat plan photo.jpg clip.mp4 >plan.txt
ghat plan --json photo.jpg clip.mp4 >plan.json
rm -f plan.txt.x
jq -es 'length == 2' plan.json >/dev/null || { cat plan.json; die "not one object a file"; }
for p in $PHOTOS; do jq -s '.[0]' plan.json | seen "\"$p\"" || die "$p is not in the plan of the photo"; done
for p in $VIDEOS; do jq -s '.[1]' plan.json | seen "\"$p\"" || die "$p is not in the plan of the video"; done
for p in $PHOTOS $VIDEOS; do grep -q "$p" plan.txt || die "$p is not in the printed plan"; done
same "files made" "$(ls -A | grep -v '^plan\.\|^before$')" "$(grep -v '^plan\.\|^before$' before)"
ghat plan -p yt.video clip.mp4 | seen -i pass || die "a clip within all limits is not passed through to yt.video"

step "profiles and filters"
for p in $PHOTOS $VIDEOS; do ghat profiles | seen "^ *$p" || die "ghat profiles lacks $p"; done
for f in orient fit crop pad colour sharpen fps deinterlace trim loudness; do ghat filters | seen -w $f || die "ghat filters lacks $f"; done

step "a bad file is one line and exit 1"
rc=0
echo x >bad.jpg
ghat probe bad.jpg >out 2>err || rc=$?
same code $rc 1
same lines "$(wc -l <err)" 1
