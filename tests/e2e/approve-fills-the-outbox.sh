#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Nothing is in the outbox before an approval; after it there are exactly the approved files, a caption, a manifest and SHA256SUMS that
# sha256sum agrees with. A second approval adds to it, and what was there does not change.
. tests/e2e/lib.sh
configure
department Water water
start
printf 'A caption of two lines\nand a smile 🙂\n' >"$T/srv/drop/Water/Opening.txt"
cp "$(media photo.jpg)" "$T/srv/drop/Water/Opening.jpg"
arrives Opening.jpg staged || arrives Opening staged
[ -z "$(find "$T/srv/outbox" -type f)" ] || die "something left without an approval"

step "two placements"
ghat approve --whatever-is-there "$ID" -p fb.photo,x.photo --as rina
within 30 "the outbox has it" in_outbox "$ID"
box=$(outbox_of "$ID")
[[ $(basename "$(dirname "$box")") =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}$ ]] || die "no day in $box"
same "name of the folder" "$(basename "$box")" "water-$ID"
(cd "$box" && sha256sum --strict -c SHA256SUMS) || die "SHA256SUMS"
m=$box/manifest.json
same placements "$(jq -r '[.files[].placement] | sort | join(" ")' "$m")" "fb.photo x.photo"
same "files there" "$(cd "$box" && find . -type f | sort | sed 's/-[0-9a-f]\{8\}\./-SHA8./' | tr '\n' ' ')" \
    "./SHA256SUMS ./caption.txt ./fb.photo/water-$ID-fb.photo-SHA8.jpg ./manifest.json ./x.photo/water-$ID-x.photo-SHA8.jpg "
while IFS=$'\t' read -r path sha bytes w h; do
    same "hash of $path" "$(hash_of "$box/$path")" "$sha"
    [[ $path == *-${sha:0:8}.jpg ]] || die "$path is not named by its hash $sha"
    same "bytes of $path" "$(stat -c %s "$box/$path")" "$bytes"
    same "size of $path" "$(exiftool -s3 -ImageSize "$box/$path")" "${w}x$h"
done < <(jq -r '.files[] | [.path, .sha256, .bytes, .width, .height] | @tsv' "$m")
same caption "$(cat "$box/caption.txt")" "$(printf 'A caption of two lines\nand a smile 🙂')"
same "who approved" "$(jq -r '.files[0].approved_by' "$m" | grep -o rina)" rina
same officer "$(jq -r '.nodal_officer | "\(.name), \(.designation), \(.mobile), \(.email)"' "$m")" \
    "Anjali Sen, Executive Engineer, +91 33 2286 1000, nodal@example.org"
jq -e '.files[0].removed | join(" ") | test("GPS"; "i")' "$m" >/dev/null || die "the manifest does not say what was removed"
jq -e '.times | .dropped and .staged and .approved' "$m" >/dev/null || die "the manifest lacks times"
same "original name" "$(jq -r '.files[0].original_name' "$m")" Opening.jpg
same "original hash" "$(jq -r '.files[0].original_sha256' "$m")" "$(hash_of "$(media photo.jpg)")"

step "the rest"
before=$(cd "$box" && sha256sum ./*.photo/*)
ghat approve --whatever-is-there "$ID" --as mita
all() { [ "$(jq '.files | length' "$m")" = 7 ]; }
within 30 "all seven are there" all
within 30 "the ledger says so" in_outbox "$ID"
(cd "$box" && sha256sum --strict -c SHA256SUMS >/dev/null && echo "$before" | sha256sum --strict -c >/dev/null) || die "a file changed"
same state "$(item "$ID" .state)" decided
same "placements after" "$(item "$ID" '[.placements[]] | unique | join(" ")')" published

step "an approval of what is approved changes nothing"
stamp=$(stat -c '%i %Y' "$m")
ghat approve --whatever-is-there "$ID" --as mita || :
same manifest "$(stat -c '%i %Y' "$m")" "$stamp"
[ -z "$(find "$T/srv/outbox" -name '.*' -type f)" ] || die "temporary files are left in the outbox"
