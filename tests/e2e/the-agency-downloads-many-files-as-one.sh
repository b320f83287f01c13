#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The agency gets an item, a day, or everything new as one ZIP file: foreign readers unpack it, its bytes are the outbox's, its length is known
# before, and it is resumed as the same file though new ones come. What is withdrawn is not handed out any more: the list ends and says why.
. tests/e2e/lib.sh
configure publish.undo=0 desk.url=http://desk.test desk.second_factor=none
department Water water
department Roads roads
start
desk_up
person agni --role agency
person bela --role agency
person omar --role officer --department water
mkdir "$TMPDIR/in"
for n in 1 2 3; do cp "$(another $n.jpg "$n")" "$TMPDIR/in/"; done
printf 'নতুন পাম্প\nAlt: the pump\n' >"$TMPDIR/in/caption.txt"
printf 'Seen from the road' >"$TMPDIR/in/2.alt.txt"
mv "$TMPDIR/in" "$T/srv/drop/Water/Pump"
cp "$(another single.jpg single)" "$T/srv/drop/Roads/single.jpg"
arrives Pump staged
PUMP=$ID
arrives single.jpg staged
ROAD=$ID
same "a list of nothing" "$(web_post agni /zip -d new=1)" "409 "
ghat approve --whatever-is-there "$PUMP" -p fb.photo,x.photo >/dev/null
ghat approve --whatever-is-there "$ROAD" -p fb.photo >/dev/null
within 30 "the album is out" in_outbox "$PUMP"
within 30 "the photo is out" in_outbox "$ROAD"
DAY=$(basename "$(dirname "$(outbox_of "$PUMP")")")

