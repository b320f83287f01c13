#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The agency's page: by platform what is out, its own caption to copy, files to download, an album in its order; what was withdrawn stands on top, crossed
# out, with its reason, until it is read. Each form asks ghatd for exactly what it says. All of it without a script.
. tests/desk/lib.sh
up
step "the agency's own first page"
head_of agency / | seen -i '^location: /today' || die "the agency does not come to its page"
get agency /today >"$TMPDIR/page"
step "what is withdrawn is on top, crossed out, with its reason"
awk '/class="gone-item"/ { a = NR } /class="chips"/ { b = NR } END { exit !(a && b && a < b) }' "$TMPDIR/page" || die "it is not on top"
for word in '<s>Water\|<s>রাস্তা\|<s>Health' 'wrong bridge' 'https://example.org/p/5' 'name="removed"'; do seen "$word" "$TMPDIR/page" || die "it lacks $word"; done
! seen 'src="/[rp]/5/' "$TMPDIR/page" || die "a withdrawn file is shown"
seen 'href="/i/1"' "$TMPDIR/page" || die "what replaces it is not beside it"
step "each platform: its caption, its files, in their order"
get agency '/today?p=x.photo' >"$TMPDIR/x"
seen 'its own words for X' "$TMPDIR/x" || die "the placement's own caption is not there"
same "groups of one platform" "$(grep -c '<section class="group"' "$TMPDIR/x")" 1
same "numbered files of the album" "$(grep -oE '<b>[0-9]\.</b>' "$TMPDIR/x" | tr -d '\n')" "<b>1.</b><b>2.</b><b>3.</b>"
seen 'A pump, seen from the road' "$TMPDIR/x" || die "there is no alt text"
step "the bytes, to be saved"
file=$(grep -oE 'href="/r/1/[0-9]+/[0-9a-f]{16}\?dl=1"' "$TMPDIR/x" | sed -n '1s/href="\(.*\)"/\1/p')
[ -n "$file" ] || die "nothing can be downloaded"
get agency "$file" >"$TMPDIR/bytes"
cmp -s "$TMPDIR/bytes" "$TMPDIR/media/a.jpg" || die "other bytes"
head_of agency "$file" >"$TMPDIR/head"
for h in '^Content-Disposition: attachment' '^Cache-Control: no-store' '^ETag: ' '^Accept-Ranges: bytes'; do seen -i "$h" "$TMPDIR/head" || die "no $h"; done
same "a part" "$(status_of agency "$file" -r 5-9)" 206
same "resumed as another file" "$(status_of agency "$file" -r 5-9 -H 'If-Range: "other"')" 200
step "who posts it"
get agency '/today?p=fb.photo' | seen 'bela posts it, until' || die "who posts it is not said"
seen 'You post it, until' "$TMPDIR/x" || die "that it is mine is not said"
step "the forms"
says() { # WHAT FIELDS WANT
    : >"$TMPDIR/fake.log"
    local back
    back=$(get agency "/i/1/$1" -o /dev/null -D - -H 'Sec-Fetch-Site: same-origin' --data-urlencode "csrf=$(token agency)" -d only=x.photo $2 | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
    same "after $1" "$back" "/today?done=$1&id=1&p=x.photo"
    same "$1" "$(asked ".request == \"$1\"" | jq -cS 'del(.session, .request)')" "$3"
}
says collected '-d p=x.photo' '{"id":1,"placements":["x.photo"]}'
says take '-d p=x.photo' '{"id":1,"off":false,"placement":"x.photo"}'
says take '-d p=x.photo -d off=1' '{"id":1,"off":true,"placement":"x.photo"}'
says posted '-d p=x.photo -d link=https://example.org/a' '{"id":1,"link":"https://example.org/a","placement":"x.photo"}'
says refused '-d p=x.photo -d text=ratio' '{"id":1,"placement":"x.photo","text":"ratio"}'
says acknowledge '-d seen=2.1' '{"id":1,"removed":false,"seen":"2.1"}'
says acknowledge '-d removed=1 -d seen=2.1' '{"id":1,"removed":true,"seen":"2.1"}'
same "no other page comes after a form" "$(get agency /i/1/take -o /dev/null -D - -H 'Sec-Fetch-Site: same-origin' --data-urlencode "csrf=$(token agency)" -d p=x.photo --data-urlencode 'only=x&next=//evil' |
    tr -d '\r' | sed -n 's/^[Ll]ocation: //p')" "/today?done=take&id=1"
step "who may not"
for who in anjali boss; do same "$who collects" "$(post "$who" /i/1/collected -d p=x.photo)" 404; done
same "an officer at the agency's page" "$(status_of anjali /today)" 404
for path in '' i/1/approve i/1/withdraw i/1/caption freeze q/approve; do [ -z "$path" ] || same "the agency at $path" "$(post agency "/$path" -d handle=1@x)" 404; done
step "a platform's refusal reaches the approver"
get rina /q | seen 'The ratio is not allowed' || die "the queue does not say it"
step "whom to call"
get agency /contacts >"$TMPDIR/page"
for word in 'tel:+91 33 2286 1000' 'https://wa.me/919830012345' 'mailto:nodal.water' 'daily 08:00-22:00' 'Bimal Roy'; do seen "$word" "$TMPDIR/page" || die "contacts lack $word"; done
same "cards of all" "$(get agency /contacts/all.vcf | grep -c '^BEGIN:VCARD')" 6
same "cards of one department" "$(get agency /contacts/water.vcf | grep -c '^BEGIN:VCARD')" 2
head_of agency /contacts/water.vcf | seen -i '^content-type: text/vcard' || die "no vCard"
for path in nobody.vcf water water.txt .vcf; do same "/contacts/$path" "$(status_of agency "/contacts/$path")" 404; done
step "the department takes back what is not approved"
get anjali /i/1 | seen 'action="/i/1/recall"' || die "an officer cannot take it back"
same "taking back" "$(post anjali /i/1/recall)" 303
same "what ghatd is asked" "$(asked '.request == "recall"' | jq -cS 'del(.session)')" '{"id":1,"request":"recall"}'
same "the agency takes back" "$(post agency /i/1/recall)" 404
step "the department asks to withdraw what is out; the approver sees it on top, and answers"
get rina /q | seen 'The bridge is another one' || die "the queue does not say it"
get rina /i/3 | seen 'action="/i/3/stays"' || die "there is no way to answer"
same "asking" "$(post anjali /i/3/ask-withdraw -d text=wrong)" 303
same "what ghatd is asked" "$(asked '.request == "ask-withdraw"' | jq -cS 'del(.session)')" '{"id":3,"request":"ask-withdraw","text":"wrong"}'
same "answering" "$(post rina /i/3/stays -d text=right)" 303
for who in agency boss rina; do same "$who asks" "$(post "$who" /i/3/ask-withdraw -d text=x)" 404; done
for who in agency boss anjali; do same "$who answers" "$(post "$who" /i/3/stays -d text=x)" 404; done
