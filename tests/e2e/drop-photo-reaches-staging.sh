#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A photo put into a department's folder is taken, kept under its hash, and staged for every photo placement without what is private.
. tests/e2e/lib.sh
configure intake.scan=1h
department Water water
start

photo=$(media photo.jpg)
cp "$photo" "$T/srv/drop/Water/Opening.jpg"
arrives Opening.jpg staged
same department "$(item "$ID" .department)" water
same placements "$(item "$ID" '.placements | to_entries | map("\(.key)=\(.value)") | sort | join(" ")')" \
    "$(for p in $PHOTOS; do printf '%s=staged ' "$p"; done | sed 's/ $//')"
same "the original's hash" "$(item "$ID" '.files[0].sha256')" "$(hash_of "$photo")"

step "the drop folder is empty again, the original is kept byte for byte"
[ ! -e "$T/srv/drop/Water/Opening.jpg" ] || die "the dropped file is still there"
kept=$(find "$T/srv/spool" "$T/srv/archive" -name "*$(hash_of "$photo")*" -type f | first)
cmp "$photo" "$kept"

step "each output is a JPEG that other programs read, of a size its platform takes, named in the ledger by its hash"
n=0
while IFS=$'\t' read -r placement stage sha w h; do
    file=$T/srv/staging/$stage
    same "hash of $placement" "$(hash_of "$file")" "$sha"
    djpeg -fast "$file" >/dev/null
    same "size of $placement" "$(exiftool -s3 -ImageSize "$file")" "${w}x$h"
    leak=$(exiftool -a -u -G1 "$file" | grep -Ei 'GPS|serial|SN123456|private|UserComment' || :)
    [ -z "$leak" ] || die "$placement still says: $leak"
    case $placement in
    story.photo) same story "$w $h" "1080 1920" ;;
    yt.thumb) same thumb "$w $h" "1280 720" ;;
    wa.photo) [ "$(stat -c %s "$file")" -le 1000000 ] || die "wa.photo is too large" ;;
    esac
    n=$((n + 1))
done < <(ghat show "$ID" --json | jq -r '.renditions[] | [.placement, .stage, .sha256, .width, .height] | @tsv')
same "number of outputs" $n 7
item "$ID" '.renditions[0].removed | join(" ")' | seen -i gps || die "it is not written down that the position was removed"

step "the ledger is SQLite in WAL mode and sound"
same journal "$(sql 'pragma journal_mode')" wal
same integrity "$(sql 'pragma integrity_check')" ok
