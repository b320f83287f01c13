#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A decision names what the page showed: the item page carries ghatd's handle, a card a digest of what it shows. What changed is not decided, and the
# person reads why. Several at once: a result for each.
. tests/desk/lib.sh
up
step "the item's handle"
handle=$(get rina /i/1 | sed -n 's/.*name="handle" value="\([^"]*\)".*/\1/p')
[ -n "$handle" ] || die "the item page has no handle"
same "approving" "$(post rina /i/1/approve -d "handle=$handle" -d chosen=1 -d p=fb.photo -d p=x.photo)" 303
same "what ghatd is asked" "$(asked '.request == "approve"' | jq -c '[.id, .handle, .placements, .undo, .session[0:4]]')" "[1,\"$handle\",[\"fb.photo\",\"x.photo\"],true,\"aaaa\"]"
step "of files that could be chosen, none: not all of them"
: >"$TMPDIR/fake.log"
post rina /i/1/approve -d "handle=$handle" -d chosen=1 -d p=fb.photo -d files_chosen=1 >/dev/null
same "what ghatd is asked" "$(asked '.request == "approve"' | jq -c .files)" "[]"
post rina /i/1/approve -d "handle=$handle" -d chosen=1 -d p=fb.photo -d files_chosen=1 $(printf ' -d f=%d' $(seq 100)) >/dev/null
same "a hundred files" "$(asked '.request == "approve"' | tail -n 1 | jq '.files | length')" 100
step "what changed meanwhile"
get rina /i/6/approve -H 'Sec-Fetch-Site: same-origin' --data-urlencode "csrf=$(token rina)" -d handle=6@x -w '%{http_code}' >"$TMPDIR/page"
seen '409$' "$TMPDIR/page" || die "a changed item is approved"
seen 'the caption is another one' "$TMPDIR/page" || die "what changed is not said"
step "a card's digest"
: >"$TMPDIR/fake.log"
get rina /q >"$TMPDIR/page"
digest() { sed -n "s/.*name=\"seen.$1\" value=\"\([0-9a-f]*\)\".*/\1/p" "$TMPDIR/page"; }
same "one card" "$(post rina /q/approve -d only=2 -d seen.2="$(digest 2)")" 303
same "approved" "$(asked '.request == "approve"' | jq -c .id)" 2
: >"$TMPDIR/fake.log"
same "another digest" "$(post rina /q/approve -d only=4 -d seen.4="$(digest 2)")" 409
same "no digest" "$(post rina /q/approve -d only=4)" 409
[ -z "$(asked '.request == "approve"')" ] || die "approved without having been seen"
step "several at once, one of which changed"
get rina /q/approve -H 'Sec-Fetch-Site: same-origin' --data-urlencode "csrf=$(token rina)" -d i=4 -d i=5 -d i=7 -d seen.4="$(digest 4)" -d seen.5="$(digest 4)" -d seen.7="$(digest 7)" \
    -w '%{http_code}' >"$TMPDIR/page"
seen '409$' "$TMPDIR/page" || die "a result with a refusal is 200"
same "results" "$(grep -cE '<li class="(approved|failed)">' "$TMPDIR/page") $(grep -c '<li class="failed">' "$TMPDIR/page")" "3 1"
same "approved" "$(asked '.request == "approve"' | jq -c .id | paste -sd ' ')" "4 7"
step "a rejection carries its reasons, a line each, in the ledger's English"
reason=$(get rina /i/3 | grep -oE 'name="why" value="[^"]*"' | sed -n '1s/name="why" value="\(.*\)"/\1/p')
post rina /i/3/reject -d handle=3@x --data-urlencode "why=$reason" --data-urlencode "reason=in my words" >/dev/null
asked '.request == "reject"' | jq -r .reason >"$TMPDIR/reason"
for word in 'Picture is not clear' 'in my words'; do seen "$word" "$TMPDIR/reason" || die "the reason lacks $word"; done
step "a deputy until a day; the desk finds out what time that is within its walls"
same "the form" "$(post rina /me/deputy -d deputy=sam -d until=2026-12-31)" 303
[ "$(asked '.request == "deputy"' | jq .until_ms)" -gt 1798000000000 ] || die "the end of the day is not asked for"
same "the desk lives" "$(get rina /me -o /dev/null -w '%{http_code}')" 200
step "the password once more, where ghatd wants it"
get rina /i/5/withdraw -H 'Sec-Fetch-Site: same-origin' --data-urlencode "csrf=$(token rina)" -d 'reason=a mistake' >"$TMPDIR/page"
seen 'name="confirm_password"' "$TMPDIR/page" || die "the password is not asked for"
seen 'name="reason" value="a mistake"' "$TMPDIR/page" || die "what was written is lost"
post rina /i/5/withdraw -d 'reason=a mistake' -d confirm_password=secret >/dev/null
asked '.request == "confirm"' | seen '"proof": *"[0-9a-f]\{64\}"' || die "the password is not proven"
! seen secret "$TMPDIR/fake.log" || die "the password itself was sent"
