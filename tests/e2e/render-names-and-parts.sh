#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What ghat render calls its files: the stem of the input, ~2 for an equal one, -1of3 for parts; whatever the input is called, no name is
# ever syntax, and what was there before is replaced whole.
. tests/e2e/lib.sh
configure
cd "$TMPDIR"
photo=$(media photo.jpg)
render() { "$B/ghat" -c "$CONF" render "$@" >out 2>err || { cat out err; die "ghat render $*"; }; }

step "equal stems"
mkdir a b
cp "$photo" a/IMG_1.jpg
cp "$(media small.png)" b/IMG_1.png
render -o o -p x.photo a/IMG_1.jpg b/IMG_1.png
same names "$(cd o/x.photo && ls -1 | tr '\n' ' ')" "IMG_1.jpg IMG_1~2.jpg "

step "a symbolic link named on the command line is followed"
ln -s "$photo" link.jpg
render -o o -p x.photo link.jpg
[ -s o/x.photo/link.jpg ] && [ ! -L o/x.photo/link.jpg ] || die "link.jpg"

step "an output that is there is replaced, not trusted, not written through"
echo keep >elsewhere
rm -f o/x.photo/link.jpg
ln -s "$PWD/elsewhere" o/x.photo/link.jpg
echo rubbish >o/x.photo/IMG_1.jpg
render -o o -p x.photo link.jpg a/IMG_1.jpg
same "the file a link pointed to" "$(cat elsewhere)" keep
[ ! -L o/x.photo/link.jpg ] || die "it wrote through a link"
djpeg o/x.photo/IMG_1.jpg >/dev/null || die "rubbish was kept"
[ -z "$(find o -name '.*' -type f)" ] || die "temporary files are left"

step "names that are syntax to somebody"
for n in 'x%d.jpg' 'http:x.jpg' '-dash.jpg' 'উদ্বোধন.jpg' 'a b;c$(d).jpg' "quote'\".jpg" '.hidden.jpg' 'two.dots.jpg' 'noending' "$(printf 'new\nline').jpg"; do
    cp "$photo" "./$n"
    render -o n -p wa.photo -- "$n"
    stem=${n%.*}
    [ -s "n/wa.photo/$stem.jpg" ] || { ls -A n/wa.photo; die "no output for $n"; }
done
cp "$(media clip.mp4)" 'v%03d.mp4'
render -o n -p x.video -- 'v%03d.mp4'
[ -s 'n/x.video/v%03d.mp4' ] || die "no output for v%03d.mp4"

step "parts"
sed -e 's/^name = .*/name = parts.video/; s/^trim = .*/trim = max=2.5 min=0.5 over=split/' -e 's/^passthrough = .*/passthrough = no/' \
    "$ROOT/profiles/x.video.profile" >"$T/etc/profiles/parts.video.profile"
render -o p -p parts.video "$(media clip.mp4)"
same names "$(cd p/parts.video && ls -1 | tr '\n' ' ')" "clip-1of3.mp4 clip-2of3.mp4 clip-3of3.mp4 "
total=0
for f in p/parts.video/*; do total=$(echo "$total $(ffprobe -v error -show_entries format=duration -of csv=p=0 "$f")" | awk '{ print $1 + $2 }'); done
awk -v t="$total" 'BEGIN { exit !(t > 5.8 && t < 6.3) }' || die "the parts are $total s together"
