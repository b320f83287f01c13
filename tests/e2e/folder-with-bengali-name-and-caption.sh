#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A folder is one submission: its photo, its video and its caption; names and caption may be Bengali, what leaves Ghat is plain ASCII.
. tests/e2e/lib.sh
configure
department 'রাস্তা বিভাগ' roads
department 'জল সরবরাহ'
start

caption='নতুন সেতুর উদ্বোধন — আজ সকাল ১০টায়, মাননীয় মহানাগরিকের উপস্থিতিতে।'
dir="$T/srv/drop/রাস্তা বিভাগ/সেতু উদ্বোধন"
mkdir "$dir"
printf '%s\r\n' "$caption" | iconv -t UTF-16LE | { printf '\xff\xfe'; cat; } >"$dir/caption.txt" # as Notepad saves it
cp "$(media photo.jpg)" "$dir/ছবি ১.jpg"
cp "$(media clip.mp4)" "$dir/ভিডিও.mp4"
arrives 'সেতু উদ্বোধন' staged 240
same submissions "$(list length)" 1
same kind "$(item "$ID" .kind)" folder
same caption "$(item "$ID" .caption)" "$caption"
same files "$(item "$ID" '[.files[].name] | sort | join("|")')" "caption.txt|ছবি ১.jpg|ভিডিও.mp4"
[ ! -e "$dir" ] || [ -z "$(ls -A "$dir")" ] || die "the folder was not emptied"

note="$T/srv/drop/রাস্তা বিভাগ/Status/সেতু উদ্বোধন.txt"
within 10 "the note says that it waits for approval" grep -q 'অনুমোদনের অপেক্ষায়' "$note"

step "names that leave Ghat are ASCII; the caption and the officer's names are kept"
ghat approve --whatever-is-there "$ID" --as rina
within 30 "the outbox has it" in_outbox "$ID"
box=$(outbox_of "$ID")
(cd "$T/srv/outbox" && find . | LC_ALL=C grep -n '[^ -~]') && die "a name in the outbox is not ASCII"
same "caption.txt" "$(cat "$box/caption.txt")" "$caption"
same "caption in the manifest" "$(jq -r .caption "$box/manifest.json")" "$caption"
same "original names" "$(jq -r '[.files[].original_name] | unique | join("|")' "$box/manifest.json")" "ছবি ১.jpg|ভিডিও.mp4"

step "a department without a card gets a name of its own"
cp "$(another b.jpg two)" "$T/srv/drop/জল সরবরাহ/b.jpg"
arrives b.jpg staged
item "$ID" .department | LC_ALL=C grep -qE '^[a-z0-9][a-z0-9-]*$' || die "its slug: $(item "$ID" .department)"