# list WHO FORM…: makes one; sets LIST and FILE, the address of its bytes.
make_list() {
    local to
    to=$(web_post "$1" /zip "${@:2}")
    LIST=${to#303 /zip/}
    web "$1" "/zip/$LIST" >"$TMPDIR/page"
    FILE=$(grep -oE "/zip/$LIST/ghat-[0-9a-z-]*\.zip" "$TMPDIR/page" | first)
    [ -n "$FILE" ] || { cat "$TMPDIR/page"; die "no download: $to"; }
}
step "everything new"
make_list agni -d new=1
web agni "$FILE" -o "$TMPDIR/new.zip" -D "$TMPDIR/head"
for h in "Content-Length: $(stat -c %s "$TMPDIR/new.zip")" 'Content-Type: application/zip' 'Accept-Ranges: bytes' 'Cache-Control: no-store' \
    "filename=\"${FILE##*/}\""; do has "$TMPDIR/head" "$h"; done
ETAG=$(sed -n 's/^ETag: //p' "$TMPDIR/head" | tr -d '\r')
unzip -tq "$TMPDIR/new.zip" >/dev/null || die "unzip"
bsdtar -xOf "$TMPDIR/new.zip" >/dev/null || die "bsdtar"
7z t "$TMPDIR/new.zip" >"$TMPDIR/7z" || die "7z: $(cat "$TMPDIR/7z")"
python3 -c 'import sys, zipfile; assert zipfile.ZipFile(sys.argv[1]).testzip() is None' "$TMPDIR/new.zip" || die "python"
# unpack ZIP: below $TMPDIR/out; every file of it that is no text is one of the outbox.
unpack() {
    rm -rf "$TMPDIR/out"
    unzip -qd "$TMPDIR/out" "$1"
    find "$TMPDIR/out" -name '*.jpg' -printf '%P\n' | sed -E 's|/[0-9]{2}-|/|' | sort >"$TMPDIR/names"
    (cd "$TMPDIR/out" && find . -name '*.jpg' -exec sha256sum {} + | cut -d' ' -f1 | sort) >"$TMPDIR/sums"
    (cd "$T/srv/outbox" && xargs -a "$TMPDIR/names" sha256sum | cut -d' ' -f1 | sort) | cmp - "$TMPDIR/sums" || die "other bytes than in the outbox"
}
unpack "$TMPDIR/new.zip"
same "files" "$(wc -l <"$TMPDIR/names")" 7
same "the album in order" "$(cd "$TMPDIR/out/$DAY/water-$PUMP/fb.photo" && ls | cut -c1-3 | tr '\n' ' ')" "01- 02- 03- alt cap "
has "$TMPDIR/out/$DAY/water-$PUMP/fb.photo/caption.txt" 'নতুন পাম্প'
grep -q '^02-.*jpg: Seen from the road$' "$TMPDIR/out/$DAY/water-$PUMP/fb.photo/alt.txt" || die "no alt text: $(cat "$TMPDIR/out/$DAY/water-$PUMP/fb.photo/alt.txt")"
step "an item, a day"
make_list agni -d "id=$ROAD"
web agni "$FILE" -o "$TMPDIR/item.zip"
unpack "$TMPDIR/item.zip"
same "of the item" "$(cat "$TMPDIR/names" | cut -d/ -f2)" "roads-$ROAD"
make_list agni -d "day=$DAY"
web agni "$FILE" -o "$TMPDIR/day.zip"
unpack "$TMPDIR/day.zip"
same "of the day" "$(wc -l <"$TMPDIR/names")" 7
same "of a day without" "$(web_post agni /zip -d day=2020-01-01)" "409 "
same "of no day" "$(web_post agni /zip -d day=../etc)" "409 "
step "resumed, though more is out by now"
LIST=1 FILE=/zip/1/ghat-new-1.zip
ghat approve --whatever-is-there "$ROAD" -p x.photo >/dev/null
within 20 "more is out" sh -c "ghat show $ROAD --json | jq -e '.placements[\"x.photo\"] == \"published\"'"
half=$(($(stat -c %s "$TMPDIR/new.zip") / 2))
head -c "$half" "$TMPDIR/new.zip" >"$TMPDIR/resumed.zip"
curl -sS -b "${WHO[agni]}" -C - -o "$TMPDIR/resumed.zip" "$DESK$FILE"
cmp "$TMPDIR/new.zip" "$TMPDIR/resumed.zip" || die "resumed as another file"
for range in 0-0 5-99 "$half-$((half + 7))" "-22"; do
    same "$range" "$(web_status agni "$FILE" -r "$range" -H "If-Range: $ETAG")" 206
    from=${range%%-*}
    [ -n "$from" ] || from=$(($(stat -c %s "$TMPDIR/new.zip") - 22))
    cmp -n "$(stat -c %s "$TMPDIR/answer")" -i "0:$from" "$TMPDIR/answer" "$TMPDIR/new.zip" || die "bytes of $range"
done
same "another version" "$(web_status agni "$FILE" -r 5-9 -H 'If-Range: "x"')" 200
same "known" "$(web_status agni "$FILE" -H "If-None-Match: $ETAG")" 304
same "beyond" "$(web_status agni "$FILE" -r 999999999-)" 416
step "over a restart of ghatd; sums that are not kept are made again"
stop
sqlite3 "$T/state/ledger.db" "DELETE FROM crc; UPDATE bundle_entry SET crc = NULL WHERE path <> ''"
start
same "at first" "$(web_status agni "$FILE")" 503
ready() { [ "$(web_status agni "$FILE")" = 200 ]; }
within 20 "it is ready again" ready
cmp "$TMPDIR/answer" "$TMPDIR/new.zip" || die "another file after a restart"
step "nobody else's"
for path in /zip/1 "$FILE"; do
    same "another of the agency: $path" "$(web_status bela "$path")" 404
    same "an officer: $path" "$(web_status omar "$path")" 404
    same "nobody: $path" "$(web_status '' "$path")" 303
done
same "under another name" "$(web_status agni /zip/1/other.zip)" 404
same "an officer makes one" "$(web_post omar /zip -d new=1)" "404 "
same "another's is collected" "$(web_post bela /zip/1/collected)" "404 "
step "withdrawn: the list is over, and says why"
ghat withdraw "$PUMP" -p x.photo --reason 'the wrong bridge' >/dev/null
same "whole" "$(web_status agni "$FILE")" 410
has "$TMPDIR/answer" 'the wrong bridge'
same "resumed" "$(web_status agni "$FILE" -r "$half-")" 410
! seen 'PK' "$TMPDIR/answer" || die "bytes of a list that is over"
has <(web agni /zip/1) 'Make a new list'
make_list agni -d new=1
web agni "$FILE" -o "$TMPDIR/again.zip"
unpack "$TMPDIR/again.zip"
same "of what is still out" "$(cut -d/ -f2,3 "$TMPDIR/names" | sort | uniq -c | tr -s ' ' | tr '\n' ';')" " 1 roads-$ROAD/fb.photo; 1 roads-$ROAD/x.photo; 3 water-$PUMP/fb.photo;"
step "collected as a whole"
same "collected" "$(web_post agni "/zip/$LIST/collected")" "303 /zip/$LIST?done=collected"
same "states" "$(item "$PUMP" '.placements["fb.photo"]')$(item "$ROAD" '.placements["fb.photo"]')" collectedcollected
same "by whom" "$(ghat log "$ROAD" --json | jq -rs '[.[] | select(.action == "collected") | .actor] | unique | join(" ")')" 'user:agni (agency) by desk'
same "nothing is new" "$(web_post agni /zip -d new=1)" "409 "
step "lists that are kept"
for i in 1 2 3 4 5 6 7 8 9; do web_post agni /zip -d "id=$ROAD" >/dev/null; done
same "kept" "$(sql 'SELECT count(*) || " " || min(id) FROM bundle')" "8 $(($(sql 'SELECT max(id) FROM bundle') - 7))"
same "the first one" "$(web_status agni /zip/1)" 404
ghat verify >/dev/null || die "ghat verify"
