#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Placements are chosen: by ghat.conf, by a department's card, by a line of the officer's caption in three languages. What is not chosen is not
# planned and not shown; a photo alone makes no thumbnail of a video unless it is asked for; a word that means nothing is a mistake.
. tests/e2e/lib.sh
configure placements.also=x.photo
department Water water
department Roads roads $'[placements]\nmake = facebook, wa.photo\n[intake]\nquiet = 1s'
department Parks parks $'[placements]\nalso = yt.thumb\nnot = twitter, ইনস্টাগ্রাম'
department Films films $'[placements]\nmake = yt.video'
start
placements() { item "$ID" '[.renditions[].placement] | unique | join(" ")'; }
dropped() { # dropped DEPARTMENT NAME [CAPTION]: and staged
    mkdir "$TMPDIR/$2"
    mv "$(another "$2.jpg" "$2")" "$TMPDIR/$2/"
    [ -z "${3:-}" ] || printf '%s' "$3" >"$TMPDIR/$2/caption.txt"
    cp -r "$TMPDIR/$2" "$T/srv/drop/$1/"
    arrives "$2" staged
}

step "a photo alone makes no thumbnail"
dropped Water plain
same "by default" "$(placements)" "fb.photo ig.photo story.photo tg.photo wa.photo x.photo"
step "a department's card narrows and widens"
dropped Roads card
same "of the card" "$(placements)" "fb.photo story.photo wa.photo"
dropped Parks widened
same "of the other card" "$(placements)" "fb.photo tg.photo wa.photo yt.thumb"

step "the officer says where, and that line is no caption"
dropped Water english $'Opening of the pump house\n\nFor: Facebook, YouTube\n'
same "english" "$(placements)" "fb.photo story.photo yt.thumb"
same "its caption" "$(item "$ID" .caption)" "Opening of the pump house"
dropped Roads bengali $'যেখানে: টেলিগ্রাম, হোয়াটসঅ্যাপ\nপাম্প হাউসের উদ্বোধন'
same "bengali, more than the card has" "$(placements)" "story.photo tg.photo wa.photo"
same "its caption" "$(item "$ID" .caption)" "পাম্প হাউসের উদ্বোধন"
dropped Water hindi $'जहाँ: एक्स\nपंप हाउस'
same "hindi" "$(placements)" "x.photo"
step "what is off by default is made when it is chosen"
dropped Water more $'For: press, Mastodon, bluesky\n'
same "the others" "$(placements)" "bsky.photo mastodon.photo press.photo"
same "size for the press" "$(item "$ID" '.renditions[] | select(.placement == "press.photo") | "\(.width)x\(.height)"')" 1600x1200
step "a sentence that begins like it stays a caption"
dropped Water sentence $'For: the people of ward 12, a pump house'
same "its caption" "$(item "$ID" .caption)" "For: the people of ward 12, a pump house"
same "as ever" "$(placements)" "fb.photo ig.photo story.photo tg.photo wa.photo x.photo"
"$B/ghat" log "$ID" >"$TMPDIR/log"

step "a video is made for what takes videos, and its thumbnail with it"
cp "$(media short.mp4)" "$T/srv/drop/Films/film.mp4"
arrives film.mp4 staged
same "of the video" "$(placements)" "yt.video"
step "nothing is chosen for photos there: the officer reads so"
cp "$(another still.jpg still)" "$T/srv/drop/Films/still.jpg"
arrives still.jpg quarantined
within 10 "there is a note" test -s "$T/srv/drop/Films/Status/still.jpg.txt"
has "$T/srv/drop/Films/Status/still.jpg.txt" 'Nothing is published of this kind of file'

step "what is on where, and why"
ghat placements >"$TMPDIR/all"
seen -E '^yt.thumb +videos +made by default' <"$TMPDIR/all" || die "yt.thumb is not made of videos by default"
ghat placements --department roads >"$TMPDIR/roads"
seen -E '^x.photo +- +\[placements\] in the department' <"$TMPDIR/roads" || { cat "$TMPDIR/roads"; die "the card is not named"; }
ghat placements --department parks --json | jq -se '.[] | select(.placement == "yt.thumb") | .photos and .videos' >/dev/null || die "not in JSON"
same "render knows only -p" "$(ghat render -o "$TMPDIR/out" "$(media photo.jpg)" | grep -c yt.thumb)" 1
stop
configure placements.make=fb.foto
if "$B/ghatd" -c "$CONF" --check >"$TMPDIR/said" 2>&1; then die "a placement that does not exist is accepted"; fi
has "$TMPDIR/said" 'there is no placement fb.foto'
