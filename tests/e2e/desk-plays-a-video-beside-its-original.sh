#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A video is compared with its original: both are played in step, wiped by the same slider as photos, on a phone and by keys; an original that no
# browser plays is said. What came is to be had byte by byte by those who decide, under a name of our own; only films are shown by the browser, and the agency gets none.
. tests/desk/lib.sh
desk_media
cd "$TMPDIR/media"
ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=s=640x480:r=25:d=6 -c:v libx264 -pix_fmt yuv420p -movflags +faststart b.mp4
ffmpeg -nostdin -v error -y -i b.mp4 -vf crop=270:480:184:0,scale=1080:1920 -c:v libx264 -preset ultrafast -crf 40 -movflags +faststart of-story.video.mp4
head -c 5000 /dev/urandom >odd.mov
printf 'not a film' >odd.HtM
cd "$ROOT"
export FAKE_ORIGINAL='8=odd.mov 7=odd.HtM'
fake_up
desk_up
step "what came, as it came"
address() { get rina "/i/$1" | grep -oE "/o/$1/[0-9]+/[0-9a-f]{16}/bytes" | sed -n 1p; }
film=$(address 3)
[ -n "$film" ] || die "nothing leads to the original"
get rina "$film" | cmp - "$TMPDIR/media/b.mp4" || die "other bytes"
same "a part of it" "$(get rina "$film" -H 'Range: bytes=100-199' | cmp -n 100 -i 0:100 - "$TMPDIR/media/b.mp4" && echo same)" same
head_of rina "$film" | seen -i 'content-type: video/mp4' || die "not a film"
! head_of rina "$film" | seen -i content-disposition || die "it is saved, not played"
head_of rina "$film?dl=1" | seen -E 'attachment; filename="3-original-[0-9a-f]{8}.mp4"' || die "$(head_of rina "$film?dl=1")"
for h in 'X-Content-Type-Options: nosniff' "Content-Security-Policy: default-src 'none'"; do head_of rina "$film" | seen -iF "$h" || die "lacks $h"; done
same "the agency" "$(status_of agency "$film")" 404
same "nobody" "$(status_of '' "$film")" 303
same "other bytes than promised" "$(status_of rina "${film%/*/bytes}/0123456789abcdef/bytes")" 404
photo=$(address 2)
head_of rina "$photo" | seen -E 'attachment; filename="2-original-[0-9a-f]{8}.jpg"' || die "a photo that came is opened in the browser"
page=$(address 7)
head_of rina "$page" | seen -i 'content-type: application/octet-stream' || die "a page that came has a type"
head_of rina "$page" | seen -E 'attachment; filename="7-original-[0-9a-f]{8}.htm"' || die "$(head_of rina "$page")"
step "without scripts: two players"
page=$(get rina /i/3/compare/301)
same "players" "$(grep -oE '<video src="/(o|r)/3/[^"]+"[^>]* controls' <<<"$page" | wc -l)" 2
! grep -F 'style=' <<<"$page" >/dev/null || die "a style attribute"
step "in a browser"
. tests/desk/browser.sh
timeout 120 node tests/desk/together.mjs "${DESK/127.0.0.1/localhost}"
