#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ghat user add prints a link that works once. Over the desk's socket a logged-in approver decides under the own name; whoever connects
# there without a session, root too, does nothing; ghat user lock ends everything at once; a backup has nobody logged in; the ledger is 0600.
. tests/e2e/lib.sh
configure desk.url=https://desk.example.org/ publish.undo=0
department Water water
department Roads roads
start
D=$T/desk.sock
desk() { tests/e2e/ask.py "$D" "$1"; }
refuses() { # WHY REQUEST
    local said
    said=$(desk "$2") && die "taken: $2"
    same "why $2" "$(jq -r '.why // .class' <<<"$said")" "$1"
}
proof() { printf '%s%s' "$1" "$2" | sha256sum | cut -d' ' -f1; } # what a desk makes of a password, here without argon2id
# enter NAME: the first login, by the link; sets TOKEN.
enter() {
    local link salt
    link=$(grep -o 'https://desk.example.org/first/[0-9a-f]*' "$TMPDIR/$1")
    salt=$(desk "{\"request\":\"first-begin\",\"token\":\"${link##*/}\"}" | jq -r .salt)
    TOKEN=$(desk "{\"request\":\"first\",\"token\":\"${link##*/}\",\"proof\":\"$(proof "$salt" "words of $1")\"}" | jq -r .session)
    refuses gone "{\"request\":\"first-begin\",\"token\":\"${link##*/}\"}"
}
proof_of() { proof "$(desk "{\"request\":\"login-begin\",\"name\":\"$1\"}" | jq -r .salt)" "$2"; } # NAME PASSWORD
login_by() { desk "{\"request\":\"login\",\"name\":\"$1\",\"proof\":\"$2\",\"device\":\"test\",\"address\":\"127.0.0.1\"}"; } # NAME PROOF

step "people"
ghat user add rina --role approver,viewer --full 'রিনা সেন' --phone '+91 33 2286 1000' --email rina@example.org --language bn >"$TMPDIR/rina"
ghat user add omar --role officer --department water >"$TMPDIR/omar"
! ghat user add rina --role viewer >/dev/null 2>&1 || die "twice the same name"
! ghat user add eve --role officer --department nowhere >/dev/null 2>&1 || die "an officer of nowhere"
! ghat user add eve --role king >/dev/null 2>&1 || die "a king"
enter rina
RINA=$TOKEN
enter omar
OMAR=$TOKEN
ghat user list >"$TMPDIR/list"
has "$TMPDIR/list" 'approver,viewer'
same "omar" "$(ghat user show omar --json | jq -r '[.roles[], .departments[], .password] | join(" ")')" 'officer water true'
has <(ghat user show rina) 'রিনা সেন'

step "a screen on a wall: a link, until it is removed"
ghat display add lobby >"$TMPDIR/lobby"
link=$(grep -o 'https://desk.example.org/wall/[0-9a-f]\{32\}$' "$TMPDIR/lobby")
same "what it shows" "$(desk "{\"request\":\"wall\",\"token\":\"${link##*/}\"}" | jq -r .waiting)" 0
has <(ghat display list) lobby
ghat display remove lobby >/dev/null
refuses gone "{\"request\":\"wall\",\"token\":\"${link##*/}\"}"
! ghat display remove lobby >/dev/null 2>&1 || die "removed twice"
step "nobody without a session"
cp "$(another a.jpg a)" "$T/srv/drop/Water/a.jpg"
cp "$(another b.jpg b)" "$T/srv/drop/Roads/b.jpg"
arrives b.jpg staged
B_ID=$ID
arrives a.jpg staged
for request in approve withdraw list show caption user-add users status reload; do
    refuses session "{\"request\":\"$request\",\"id\":$ID,\"whatever\":true}"
    refuses session "{\"request\":\"$request\",\"id\":$ID,\"session\":\"$(printf '0%.0s' {1..64})\"}"
done
refuses usage "{\"request\":\"approve\",\"id\":$ID,\"as\":\"rina\",\"session\":\"$RINA\"}"
! tests/e2e/ask.py "$T/c.sock" "{\"request\":\"status\",\"session\":\"$RINA\"}" >/dev/null || die "a session at the command"
same "health" "$(desk '{"request":"health"}' | jq -r .frozen)" false
same "mode of the desk's socket" "$(stat -c %A "$D" | cut -c8-10)" ---

step "by role"
refuses role "{\"request\":\"approve\",\"id\":$ID,\"session\":\"$OMAR\"}"
refuses gone "{\"request\":\"show\",\"id\":$B_ID,\"session\":\"$OMAR\"}"
refuses gone "{\"request\":\"show\",\"id\":99,\"session\":\"$OMAR\"}"
same "omar's queue" "$(desk "{\"request\":\"queue\",\"session\":\"$OMAR\"}" | jq -c '[.items[].id], .counts')" "[$ID]
{\"water\":1}"
same "rina's queue" "$(desk "{\"request\":\"queue\",\"session\":\"$RINA\"}" | jq -c '[.items[].id]')" "[$([ "$ID" -lt "$B_ID" ] && echo "$ID,$B_ID" || echo "$B_ID,$ID")]"
HANDLE=$(desk "{\"request\":\"show\",\"id\":$ID,\"session\":\"$RINA\"}" | jq -r .handle)
desk "{\"request\":\"caption\",\"id\":$ID,\"caption\":\"পাম্প 😀 https://example.org/pump\",\"session\":\"$OMAR\"}" >/dev/null
same "lengths" "$(desk "{\"request\":\"show\",\"id\":$ID,\"session\":\"$OMAR\"}" |
    jq -c '[.item.lengths | .["x.photo","tg.photo","fb.photo"] | [.caption_len, .caption_max, .caption_count]]')" \
    '[[32,280,"x"],[33,1024,"utf16"],[32,63206,"codepoint"]]'
refuses changed "{\"request\":\"approve\",\"id\":$ID,\"handle\":\"$HANDLE\",\"session\":\"$RINA\"}"
HANDLE=$(desk "{\"request\":\"show\",\"id\":$ID,\"session\":\"$RINA\"}" | jq -r .handle)
desk "{\"request\":\"approve\",\"id\":$ID,\"handle\":\"$HANDLE\",\"session\":\"$RINA\"}" >/dev/null
within 20 "it is out" in_outbox "$ID"
same "who approved" "$(ghat log "$ID" --json | jq -r 'select(.action == "approve") | .actor')" 'user:rina (approver) by desk'
refuses state "{\"request\":\"caption\",\"id\":$ID,\"caption\":\"other\",\"session\":\"$OMAR\"}"

step "over a restart, and into no backup"
crash
start
same "me" "$(desk "{\"request\":\"me\",\"session\":\"$RINA\"}" | jq -r .user.full)" 'রিনা সেন'
same "mode of the ledger" "$(stat -c %a "$T/state/ledger.db")" 600
mkdir "$T/backup"
ghat backup "$T/backup" >/dev/null
same "mode of a backup" "$(stat -c %a "$T"/backup/backups/*/ledger.db)" 600
same "logged in in a backup" "$(sqlite3 "$T"/backup/backups/*/ledger.db 'SELECT (SELECT count(*) FROM session) || (SELECT count(*) FROM invite) || (SELECT count(*) FROM person)')" 002
! grep -aq "$RINA" "$T"/state/ledger.db* || die "a token is in the ledger"

step "guesses wait, sessions do not"
guess=$(proof_of rina guess) right=$(proof_of rina 'words of rina') # what is slow comes before: the wait is of seconds
for i in 1 2 3 4; do ! login_by rina "$guess" >"$TMPDIR/no" || die "a guess"; done
login_by rina "$right" >"$TMPDIR/no" && die "at once after guesses" || same "why" "$(jq -r .why "$TMPDIR/no")" wait
desk "{\"request\":\"me\",\"session\":\"$RINA\"}" >/dev/null

step "locked"
ghat user lock rina >/dev/null
refuses session "{\"request\":\"me\",\"session\":\"$RINA\"}"
! ghat user reset rina >/dev/null 2>&1 || die "a link for somebody who is locked"
ghat user unlock rina >/dev/null
refuses session "{\"request\":\"me\",\"session\":\"$RINA\"}"
ghat user reset rina >"$TMPDIR/rina"
enter rina
ghat user set omar --role viewer >/dev/null
refuses role "{\"request\":\"caption\",\"id\":$ID,\"caption\":\"c\",\"session\":\"$OMAR\"}"
ghat user remove omar >/dev/null
refuses session "{\"request\":\"me\",\"session\":\"$OMAR\"}"
ghat verify >/dev/null || die "ghat verify"
