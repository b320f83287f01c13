#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A form from another site, without its token, or with that of another person changes nothing; a GET never changes anything. Sessions' cookies
# cannot leave the site, and a link in a mail opens the page without another login.
. tests/desk/lib.sh
up
T=$(token rina)
OWN='Sec-Fetch-Site: same-origin'
send() { status_of "$1" /i/1/hold "${@:2}"; }
step "where it comes from"
same "its own page" "$(send rina -H "$OWN" -d csrf=$T -d handle=1@x)" 303
asked '.request == "hold"' | seen hold || die "the form did not reach ghatd"
: >"$TMPDIR/fake.log"
same "another site" "$(send rina -H 'Sec-Fetch-Site: cross-site' -d csrf=$T)" 403
same "another page of the domain" "$(send rina -H 'Sec-Fetch-Site: same-site' -d csrf=$T)" 403
same "typed in" "$(send rina -H 'Sec-Fetch-Site: none' -d csrf=$T)" 403
same "no word of where" "$(send rina -d csrf=$T)" 403
same "another origin" "$(send rina -H 'Origin: https://evil.example' -d csrf=$T)" 403
same "no origin" "$(send rina -H 'Origin: null' -d csrf=$T)" 403
same "its own origin" "$(send rina -H "Origin: $DESK" -d csrf=$T)" 303
: >"$TMPDIR/fake.log"
step "the token"
same "none" "$(send rina -H "$OWN" -d x=y)" 403
same "of another person" "$(send rina -H "$OWN" -d csrf="$(token boss)")" 403
same "changed" "$(send rina -H "$OWN" -d csrf="$(tr 0123456789abcdef 123456789abcdef0 <<<"$T")")" 403
same "half of it" "$(send rina -H "$OWN" -d csrf=${T:0:32})" 403
[ "$(token rina)" != "$T" ] || die "the token looks the same on each page"
same "a file" "$(send rina -H "$OWN" -F csrf=$T)" 415
same "too much" "$(head -c 70000 /dev/zero | tr '\0' a | send rina -H "$OWN" -H 'Content-Type: application/x-www-form-urlencoded' --data-binary @-)" 413
same "in pieces" "$(send rina -H "$OWN" -H 'Transfer-Encoding: chunked' -d csrf=$T)" 400
[ -z "$(asked '.request == "hold"')" ] || die "ghatd was asked to hold by a form that should not count"
step "GET changes nothing"
for path in /i/1/approve /i/1/hold /logout /q/approve /i/1/caption; do same "GET $path" "$(status_of rina $path)" 404; done
[ -z "$(asked '.request | IN("approve", "hold", "logout", "caption")')" ] || die "a GET changed something"
step "the session's cookie"
head_of '' /login -H "$OWN" -d name=rina -d password=whatever >"$TMPDIR/head"
for word in '__Host-ghat=' 'HttpOnly' 'SameSite=Strict' 'Secure' 'Path=/'; do grep -F "$word" "$TMPDIR/head" >/dev/null || die "the cookie lacks $word"; done
! grep -i 'domain=' "$TMPDIR/head" || die "the cookie names a domain"
same "two sessions at once" "$(curl -sS -o /dev/null -w '%{http_code}' -H "Cookie: $(cookie rina); $(cookie boss)" "$DESK/q")" 303
step "a link in a mail"
get '' /i/1 -H 'Sec-Fetch-Site: cross-site' -H 'Sec-Fetch-Mode: navigate' >"$TMPDIR/page"
grep -F '<meta http-equiv="refresh" content="0; url=/i/1">' "$TMPDIR/page" >/dev/null || die "the page does not ask for itself again"
