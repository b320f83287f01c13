#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Cards and items show previews by the hash of what they show: asked for again while they are made, not found by another hash, an original's only
# for those who may see it. The item shows on the original which part each platform keeps, without a style attribute, and takes a point. A line
# says that something is new.
. tests/desk/lib.sh
up
step "a card has a preview; it is made, then there, and kept for good"
path=$(get rina /q | grep -oE '/p/[0-9]+/[0-9]+/[0-9a-f]{16}-360\.jpg' | sed -n 1p)
[ -n "$path" ] || die "no preview on the queue"
same "while it is made" "$(status_of rina "$path")" 503
head_of rina "${path}" >"$TMPDIR/head"
for h in 'HTTP/1.1 200' 'Content-Type: image/jpeg' 'private, max-age=31536000, immutable' 'Cross-Origin-Resource-Policy: same-origin'; do
    grep -F "$h" "$TMPDIR/head" >/dev/null || die "lacks $h: $(cat "$TMPDIR/head")"
done
get rina "$path" | cmp - "$TMPDIR/media/a.jpg"
step "another hash, another size, odd names: not found"
item=${path%/*}
for name in 0123456789abcdef-360.jpg "${path##*/}x" "$(basename "$path" -360.jpg)-361.jpg" "$(basename "$path" -360.jpg)-0360.jpg" "$(basename "$path" -360.jpg)-160-.jpg" \
    "$(basename "$path" -360.jpg)" x.jpg ..%2f..%2fetc; do
    get rina "$item/$name" -o /dev/null # the first time it is made
    same "$name" "$(status_of rina "$item/$name")" 404
done
step "an original: for those who decide, not for the agency"
page=$(get rina /i/2)
original=$(grep -oE '/o/2/2/[0-9a-f]{16}-1600\.jpg' <<<"$page" | sed -n 1p)
[ -n "$original" ] || die "the item does not show its original"
get rina "$original" -o /dev/null
same "for the approver" "$(status_of rina "$original")" 200
same "for the agency" "$(status_of agency "$original")" 404
same "for nobody" "$(status_of '' "$original")" 303
step "the crop map: a frame for each different part, attributes and no style"
grep -F 'Facebook, Instagram' <<<"$page" >/dev/null || die "the frame does not say whose it is"
same "frames" "$(grep -o '<rect class="f[0-3]" x="800" y="0"' <<<"$page" | wc -l)" 2
grep -F 'viewBox="0 0 4000 3000"' <<<"$page" >/dev/null || die "the map is not in pixels of the original"
! grep -F 'style=' <<<"$page" >/dev/null || die "a style attribute"
grep -F 'data-tap' <<<"$page" >/dev/null || die "the approver cannot choose a point"
! get anjali /i/2 | grep -F 'data-tap' >/dev/null || die "an officer can choose a point"
same "choosing a point" "$(post rina /i/2/focal --data-urlencode at=0.2500,0.5000)" 303
same "what ghatd was asked" "$(asked '.request == "focal"' | jq -r .at)" 0.2500,0.5000
step "and taking it back: to the point before, or to none"
back() { get rina "$1" | grep -oE 'action="/i/2/focal"><input type="hidden" name="csrf" value="[0-9a-f]+"><input type="hidden" name="at" value="[0-9.,]*"><button' | grep -oE 'name="at" value="[^"]*"' || echo none; }
leads() { post rina /i/2/focal -o /dev/null -w ' %{redirect_url}' --data-urlencode "at=$1" | sed "s|.*$DESK||"; }
to=$(leads 0.7500,0.2000)
same "where it leads" "${to%&seal=*}" '/i/2?done=focal&id=2&was=0.2500,0.5000'
same "what Undo sends" "$(back "$to")" 'name="at" value="0.2500,0.5000"'
leads '' >/dev/null
same "the first point" "$(back "$(leads 0.1000,0.1000)")" 'name="at" value=""'
step "a link from elsewhere says what it likes, and offers no Undo"
undos() { get "$1" "$2" | grep -coE 'action="/i/[0-9]+/(focal|undo)"><input type="hidden" name="csrf" value="[0-9a-f]+">(<input type="hidden" name="at"[^>]*>)?<button class="link"' || :; }
same "of the address it was sent to" "$(undos rina "$to")" 1
verdict=$(post rina /i/1/approve -o /dev/null -w ' %{redirect_url}' --data-urlencode handle=x | sed "s|.*$DESK||")
case $verdict in *'done=approve&id=1&undo=1&seal='*) ;; *) die "the verdict leads to $verdict" ;; esac
same "after a verdict" "$(undos rina "$verdict")" 1
for link in "${to/was=0.2500,0.5000/was=0.0500,0.0500}" "${to/id=2/id=1}" "${to/done=focal/done=urgent}" "${to/&was=*&seal/&undo=1&seal}" "${to%&seal=*}" "${to%?}" \
    "${verdict/id=1/id=3}" "${verdict/undo=1/was=auto}" "${verdict%&seal=*}" '/i/2?done=focal&id=1&was=0.05,0.05' '/q?done=approve&id=1&undo=1' '/q?done=approve&id=1&undo=1&seal='; do
    same "$link" "$(undos rina "$link")" 0
done
same "of another person's address" "$(undos boss "$verdict")" 0
step "a video: six moments, each a button that makes it the thumbnail"
page=$(get rina /i/3)
same "moments" "$(grep -oE 'name="at" value="[0-9.]+"><img src="/p/3/[0-9]+/[0-9a-f]{16}-160-[1-6]\.jpg"' <<<"$page" | wc -l)" 6
grep -E '<video src="/r/3/[0-9]+/[0-9a-f]{16}" poster="/p/3/[0-9]+/[0-9a-f]{16}-360\.jpg" controls preload="metadata"' <<<"$page" >/dev/null || die "no player with a poster"
still=$(grep -oE '/p/3/[0-9]+/[0-9a-f]{16}-160-2\.jpg' <<<"$page")
get rina "$still" -o /dev/null
same "a still" "$(status_of rina "$still")" 200
same "choosing one" "$(post rina /i/3/thumb --data-urlencode at=1.500)" 303
same "what ghatd was asked" "$(asked '.request == "thumb"' | jq .at)" 1.5
! get anjali /i/3 | grep -F 'class="stills"' >/dev/null || die "an officer can choose a moment"
step "many files: a picture of each, with its tick"
page=$(get rina /i/4)
same "pictures" "$(grep -oE '/o/4/[0-9]+/[0-9a-f]{16}-360\.jpg' <<<"$page" | wc -l)" 3
same "ticks" "$(grep -oE 'name="f" value="[0-9]+"' <<<"$page" | wc -l)" 3
step "photos of one scene"
get rina /i/4 | grep -F 'the sharpest first: 1 3 2' >/dev/null || die "the group is not told"
step "what is new"
place=$(get rina /count | jq -r .place)
same "nothing yet" "$(get rina "/count?after=$place" | jq .new)" false
same "something" "$(get rina "/count?after=$(printf '1%.0s' $(seq 16)).4" | jq .new)" true
same "for nobody" "$(status_of '' /count)" 303
