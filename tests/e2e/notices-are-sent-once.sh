#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Notices by mail and webhook, through a mail server that dies, delays, refuses or has a wrong certificate at each step of the dialogue, and a
# webhook that is late, fails or redirects: each arrives once, what may pass is tried again, what may not is told; a dead mail server delays no
# webhook, and a ghatd that is killed while something is on its way does not have it sent twice.
. tests/e2e/lib.sh
command -v openssl >/dev/null || skip "no openssl here"
BOX=$TMPDIR/box
POSTLOG=$TMPDIR/post.log
mkdir -p "$BOX"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout "$TMPDIR/key.pem" -out "$TMPDIR/cert.pem" 2>/dev/null
box() { # [CERT KEY]: the two servers anew, in ports of their own
    rm -f "$BOX"/*.port
    python3 tests/e2e/letterbox.py "$BOX" "$@" &
    BOXPID=$!
    HELPERS="$HELPERS $BOXPID"
    within 20 "the servers listen" test -s "$BOX/hook.port"
}
POST=
post() { ghat-post -c "$CONF" >>"$POSTLOG" 2>&1 & POST=$!; HELPERS="$HELPERS $POST"; }
unpost() { kill "$POST"; wait "$POST" 2>/dev/null || :; }
put() { # SECTION.KEY=VALUE…: in place of what ghat.conf says of it
    local each
    for each; do
        sed -i "/^\[post\]/,/^\[/{/^${each%%=*} *=/d}; s|^\[post\]|&\n$each|" "$CONF"
    done
}
# is CHANNEL STATE: what became of the notice of the question that was asked last.
is() {
    [ "$(sql "SELECT t.state || ' ' || t.tries FROM letter t JOIN letter_line x ON x.letter = t.id JOIN notice n ON n.id = x.notice
        WHERE t.channel = '$1' AND n.subject = 'question:' || (SELECT max(id) FROM question)")" = "$2" ]
}
change() { sqlite3 -cmd '.timeout 5000' "$T/state/ledger.db" "$1"; }
mails() { find "$BOX/mail" -name '*.eml' | wc -l; }
calls() { find "$BOX/hook" -name '*.json' | wc -l; }
are() { [ "$("$1")" = "$2" ]; }
expect_log 'event=(not-sent|ghatd-away)'

box
printf 0123456789abcdef-secret >"$TMPDIR/key"
configure "post.smtp=smtp://localhost:$(cat "$BOX/smtp.port")" post.from=ghat@example.org post.tls=off "post.hours=daily 00:00-24:00" \
    "post.webhook=http://localhost:$(cat "$BOX/hook.port")/x" "post.webhook_key=$TMPDIR/key" "questions.duty=daily 00:00-24:00" \
    desk.url=https://desk.example.org
department Water water 'languages = en'
start
[ "$(ghat-post -c "$CONF" --selftest)" = held ] || die "the walls do not hold"

step "a mail server that misbehaves at each step: tried again, or refused for good"
post
for mode in greet:die greet:554 ehlo:die mail:451 rcpt:die rcpt:450 data:die body:die; do
    echo "$mode" >"$BOX/smtp.mode"
    ghat ask Water "What of $mode?" >/dev/null
    within 30 "$mode: it waits for another try" is mail "waiting 1"
done
for mode in mail:550 rcpt:550 body:554; do
    echo "$mode" >"$BOX/smtp.mode"
    ghat ask Water "What of $mode?" >/dev/null
    within 30 "$mode: refused for good" is mail "failed 1"
done
[ "$(mails)" = 1 ] || die "of all these only the one that died with the message was kept: $(mails)"
ghat notices --state failed | seen -E '^9 +failed .* nodal@example.org .*550' || ghat notices | seen 'failed' || die "$(ghat notices)"

step "a dead mail server delays no webhook, and it says who it is from"
echo mail:hang >"$BOX/smtp.mode"
within 30 "every question was told to the webhook" are calls 11
ghat ask Water "What of the webhook?" >/dev/null
within 30 "this one, too" are calls 12
id=$(sed -n 's/^Ghat-Delivery: //p' "$BOX/hook/12.headers" | tr -d '\r')
when=$(sed -n 's/^Ghat-Timestamp: //p' "$BOX/hook/12.headers" | tr -d '\r')
same "its number" "$(jq -r .id "$BOX/hook/12.json")" "$id"
mac=$({ printf '%s.' "$when"; cat "$BOX/hook/12.json"; } | openssl dgst -sha256 -hmac 0123456789abcdef-secret -r | cut -d' ' -f1)
grep -q "^Ghat-Signature: sha256=$mac" "$BOX/hook/12.headers" || die "the signature does not hold: $mac"
grep -rq 'What of' "$BOX/hook" "$BOX/mail" && die "what people wrote is told"

step "it is well again: what waits arrives, once each"
unpost
echo ok >"$BOX/smtp.mode"
rm -f "$BOX/mail/"*
change "UPDATE letter SET not_before_ms = made_ms, lease_ms = 0 WHERE state IN ('waiting','sending')"
post
within 60 "nine mails" are mails 9
pending() { sql "SELECT count(*) FROM letter WHERE state IN ('waiting','sending')"; }
within 10 "none waits" are pending 0
same "each has a number of its own" "$(grep -h '^Message-ID' "$BOX/mail/"*.eml | sort -u | wc -l)" 9
python3 - "$BOX/mail/1.eml" <<'PY' || die "the mail"
import email, email.policy, sys
m = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
text = m.get_content()
assert m['to'] == '<nodal@example.org>' or 'nodal@example.org' in str(m['to']), m['to']
assert m['subject'].startswith('Question '), m['subject']
assert 'https://desk.example.org/question/' in text and 'What of' not in text, text
assert not m.defects and m['auto-submitted'] == 'auto-generated'
PY

step "ghatd is killed while a message is on its way: it hears of it when it is back, and nothing is sent twice"
echo late >"$BOX/hook.mode"
before=$(calls)
ghat ask Water "Killed?" >/dev/null
within 30 "it is on its way" are calls $((before + 1))
crash
start
within 30 "ghatd knows" is hook "sent 1"
never 3 "sent twice" are calls $((before + 2))

step "a webhook that fails is asked again, one that redirects is not followed"
echo 503 >"$BOX/hook.mode"
ghat ask Water "Fails?" >/dev/null
within 30 "again" is hook "waiting 1"
echo redirect >"$BOX/hook.mode"
ghat ask Water "Redirects?" >/dev/null
within 30 "failed" is hook "failed 1"
ghat notices | seen 'redirects are not followed' || die "why is not said"
echo ok >"$BOX/hook.mode"
ghat notices retry | seen -E '^4 will be tried again' || die "not tried again"
within 30 "it arrived" is hook "sent 2"

step "TLS: a certificate that nobody vouches for is refused, one that is named is taken"
unpost
kill "$BOXPID"
box "$TMPDIR/cert.pem" "$TMPDIR/key.pem"
put "smtp=smtp://localhost:$(cat "$BOX/smtp.port")" "webhook=http://localhost:$(cat "$BOX/hook.port")/x" tls=required
post
before=$(mails)
ghat ask Water "Encrypted?" >/dev/null
within 30 "not sent" is mail "waiting 1"
ghat notices | seen -i certificate || die "why is not said: $(ghat notices)"
unpost
put "ca=$TMPDIR/cert.pem"
change "UPDATE letter SET not_before_ms = made_ms WHERE state = 'waiting'"
post
within 30 "sent" is mail "sent 2"
same "one more" "$(mails)" $((before + 1))

step "a mail server that we did not write, which takes nothing without STARTTLS"
unpost
port=$((22000 + $$ % 10000))
python3 -m aiosmtpd -n -l "localhost:$port" -c aiosmtpd.handlers.Mailbox --tlscert "$TMPDIR/cert.pem" --tlskey "$TMPDIR/key.pem" "$TMPDIR/maildir" &
HELPERS="$HELPERS $!"
within 20 "it listens" bash -c "</dev/tcp/localhost/$port"
put "smtp=smtp://localhost:$port"
post
ghat ask Water "By a real one?" >/dev/null
within 30 "sent" is mail "sent 1"
same "in its box" "$(grep -rlE '^Subject: Question [0-9]+ to' "$TMPDIR/maildir/new" | wc -l)" 1

step "an SMS gateway: a request for each person with a phone, in its own words"
unpost
put "webhook_body=docs/sms-gateway.json"
stop
start
post
rm -f "$BOX/hook/"*
ghat ask Water "By phone?" >/dev/null
within 30 "it is told" are calls 1
same "whom" "$(jq -r '.to' "$BOX/hook/1.json")" "+91 33 2286 1000"
jq -r '.text' "$BOX/hook/1.json" | seen -E '^Question [0-9]+ to .* the answer is due' || die "what: $(cat "$BOX/hook/1.json")"
unpost

step "without a way out, and with an incomplete one"
rc=0; sed '/^\(smtp\|webhook\)/d' "$CONF" >"$TMPDIR/none.conf"; ghat-post -c "$TMPDIR/none.conf" >"$TMPDIR/out" 2>&1 || rc=$?
same "says so" "$rc $(grep -c 'names neither smtp nor webhook' "$TMPDIR/out")" "3 1"
