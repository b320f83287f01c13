#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Without JavaScript: a button beside each picture moves it by one place; an output lies beside its original, placed so that both show the same; an
# item is a sheet with its digest as QR code. None of it for the agency. A grid of 200 pictures is one page and one form.
. tests/desk/lib.sh
export FAKE_FILES=5=200
up
step "one place earlier, one later, and no further than the ends"
page=$(get rina /i/4)
same "buttons" "$(grep -oE '<button form="order" name="(up|down)" value="[0-9]+"' <<<"$page" | wc -l)" 6
same "at the ends they are off" "$(grep -oE 'name="(up|down)" value="[0-9]+" disabled' <<<"$page" | tr '\n' ' ')" 'name="up" value="1" disabled name="down" value="3" disabled '
moved() { # BUTTON=NUMBER: the order that ghatd is asked for
    same "moving" "$(post rina /i/4/order -d pos.1=1 -d pos.2=2 -d pos.3=3 -d "$1")" 303
    asked '.request == "order"' | tail -n 1 | jq -c .files
}
same "up" "$(moved up=3)" '[1,3,2]'
same "down" "$(moved down=1)" '[2,1,3]'
same "up at the beginning" "$(moved up=1)" '[1,2,3]'
same "down at the end" "$(moved down=3)" '[1,2,3]'
same "a number that is none" "$(moved up=x)" '[1,2,3]'
same "by places" "$(moved pos.4=2)" '[1,2,4,3]'
! get anjali /i/4 | grep -F 'form="order"' >/dev/null || die "an officer can order"
page=$(get rina /i/9)
same "what was chosen is shown in its order" "$(grep -oE 'name="up" value="[0-9]+"' <<<"$page" | grep -oE '[0-9]+' | tr '\n' ' ')" '3 1 2 '
same "and can be changed from there" "$(grep -oE 'name="pos.[0-9]+" type="number" min="1" max="200" value="[0-9]+"' <<<"$page" | sed 's/ type.*value=/ /' | tr -d '"' | tr '\n' ' ')" 'name=pos.3 1 name=pos.1 2 name=pos.2 3 '
step "200 pictures"
get rina /i/5 >"$TMPDIR/grid"
same "pictures" "$(grep -oE '/o/5/[0-9]+/[0-9a-f]{16}-360\.jpg' "$TMPDIR/grid" | wc -l)" 200
same "ticks" "$(grep -oE 'name="f" value="[0-9]+" data-in="fb.photo[^"]*" checked' "$TMPDIR/grid" | wc -l)" 200
same "not one is fetched before it is looked at" "$(grep -E '/o/5/[0-9]+/[0-9a-f]{16}-360\.jpg' "$TMPDIR/grid" | grep -vc 'loading="lazy"')" 0
form=(-d handle=x -d chosen=1 -d files_chosen=1)
for i in $(seq 200); do [ $((i % 2)) = 0 ] || form+=(-d f=$i); done
same "every second one" "$(post rina /i/5/approve "${form[@]}" -d p=fb.photo)" 303
same "as ghatd is asked" "$(asked '.request == "approve"' | tail -n 1 | jq '[(.files | length), .files[0], .files[99]] | join(" ")' -r)" "100 1 199"
form=()
for i in $(seq 200); do form+=(-d pos.$i=$i); done
same "all of them in order" "$(post rina /i/5/order "${form[@]}" -d up=200)" 303
same "as ghatd is asked" "$(asked '.request == "order"' | tail -n 1 | jq -c '[(.files | length), .files[198], .files[199]]')" '[200,200,199]'
step "an output beside its original"
path=$(get rina /i/2 | grep -oE '/i/2/compare/[0-9]+' | sed -n 1p)
[ -n "$path" ] || die "nothing leads there"
page=$(get rina "$path")
# fb.photo is 1080x1350 of 4000x3000, cropped to 2400x3000 from 800 on: 0.45 of its size, 360 to the left
for w in 'viewBox="0 0 1080 1350"' 'x="-360" y="0" width="1800" height="1350"' 'type="range"'; do grep -F "$w" <<<"$page" >/dev/null || die "lacks $w: $(grep -F '<image' <<<"$page")"; done
grep -E '<image href="/o/2/2/[0-9a-f]{16}-1600\.jpg"' <<<"$page" >/dev/null || die "no original"
file=$(grep -oE '<img src="/r/2/[0-9]+/[0-9a-f]{16}"' <<<"$page" | cut -d'"' -f2)
get rina "$file" | cmp - "$TMPDIR/media/a.jpg" || die "not the very file"
! grep -F 'style=' <<<"$page" >/dev/null || die "a style attribute"
same "for the agency" "$(status_of agency "$path")" 404
! get agency /i/2 | grep -F /compare/ >/dev/null || die "the agency is led there"
same "what is not there" "$(status_of rina /i/2/compare/999)" 404
still=$(get rina /i/3 | grep -oE '/r/3/304/[0-9a-f]+' | sed -n 1p)
[ -n "$still" ] || die "the video has no still"
same "a still of a video, which lies over no picture" "$(status_of rina "/i/3/compare/304")" 404
step "a sheet"
page=$(get rina /i/2/print)
digest=$(printf 2 | sha256sum | cut -d' ' -f1)
grep -F "<code>$digest</code>" <<<"$page" >/dev/null || die "no digest"
grep -E '<svg class="qr" viewBox="0 0 [0-9]+ [0-9]+"' <<<"$page" >/dev/null || die "no QR code"
same "outputs" "$(grep -oE '<code>[0-9a-f]{64}</code>' <<<"$page" | wc -l)" 7
same "for the agency" "$(status_of agency /i/2/print)" 404
same "of nothing" "$(status_of rina /i/4711/print)" 404
step "keys: a list and a switch on each page, for those who want them"
page=$(get rina /q)
grep -F '<dialog id="keys"' <<<"$page" >/dev/null || die "no list of keys"
same "switching them off" "$(post rina /me -d has_keys=1)" 303
same "what ghatd was asked" "$(asked '.request == "me-set"' | tail -n 1 | jq .keys)" false
! get rina /q | grep -E 'data-keys|id="keys"' >/dev/null || die "they are still there"
step "a screen on a wall: by its link alone, renewed by itself"
wall=/wall/55555555555555555555555555555555
get '' $wall >"$TMPDIR/wall"
grep -F 'http-equiv="refresh" content="30"' "$TMPDIR/wall" >/dev/null || die "it does not renew itself"
for w in '<span>7</span>' '2 hours' '<dd>12</dd>'; do grep -F "$w" "$TMPDIR/wall" >/dev/null || die "lacks $w: $(cat "$TMPDIR/wall")"; done
! grep -E 'Water|IMG_|href="/(i|q)' "$TMPDIR/wall" >/dev/null || die "it tells more than figures"
same "another link" "$(status_of '' /wall/44444444444444444444444444444444)" 404
step "what a phone puts on its home screen"
get '' /ghat.webmanifest >"$TMPDIR/manifest"
same "how it begins" "$(jq -r '[.start_url, .display] | join(" ")' "$TMPDIR/manifest")" "/ standalone"
for i in $(jq -r '.icons[].src' "$TMPDIR/manifest"); do same "$i" "$(status_of '' "$i")" 200; done
get '' /login | grep -F 'rel="manifest" href="/ghat.webmanifest"' >/dev/null || die "no page names it"
