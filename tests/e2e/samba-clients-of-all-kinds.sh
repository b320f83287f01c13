#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What real clients do over SMB: two departments at once, rename into place, moves into a sub-folder, Finder's and Explorer's extra
# files, a pause in the middle, a connection that dies half-way and is taken up again, a later edit, a recall.
. tests/e2e/lib.sh
configure
department Water water
department Roads roads
samba Water Roads
start
cd "$TMPDIR"
cp "$(media photo.jpg)" photo.jpg
for f in a b c d e f; do another $f.jpg "$f of the clients" >/dev/null; done
printf 'junk' >junk
half=$(($(stat -c %s f.jpg) / 2))

step "two departments at the same time"
smb water 'put a.jpg' &
smb roads 'put b.jpg'
wait $!
arrives a.jpg staged
same department "$(item "$ID" .department)" water
arrives b.jpg staged
same department "$(item "$ID" .department)" roads

step "uploaded under another name and renamed; moved into a folder; what Finder and Explorer add"
smb water 'put c.jpg upload.tmp; rename upload.tmp c.jpg; put e.jpg; mkdir Event; rename e.jpg Event\e.jpg;
    put junk ._c.jpg; put junk .DS_Store; put junk Thumbs.db; put junk desktop.ini; put junk Event\._e.jpg; put junk Event\.DS_Store'
arrives c.jpg staged
arrives Event staged
same "files of the folder" "$(item "$ID" '[.files[].name] | join(" ")')" e.jpg
ignored() { [ "$(ghat status --json | jq .intake.ignored)" -ge 4 ]; }
within 30 "they are counted" ignored
gone() { [ ! -e "$T/srv/drop/Water/Event" ]; }
within 30 "the emptied folder goes, with what Finder left in it" gone

step "a client that pauses for longer than the quiet time, with the file open"
mkfifo slow
exec 5<>slow
smb water 'put slow d.jpg' 5>&- &
client=$!
head -c $half d.jpg >&5
within 30 "the file is there" test -e "$T/srv/drop/Water/d.jpg" # smbclient reads ahead: it may still be empty
never 4 "a file that is still open was taken" number_of d.jpg
tail -c +$((half + 1)) d.jpg >&5
exec 5>&-
wait $client || die "the slow put"
arrives d.jpg staged
same "bytes of d.jpg" "$(item "$ID" '.files[0].sha256')" "$(hash_of d.jpg)"

step "the connection dies half-way; the client copies it again"
rm slow && mkfifo slow
exec 5<>slow
smb roads 'put slow big.jpg' 5>&- &
client=$!
head -c $half f.jpg >&5
within 30 "the file is there" test -e "$T/srv/drop/Roads/big.jpg"
kill -KILL $(pgrep -P $client) $(pgrep -P "$SMBD") 2>/dev/null || :
wait $client 2>/dev/null || :
exec 5>&-
up() { smb roads ls; }
kill -0 "$SMBD" || die "smbd is gone"
within 30 "Samba answers" up
seen_half() { number_of big.jpg | seen .; }
within 60 "half a photo is seen" seen_half
broken=$(number_of big.jpg)
[ "$(item "$broken" .state)" != staged ] || die "half a photo was staged"
smb roads 'put f.jpg big.jpg'
arrives big.jpg staged
same "bytes of the second copy" "$(sql "SELECT sha256 FROM file WHERE submission = $ID AND work = 'done'")" "$(hash_of f.jpg)"

step "a later edit of what was taken is a submission of its own; a recall takes it back"
first=$(number_of c.jpg)
another c.jpg "c, edited" >/dev/null
smb water 'put c.jpg'
second() { [ "$(list '[.[] | select(.name == "c.jpg")] | length')" = 2 ] && state_is c.jpg staged; }
within 60 "the edit is staged" second
ID=$(number_of c.jpg)
[ "$ID" != "$first" ] || die "the edit replaced what was there"
smb water 'put junk "cancel c.jpg.txt"'
recalled() { [ "$(item "$ID" .state)" = decided ]; }
within 60 "it is recalled" recalled
within 20 "the note says so" grep -q 'recalled by your department' "$T/srv/drop/Water/Status/c.jpg.txt"
same "the first one" "$(item "$first" .state)" staged
list '[.[].name] | map(select(test("^\\.|upload|Thumbs|desktop"))) | length == 0' >/dev/null || die "an extra file became a submission"
