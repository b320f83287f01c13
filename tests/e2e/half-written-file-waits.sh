#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A file that somebody still writes to is left alone: held open over long pauses, growing in steps, or full of zeros that are filled in.
. tests/e2e/lib.sh
configure intake.quiet=1s intake.scan=1s
department Water water
start
photo=$(media photo.jpg)
size=$(stat -c %s "$photo")
drop=$T/srv/drop/Water
taken() { list ".[] | select(.name == \"$1\") | select(.state != \"arriving\") | .id"; }

step "held open: half of it, then nothing for longer than the quiet time"
exec 5>"$drop/held.jpg"
head -c $((size / 2)) "$photo" >&5
never 4 "a file that is still open was taken" taken held.jpg
tail -c +$((size / 2 + 1)) "$photo" >&5
exec 5>&-
arrives held.jpg staged
same "bytes of held.jpg" "$(item "$ID" '.files[0].sha256')" "$(hash_of "$photo")"

step "growing in steps, opened anew for each"
src=$(another b.jpg steps)
size=$(stat -c %s "$src")
for i in 0 1 2 3 4 5 6 7; do
    dd if="$src" iflag=skip_bytes,count_bytes skip=$((size * i / 8)) count=$((size * (i + 1) / 8 - size * i / 8)) status=none >>"$drop/grows.jpg"
    if taken grows.jpg >/dev/null; then die "taken after step $i"; fi
    pause 0.4
done
arrives grows.jpg staged
same "bytes of grows.jpg" "$(item "$ID" '.files[0].sha256')" "$(hash_of "$src")"

step "at its full size from the start, filled in later, as Explorer does it"
src=$(another c.jpg zeros)
size=$(stat -c %s "$src")
exec 6<>"$drop/zeros.jpg"
truncate -s "$size" "$drop/zeros.jpg"
never 3 "a file of zeros was taken" taken zeros.jpg
cat "$src" >&6
exec 6>&-
arrives zeros.jpg staged
same "bytes of zeros.jpg" "$(item "$ID" '.files[0].sha256')" "$(hash_of "$src")"
