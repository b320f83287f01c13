#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What belongs together is one submission: a Live Photo, a photo and its caption in UTF-16, a folder whose name says urgent. What is
# added to a folder later is a revision of it, and what was approved stays approved and published.
. tests/e2e/lib.sh
configure
department Water water
start
drop=$T/srv/drop/Water
utf16() { # FILE LE|BE TEXT: as Notepad saves it, with its mark
    { [ "$2" = LE ] && printf '\xff\xfe' || printf '\xfe\xff'; printf '%s' "$3" | iconv -f UTF-8 -t "UTF-16$2"; } >"$1"
}

step "a photo with a caption from Notepad, both byte orders"
utf16 "$drop/le.txt" LE $'সেতুর উদ্বোধন\r\nআজ সকালে'
cp "$(another le.jpg le)" "$drop/le.jpg"
utf16 "$drop/be.txt" BE 'নতুন পাম্প'
cp "$(another be.jpg be)" "$drop/be.jpg"
arrives le.jpg staged
same caption "$(item "$ID" .caption)" $'সেতুর উদ্বোধন\nআজ সকালে'
arrives be.jpg staged
same caption "$(item "$ID" .caption)" 'নতুন পাম্প'

step "a Live Photo: the still picture and its moving part"
vips copy "$(media small.png)" "$TMPDIR/IMG_1.heic" 2>/dev/null || cp "$(another live.jpg live)" "$TMPDIR/IMG_1.heic"
ffmpeg -nostdin -v error -i "$(media short.mp4)" -c copy -f mov "$TMPDIR/IMG_1.mov"
cp "$TMPDIR/IMG_1.heic" "$drop/IMG_1.HEIC"
cp "$TMPDIR/IMG_1.mov" "$drop/IMG_1.MOV"
within 120 "one submission of both" list '[.[] | select(.name == "IMG_1.HEIC" and (.files | length) == 2)] | length == 1'

step "urgent by its name; several texts: caption.txt is the caption"
mkdir "$drop/Opening!"
cp "$(another o1.jpg o1)" "$drop/Opening!/o1.jpg"
printf 'the caption' >"$drop/Opening!/caption.txt"
printf 'notes of somebody' >"$drop/Opening!/notes.txt"
arrives 'Opening!' staged
folder=$ID
same caption "$(item "$ID" .caption)" 'the caption'
same urgent "$(item "$ID" .urgent)" true

step "approved, then one more photo and a better caption"
ghat approve --whatever-is-there "$folder" >/dev/null
within 60 "it is in the outbox" in_outbox "$folder"
before=$(cd "$(outbox_of "$folder")" && find . -type f -name '*.jpg' -exec sha256sum {} + | sort)
emptied() { [ ! -e "$drop/Opening!" ]; }
within 30 "the emptied folder is taken away" emptied # nothing but the ledger remembers it now
mkdir "$drop/Opening!"
cp "$(another o2.jpg o2)" "$drop/Opening!/o2.jpg"
late() { item "$folder" '(.files | map(select(.role == "media")) | length) == 2 and .state == "staged"'; }
within 90 "the late photo is staged" late
same "submissions of that name" "$(list '[.[] | select(.name == "Opening!")] | length')" 1
same "what was published" "$(cd "$(outbox_of "$folder")" && find . -type f -name '*.jpg' -exec sha256sum {} + | sort)" "$before"
same "approved outputs that lost their approval" "$(sql "SELECT count(*) FROM rendition r JOIN file f ON f.id = r.file WHERE r.submission = $folder AND f.name = 'o1.jpg' AND r.state NOT IN ('published','approved','collected','skipped')")" 0
same "outputs of the late photo that nobody approved" "$(sql "SELECT count(*) FROM rendition r JOIN file f ON f.id = r.file WHERE f.name = 'o2.jpg' AND r.state IN ('approved','published','collected')")" 0

step "what is approved cannot be recalled by its department, and the note says whom to ask"
: >"$drop/cancel Opening!.txt"
arrives 'cancel Opening!.txt' quarantined
within 20 "the note" grep -q 'ask the authority to withdraw' "$drop/Status/cancel Opening!.txt.txt"
same "what was published" "$(cd "$(outbox_of "$folder")" && find . -type f -name '*.jpg' -exec sha256sum {} + | sort)" "$before"

step "added before the decision it is a revision of the same"
mkdir "$drop/Visit"
cp "$(another v1.jpg v1)" "$drop/Visit/v1.jpg"
arrives Visit staged
visit=$ID
mkdir -p "$drop/Visit/more"
cp "$(another v2.jpg v2)" "$drop/Visit/more/v2.jpg"
grown() { item "$visit" '(.files | length) == 2 and .state == "staged"'; }
within 90 "the second photo joined" grown
same "submissions of that name" "$(list '[.[] | select(.name == "Visit")] | length')" 1

step "an empty folder waits, and a lone text, too"
mkdir "$drop/Empty"
printf 'words' >"$drop/lonely.txt"
never 3 "an empty folder or a lone text was taken" number_of Empty
never 1 "a lone text was taken" number_of lonely.txt
[ -d "$drop/Empty" ] && [ -e "$drop/lonely.txt" ] || die "taken away"
cp "$(another l.jpg l)" "$drop/lonely.jpg"
arrives lonely.jpg staged
same caption "$(item "$ID" .caption)" words
