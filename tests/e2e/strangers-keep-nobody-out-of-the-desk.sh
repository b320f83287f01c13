#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Strangers who guess a name's password keep nobody out: its owner logs in from where she is, and proves once more who she is, while they wait. One
# address that fills the queue of logins with its own leaves room for the others. A form that brings the password again does what it says as well
# where it is slow itself. [desk] url is the origin that a form must come from where the browser says no more.
. tests/e2e/lib.sh
configure desk.url=http://desk.test desk.second_factor=none
department Water water
start
PORT=$(free_port)
DESK=http://127.0.0.1:$PORT
OWN='Sec-Fetch-Site: same-origin'
listen 127.0.0.1:$PORT ghat-desk -c "$CONF" -l en >"$TMPDIR/desk.log" 2>&1 &
HELPERS="$HELPERS $!"
within 20 "the desk answers" curl -sS -o /dev/null "$DESK/login"
get() { curl -sS --max-time $((30 * GHAT_SLOW)) -b "${S:-}" "${@:2}" "$DESK$1"; }
field() { grep -oE "name=\"$1\" value=\"[^\"]*\"" "$TMPDIR/page" | sed -n '1s/.*value="\([^"]*\)"/\1/p'; }
login() { get /login -o "$TMPDIR/answer" -D "$TMPDIR/head" -w '%{http_code}' -d name=rina --data-urlencode "password=$1" "${@:2}"; }
cookie() { sed -n 's/^[Ss]et-[Cc]ookie: \(__Host-ghat=[0-9a-f]*\).*/\1/p' "$TMPDIR/head" | tr -d '\r'; }
link=$(ghat user add rina --role approver | grep -oE '/first/[0-9a-f]+' | first)
same "the password" "$(get "$link" -o /dev/null -D "$TMPDIR/head" -w '%{http_code}' -H "$OWN" -d 'password=eight lamps burn' -d 'password_again=eight lamps burn')" 303
S=$(cookie)

step "strangers guess until they have to wait"
guessed() { [ "$(S= login 'a guess' -H "$OWN" --interface 127.0.0.2)" = 429 ]; }
within 60 "strangers wait" guessed
for n in 1 2 3 4; do # each time twice as long
    within 60 "guess $n is heard" eval '[ "$(S= login "a guess" -H "$OWN" --interface 127.0.0.2)" = 403 ]'
done

step "she logs in from where she is, and changes her password with a proof of who she is"
same "her login" "$(S= login 'eight lamps burn' -H "$OWN")" 303
get /me >"$TMPDIR/page"
same "her new password" "$(get /me/password -o /dev/null -w '%{http_code}' -H "$OWN" --data-urlencode "csrf=$(field csrf)" -d 'confirm_password=eight lamps burn' \
    -d 'password_old=eight lamps burn' -d 'password=nine lamps burn' -d 'password_again=nine lamps burn')" 303
same "the old one" "$(S= login 'eight lamps burn' -H "$OWN")" 403
same "the new one" "$(S= login 'nine lamps burn' -H "$OWN")" 303

step "where the browser says only the origin, it is that of the configuration"
same "that of the configuration" "$(S= login 'nine lamps burn' -H 'Origin: http://desk.test')" 303
same "that of the request's own name" "$(S= login 'nine lamps burn' -H "Origin: $DESK")" 403
