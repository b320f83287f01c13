#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An officer answers by saving a file: under odd spellings, in three scripts, in UTF-16, as a document, as a folder with pictures that wait
# for approval like all others; asks for more time so; adds to an answer. A wrong number, another department's question, a closed or withdrawn
# one, an empty file, one of 5 MB, a broken document: nothing is lost, and the note says what is wrong, in words. Kept over a crash.
. tests/e2e/lib.sh
configure "questions.duty=daily 00:00-24:00"
department Water water
department Roads roads
start
drop=$T/srv/drop/Water
status=$drop/Status
q() { ghat questions "$1" --json | jq -r "$2"; }
answered() { [ "$(q "$1" .state)" = answered ]; }
asked() { ghat ask "${2:-water}" "$1" --json | jq .question.id; }
thread() { q "$1" '[.messages[].kind] | join(" ")'; }
docx() {
    python3 - "$@" <<'PY'
import sys, zipfile
W = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
body = ''.join(f'<w:p><w:r><w:t>{p}</w:t></w:r></w:p>' for p in sys.argv[2:])
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    z.writestr('[Content_Types].xml', '<Types/>')
    z.writestr('word/document.xml', f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')
PY
}

step "in many spellings"
n=0
while IFS='|' read -r name; do
    n=$((n + 1))
    same "number" "$(asked "Question $n?")" $n
    printf 'Answer %s.\r\n' $n >"$drop/${name/N/$n}"
done <<'NAMES'
answer N.txt
AnswerN .TXT
উত্তর N.txt
उत्तर-N.txt
Answer to question no. N (2).txt
NAMES
n=6
same "number" "$(asked "In Bengali digits?")" $n
printf '\xff\xfe' >"$TMPDIR/utf16"
printf 'সোমবার।' | python3 -c 'import sys; sys.stdout.buffer.write(sys.stdin.read().encode("utf-16-le"))' >>"$TMPDIR/utf16"
cp "$TMPDIR/utf16" "$drop/উত্তর ৬.txt"
same "number" "$(asked "In Word?")" 7
docx "$TMPDIR/a.docx" "From Word." "Two paragraphs."
cp "$TMPDIR/a.docx" "$drop/answer 7.docx"
for n in 1 2 3 4 5 6 7; do within 30 "question $n is answered" answered $n; done
same "text" "$(q 3 '.messages[1].text')" "Answer 3."
same "UTF-16" "$(q 6 '.messages[1].text')" "সোমবার।"
same "Word" "$(q 7 '.messages[1].text' | xargs)" "From Word. Two paragraphs."
same "by" "$(q 3 '.messages[1] | .author + " " + .via')" "department:water file"
within 20 "the files are taken" sh -c "! ls '$drop' | grep -v Status"
note_says "$status/answer 1.txt.txt" "taken for the question"
note_says "$status/answer 1.txt.txt" "প্রশ্নের নম্বর: ১"
ls "$status" | grep '^! ' && die "answered, and still asked"

step "with pictures: they wait for approval, linked to the question, under their own caption"
same "number" "$(asked "Have you a picture?")" 8
mkdir "$TMPDIR/f"
cp "$(media small.png)" "$TMPDIR/f/pump.png"
echo "The pump, this morning." >"$TMPDIR/f/answer.txt"
echo "The new pump at Palta" >"$TMPDIR/f/caption.txt"
cp -r "$TMPDIR/f" "$drop/উত্তর ৮"
within 30 "answered" answered 8
same "text" "$(q 8 '.messages[1].text')" "The pump, this morning."
id=$(q 8 '.messages[1].submission')
within 60 "the picture is staged" sh -c "[ \$(ghat show $id --json | jq -r .state) = staged ]"
same "linked" "$(item "$id" '[.question, .caption] | join(" ")')" "8 The new pump at Palta"
same "nothing is out" "$(find "$T/srv/outbox" -type f 2>/dev/null | wc -l)" 0
within 20 "the folder is gone" sh -c "[ ! -e '$drop/উত্তর ৮' ]"

step "more time, by file; once"
same "number" "$(asked "And the other pump?")" 9
echo "The engineer is away." >"$drop/আরও সময় ৯.txt"
within 30 "extended" sh -c "ghat questions 9 --json | jq -e .extended"
same "reason" "$(q 9 .extended_why)" "The engineer is away."
echo "Still away." >"$drop/more time 9.txt"
note_says "$status/more time 9.txt.txt" "possible once only"
note_says "$status/more time 9.txt.txt" "আগেই বাড়ানো হয়েছে"

step "two at once, and the same again: the first answers, the other adds, the same says nothing new"
echo "On Monday." >"$drop/answer 9.txt"
echo "At nine." >"$drop/উত্তর ৯.txt"
within 30 "both are there" sh -c "[ \$(ghat questions 9 --json | jq '[.messages[] | select(.kind == \"answer\" or .kind == \"note\")] | length') = 2 ]"
echo "At nine." >"$drop/answer 9 - Copy.txt"
note_says "$status/answer 9 - Copy.txt.txt" "taken for the question"
same "thread" "$(thread 9)" "ask extend answer note"

step "what is wrong is told in words, and nothing is lost"
asked "To the roads?" roads >/dev/null # 10
asked "To be closed?" >/dev/null      # 11
asked "To be withdrawn?" >/dev/null   # 12
asked "To be answered badly?" >/dev/null # 13
ghat answer 11 x >/dev/null
ghat questions close 11 >/dev/null
ghat questions withdraw 12 >/dev/null
echo x >"$drop/answer 99.txt"
note_says "$status/answer 99.txt.txt" "asked no question with this number"
note_says "$status/answer 99.txt.txt" "এই নম্বরের কোনো প্রশ্ন"
echo x >"$drop/answer 10.txt"
note_says "$status/answer 10.txt.txt" "asked no question with this number"
echo y >"$drop/answer 11.txt"
note_says "$status/answer 11.txt.txt" "The question is over"
echo y >"$drop/answer 12.txt"
note_says "$status/answer 12.txt.txt" "taken back"
: >"$drop/answer 13.txt"
note_says "$status/answer 13.txt.txt" "nothing written in it"
head -c 5000000 /dev/zero | tr '\0' x >"$drop/answer 13 (2).txt"
note_says "$status/answer 13 (2).txt.txt" "Reason"
head -c 200 "$TMPDIR/a.docx" >"$drop/answer 13.docx"
note_says "$status/answer 13.docx.txt" "cannot be read"
echo x >"$drop/more time 7.txt"
note_says "$status/more time 7.txt.txt" "needs no more time"
mkdir "$TMPDIR/late"
cp "$(another late.jpg wrong)" "$TMPDIR/late/"
cp -r "$TMPDIR/late" "$drop/answer 99"
arrives "answer 99" staged
same "untouched" "$(q 13 .state) $(q 10 .state)" "open open"
same "every one is kept" "$(sql "SELECT count(*) FROM submission WHERE state = 'quarantined'")" \
    "$(sql "SELECT count(*) FROM submission WHERE reason IS NOT NULL")"

step "at the same moment: by file and by command, one answers and the other adds; withdrawn meanwhile, it is told or kept, never lost"
for n in 14 15 16; do
    same "number" "$(asked "At once, $n?")" $n
    echo "By file, $n." >"$drop/answer $n.txt"
    ghat answer $n "By command, $n." >/dev/null
done
both() { [ "$(thread "$1")" = "ask answer note" ]; }
for n in 14 15 16; do within 30 "both are in thread $n" both $n; done
for n in 17 18 19; do
    same "number" "$(asked "Withdrawn meanwhile, $n?")" $n
    echo "Nevertheless, $n." >"$drop/answer $n.txt"
done
for n in 17 18 19; do ghat questions withdraw $n >/dev/null; done
there() { [ "$(q "$1" '[.messages[].text] | index("Nevertheless, '"$1"'.") != null')" = true ] || grep -qF "taken back" "$status/answer $1.txt.txt"; }
for n in 17 18 19; do
    within 30 "the answer to $n is kept or told" there $n
    same "state" "$(q $n .state)" withdrawn
done

step "over a crash: once, not twice"
echo "At last." >"$drop/answer 13 (3).txt"
within 30 "answered" answered 13
crash
start
never 3 "answered twice" sh -c "[ \$(ghat questions 13 --json | jq '.messages | length') != 2 ]"
ghat verify --ledger >"$TMPDIR/verify" 2>&1 || die "$(cat "$TMPDIR/verify")"
