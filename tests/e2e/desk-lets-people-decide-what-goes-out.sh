#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The whole way with the real ghatd: a person sets a password by the one-time link, logs in, sees the photo that was dropped with its caption, sends
# its very bytes, rejects one photo and approves another; undo takes it back; what is approved and no longer undone lies in the outbox, decided by
# that person. Killed in between, the desk has lost and doubled nothing.
. tests/e2e/lib.sh
configure publish.undo=3s desk.url=http://desk.test desk.second_factor=none
department Water water
start
PORT=$(free_port)
DESK=http://127.0.0.1:$PORT
JAR=$TMPDIR/jar
OWN='Sec-Fetch-Site: same-origin'
desk_up() {
    listen 127.0.0.1:$PORT ghat-desk -c "$CONF" -l en >>"$TMPDIR/desk.log" 2>&1 &
    DESK_PID=$!
    HELPERS="$HELPERS $DESK_PID"
    within 20 "the desk answers" curl -sS -o /dev/null "$DESK/login"
}
cookie() { sed -n 's/^[Ss]et-[Cc]ookie: \(__Host-ghat=[0-9a-f]*\).*/\1/p' "$TMPDIR/head" | tr -d '\r'; }
get() { curl -sS --max-time $((20 * GHAT_SLOW)) -b "$S" "${@:2}" "$DESK$1"; }
field() { grep -oE "name=\"$1\" value=\"[^\"]*\"" "$TMPDIR/page" | sed -n '1s/.*value="\([^"]*\)"/\1/p'; }
post() { # PATH [CURL OPTION…]: the status
    get /me >"$TMPDIR/me"
    get "$1" -o "$TMPDIR/answer" -w '%{http_code}' -H "$OWN" --data-urlencode "csrf=$(grep -oE 'name="csrf" value="[0-9a-f]+"' "$TMPDIR/me" | sed -n '1s/.*"\([0-9a-f]*\)"$/\1/p')" "${@:2}"
}
desk_up

step "the link works once"
link=$(ghat user add rina --role approver | grep -oE '/first/[0-9a-f]+' | first)
S=
get "$link" >"$TMPDIR/page"
seen 'rina' "$TMPDIR/page" || die "the first page does not greet"
same "a short password" "$(get "$link" -o /dev/null -w '%{http_code}' -H "$OWN" -d password=short -d password_again=short)" 403
same "the password" "$(get "$link" -o /dev/null -D "$TMPDIR/head" -w '%{http_code}' -H "$OWN" -d 'password=eight lamps burn' -d 'password_again=eight lamps burn')" 303
S=$(cookie)
[ -n "$S" ] || die "no session"
same "once more" "$(S= get "$link" -o /dev/null -w '%{http_code}')" 410
same "a wrong password" "$(S= get /login -o /dev/null -w '%{http_code}' -H "$OWN" -d name=rina -d 'password=another')" 403
same "the right one" "$(S= get /login -o /dev/null -D "$TMPDIR/head" -w '%{http_code}' -H "$OWN" -d name=rina -d 'password=eight lamps burn')" 303
S=$(cookie)

step "what was dropped is on the queue"
mkdir "$TMPDIR/in"
cp "$(media photo.jpg)" "$TMPDIR/in/reservoir.jpg"
echo 'নতুন জলাধার <b>খোলা</b> হল' >"$TMPDIR/in/caption.txt"
mv "$TMPDIR/in" "$T/srv/drop/Water/New reservoir"
arrives "New reservoir" staged
A=$ID
cp "$(media small.png)" "$T/srv/drop/Water/small.png"
arrives small.png staged
get /q >"$TMPDIR/page"
seen "href=\"/i/$A\"" "$TMPDIR/page" || die "the item is not on the queue"
seen '&lt;b&gt;খোলা' "$TMPDIR/page" || die "the caption is not there as it was written"

step "its bytes are those in staging/"
get "/i/$A" >"$TMPDIR/page"
path=$(grep -oE "/r/$A/[0-9]+/[0-9a-f]{16}" "$TMPDIR/page" | first)
get "$path" -o "$TMPDIR/bytes"
hash_of "$TMPDIR/bytes" | grep "^${path##*/}" >/dev/null || die "$path has other bytes"

step "rejected with a reason; undone within its time"
same "reject" "$(post "/i/$ID/reject" -d "handle=$(get "/i/$ID" >"$TMPDIR/page"; field handle)" -d 'why=Picture is not clear')" 303
same "it is" "$(item "$ID" '[.renditions[] | select(.state == "rejected")] | length > 0')" true
same "undo" "$(post "/i/$ID/undo")" 303
same "back" "$(item "$ID" .state)" staged

step "approved by what the card showed; the outside follows"
get /q >"$TMPDIR/page"
same "approve" "$(post /q/approve -d only="$A" -d "seen.$A=$(field "seen.$A")")" 303
[ -z "$(outbox_of "$A")" ] || die "it is out before its time"
within 30 "it is in the outbox" in_outbox "$A"
ghat log "$A" | seen 'user:rina (approver) by desk' || die "the audit does not name her"

step "killed, nothing is lost or doubled"
get "/i/$ID" >"$TMPDIR/page"
handle=$(field handle)
post "/i/$ID/hold" -d "handle=$handle" >/dev/null
kill -KILL "$DESK_PID"
wait "$DESK_PID" 2>/dev/null || :
desk_up
same "held" "$(item "$ID" '[.renditions[] | select(.state == "held")] | length > 0')" true
rows=$(ghat log "$ID" | wc -l)
post "/i/$ID/hold" -d "handle=$handle" >/dev/null
same "rows of the log when the form is sent again" "$(ghat log "$ID" | wc -l)" "$rows"
ghat verify >/dev/null || die "the installation does not verify"

step "locked, every session is over"
ghat user lock rina >/dev/null
same "her page" "$(get /q -o /dev/null -w '%{http_code}')" 303
