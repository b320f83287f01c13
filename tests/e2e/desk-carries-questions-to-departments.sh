#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Questions over the desk with the real ghatd: the approver asks, in Bengali she reads why it is due then; the officer of that department answers
# and the audit names her; one of another department sees nothing of it.
. tests/e2e/lib.sh
configure "questions.duty=daily 00:00-24:00" desk.url=http://desk.test desk.second_factor=none
department Water water
department Roads roads
start
PORT=$(free_port)
DESK=http://127.0.0.1:$PORT
OWN='Sec-Fetch-Site: same-origin'
listen 127.0.0.1:$PORT ghat-desk -c "$CONF" -l en >>"$TMPDIR/desk.log" 2>&1 &
HELPERS="$HELPERS $!"
within 20 "the desk answers" curl -sS -o /dev/null "$DESK/login"
get() { curl -sS --max-time $((20 * GHAT_SLOW)) -b "$S" "${@:2}" "$DESK$1"; }
post() { # PATH [CURL OPTION…]: the status
    get /me >"$TMPDIR/me"
    get "$1" -o "$TMPDIR/answer" -w '%{http_code}' -H "$OWN" --data-urlencode "csrf=$(grep -oE 'name="csrf" value="[0-9a-f]+"' "$TMPDIR/me" | sed -n '1s/.*"\([0-9a-f]*\)"$/\1/p')" "${@:2}"
}
person() { # NAME OPTION…: a session of a new person, in S
    local link
    link=$(ghat user add "$@" | grep -oE '/first/[0-9a-f]+' | first)
    S=
    get "$link" -o /dev/null -D "$TMPDIR/head" -H "$OWN" -d 'password=eight lamps burn' -d 'password_again=eight lamps burn'
    S=$(sed -n 's/^[Ss]et-[Cc]ookie: \(__Host-ghat=[0-9a-f]*\).*/\1/p' "$TMPDIR/head" | tr -d '\r')
    [ -n "$S" ] || die "no session for $1"
}
step "the approver asks"
person rina --role approver --language bn
same "asked" "$(post /questions -d department=water --data-urlencode 'text=পাম্প কবে চালু হবে?')" 303
get /question/1 >"$TMPDIR/page"
seen 'পাম্প কবে চালু হবে?' "$TMPDIR/page" || die "it is not shown"
seen 'গোনা হয়' "$TMPDIR/page" || die "why it is due then is not said in Bengali"
same "who asked" "$(sql "SELECT actor FROM audit WHERE action = 'ask'")" "user:rina (approver) by desk"
within 10 "it is in the officer's folder" grep -rqs 'পাম্প কবে' "$T/srv/drop/Water/Status"

step "an officer of another department"
person tapan --role officer --department roads
same "a question that is not theirs" "$(get /question/1 -o /dev/null -w '%{http_code}')" 404
[ "$(post /question/1/answer -d text=x)" != 303 ] || die "answered for another department"
get /questions >"$TMPDIR/page"
! seen '/question/1' "$TMPDIR/page" || die "it is listed"

step "the one that was asked"
person anjali --role officer --department water
get /question/1 >"$TMPDIR/page"
seen '/question/1/extend' "$TMPDIR/page" || die "more time is not offered"
same "answered" "$(post /question/1/answer --data-urlencode 'text=On Monday.')" 303
same "state" "$(ghat questions 1 --json | jq -r '.state + " " + .messages[-1].via')" "answered desk"
same "who answered" "$(sql "SELECT actor FROM audit WHERE action = 'answer'")" "user:anjali (officer) by desk"

step "about an item that is held: the answer puts it back, on top of what waits, and says so"
for n in a b c; do
    cp "$(another $n.jpg "$n")" "$T/srv/drop/Water/$n.jpg"
    arrives $n.jpg staged
done
held=$ID
waiting() { get /q | grep -oE 'data-item="[0-9]+"' | tr -dc '0-9\n' | paste -sd' '; }
person bela --role approver
same "the oldest first" "$(waiting)" "$(number_of a.jpg) $(number_of b.jpg) $held"
same "held and asked" "$(post /questions -d id="$held" -d hold=1 --data-urlencode 'text=Who is the child?')" 303
same "it waits no more" "$(waiting)" "$(number_of a.jpg) $(number_of b.jpg)"
get "/i/$held" >"$TMPDIR/page"
seen 'href="/question/2"' "$TMPDIR/page" || die "its page does not name the question"
BELA=$S
person anil --role officer --department water
get /q >"$TMPDIR/page"
seen '1 question to answer' "$TMPDIR/page" || die "the officer's page does not say that one waits"
same "answered" "$(post /question/2/answer -d 'text=His parents agree.')" 303
S=$BELA
same "on top" "$(waiting)" "$held $(number_of a.jpg) $(number_of b.jpg)"
get /q >"$TMPDIR/page"
same "said once" "$(grep -c 'An answer came' "$TMPDIR/page")" 1
seen '2 answers came' "$TMPDIR/page" || die "nor above the cards: rina's question was answered, too"
get "/i/$held" >"$TMPDIR/page"
same "approved" "$(post "/i/$held/approve" --data-urlencode "handle=$(grep -oE 'name="handle" value="[^"]+"' "$TMPDIR/page" | sed -n '1s/.*value="\(.*\)"/\1/p')")" 303
same "the question can be closed by who asked" "$(post /question/2/close)" 303
