#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A reason that an administrator wrote in reasons.ini: offered on the page in three languages, taken by its short name at the command, told to the
# officer in all languages of the department's notes with what to do; one that is no more offered keeps its words; a file that cannot be meant
# is refused by name and the reasons stay as they were.
. tests/e2e/lib.sh
configure publish.undo=0s desk.url=http://desk.test desk.second_factor=none
department Water water 'languages = en,bn,hi'
cat >"$T/etc/reasons.ini" <<'INI'
[no-banner]
label = The banner is missing
label.bn = ব্যানার দেখা যাচ্ছে না
label.hi = बैनर नहीं दिख रहा
todo = Please send one that shows it.
todo.bn = ব্যানার দেখা যায়, এমন ছবি পাঠান।
todo.hi = कृपया ऐसा चित्र भेजें जिसमें वह दिखे।
INI
start
PORT=$(free_port)
DESK=http://127.0.0.1:$PORT
OWN='Sec-Fetch-Site: same-origin'
listen 127.0.0.1:$PORT ghat-desk -c "$CONF" -l en >"$TMPDIR/desk.log" 2>&1 &
HELPERS="$HELPERS $!"
within 20 "the desk answers" curl -sS -o /dev/null "$DESK/login"
get() { curl -sS --max-time $((20 * GHAT_SLOW)) -b "${S:-}" "${@:2}" "$DESK$1"; }
field() { grep -oE "name=\"$1\" value=\"[^\"]*\"" "$TMPDIR/page" | sed -n '1s/.*value="\([^"]*\)"/\1/p'; }

step "an approver, and three photos"
link=$(ghat user add rina --role approver | grep -oE '/first/[0-9a-f]+' | first)
same "the password" "$(get "$link" -o /dev/null -D "$TMPDIR/head" -w '%{http_code}' -H "$OWN" -d 'password=eight lamps burn' -d 'password_again=eight lamps burn')" 303
S=$(sed -n 's/^[Ss]et-[Cc]ookie: \(__Host-ghat=[0-9a-f]*\).*/\1/p' "$TMPDIR/head" | tr -d '\r')
for n in 1 2 3; do
    mv "$(another "photo$n.jpg" "$n")" "$T/srv/drop/Water/"
done
for n in 3 2 1; do arrives "photo$n.jpg" staged; done

step "the page offers it in each language, beside those that come with Ghat"
for pair in 'en|The banner is missing|Sensitive place' 'bn|ব্যানার দেখা যাচ্ছে না|সংবেদনশীল স্থান' 'hi|बैनर नहीं दिख रहा|संवेदनशील'; do
    IFS='|' read -r lang own shipped <<<"$pair"
    get "/i/$ID?lang=$lang" >"$TMPDIR/page"
    seen "value=\"The banner is missing\"> <span>$own" "$TMPDIR/page" || die "$lang: the page does not offer $own"
    seen "<span>$shipped" "$TMPDIR/page" || die "$lang: the page does not offer $shipped"
done

step "ticked on the page, it is in the officer's note in three languages, with what to do"
same "reject" "$(get "/i/$ID/reject" -o /dev/null -w '%{http_code}' -H "$OWN" --data-urlencode "csrf=$(field csrf)" --data-urlencode "handle=$(field handle)" \
    --data-urlencode 'why=The banner is missing')" 303
note=$T/srv/drop/Water/Status/photo1.jpg.txt
note_says "$note" 'The banner is missing. Please send one that shows it.'
has "$note" 'ব্যানার দেখা যাচ্ছে না। ব্যানার দেখা যায়, এমন ছবি পাঠান।'
has "$note" 'बैनर नहीं दिख रहा। कृपया ऐसा चित्र भेजें जिसमें वह दिखे।'
get "/i/$ID?lang=bn" >"$TMPDIR/page"
seen 'ব্যানার দেখা যাচ্ছে না। ব্যানার' "$TMPDIR/page" || die "the page of what was rejected says it in English"

step "by its short name at the command, several and a text together"
ghat reasons | seen '^no-banner *The banner is missing' || die "ghat reasons does not list it"
id=$(number_of photo2.jpg)
rc=0
ghat reject "$id" --why no-such-thing 2>"$TMPDIR/err" || rc=$?
same "a name that nobody has" "$rc" 2
has "$TMPDIR/err" 'ghat reasons lists them'
ghat reject "$id" --why no-banner,unclear --reason 'Call me.' >/dev/null
same "what the ledger keeps" "$(item "$id" '[.renditions[].reason] | unique | join("/")')" $'The banner is missing\nPicture is not clear\nCall me.'
note_says "$T/srv/drop/Water/Status/photo2.jpg.txt" 'ব্যানার দেখা যাচ্ছে না।'

step "doctor reads the file, and says in which language words are missing"
ghat doctor >"$TMPDIR/doctor" || :
seen 'reasons *1 of your own' "$TMPDIR/doctor" || die "$(cat "$TMPDIR/doctor")"
sed -i '/^todo.hi/d' "$T/etc/reasons.ini"
ghat doctor >"$TMPDIR/doctor" || :
has "$TMPDIR/doctor" 'no words in "hi"'

step "not offered any more, its words stay"
echo 'offer = no' >>"$T/etc/reasons.ini"
kill -HUP "$DAEMON"
not_offered() { ! ghat reasons | seen no-banner; }
within 30 "the settings are read again" not_offered
get "/i/$(number_of photo3.jpg)" >"$TMPDIR/page"
! seen 'The banner is missing' "$TMPDIR/page" || die "it is still offered"
get "/i/$ID?lang=bn" >"$TMPDIR/page"
seen 'ব্যানার দেখা যাচ্ছে না' "$TMPDIR/page" || die "what was rejected lost its words"

step "a file that cannot be meant is refused, and what was read before stays"
printf '[No Banner]\nlabel = x\n' >>"$T/etc/reasons.ini"
rc=0
ghatd -c "$CONF" --check >"$TMPDIR/check" 2>&1 || rc=$?
[ $rc != 0 ] || die "--check takes it"
has "$TMPDIR/check" 'reasons.ini:9: [No Banner] is no short name'
ghat doctor >"$TMPDIR/doctor" || :
has "$TMPDIR/doctor" 'reasons.ini:9: [No Banner]'
expect_log 'No Banner'
kill -HUP "$DAEMON"
within 30 "the failed reading is in the log" grep -F 'No Banner' "$LOG"
ghat reasons --json | seen '"no-banner"' || die "the reasons are gone"
