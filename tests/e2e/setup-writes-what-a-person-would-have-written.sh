#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `ghat setup` with answers: keys of ghat.conf in their places and nothing else changed, the first approver with a link; a wrong answer
# changes nothing. On a terminal it asks.
. tests/e2e/lib.sh
configure
sed "s|@[A-Z]*@|/usr|; /^;root\|^;state\|^;control\|^;socket\|^;worker\|^;profiles/d" docs/ghat.conf >"$TMPDIR/shipped"
cat "$CONF" "$TMPDIR/shipped" >"$TMPDIR/whole" && cp "$TMPDIR/whole" "$CONF"
department Water water
start
step "answers"
printf 'corporation = Kolkata Municipal Corporation\nplacements = facebook,x\nmail = rina@example.org\napprover = rina\n' >"$TMPDIR/answers"
ghat setup --answers "$TMPDIR/answers" >"$TMPDIR/out" || { cat "$TMPDIR/out"; die "setup failed"; }
grep -q '/first/' "$TMPDIR/out" || grep -q 'rina' "$TMPDIR/out" || die "no link"
diff "$TMPDIR/whole" "$CONF" >"$TMPDIR/diff" || :
same "what changed" "$(sed -n 's/^[<>] //p' "$TMPDIR/diff")" ';corporation = Kolkata Municipal Corporation
corporation = Kolkata Municipal Corporation
;make = all
make = facebook,x'
same "the approver" "$(ghat user show rina --json | jq -r '.email, .roles[]' | tr '\n' ' ')" 'rina@example.org approver '
ghat placements >"$TMPDIR/placements"
step "a wrong answer"
cp "$CONF" "$TMPDIR/before"
! ghat setup --corporation 'a "b' 2>/dev/null || die "quotes were taken"
printf 'colour = red\n' >"$TMPDIR/answers"
! ghat setup --answers "$TMPDIR/answers" 2>"$TMPDIR/err" || die "an unknown question was answered"
grep -q 'answers:1: there is no question colour' "$TMPDIR/err" || { cat "$TMPDIR/err"; die "not named"; }
cmp "$TMPDIR/before" "$CONF" || die "something was written"
! ghat setup </dev/null 2>/dev/null || die "it asked nobody"
step "on a terminal"
printf '\n\n\n\n\n\n' | script -qec "ghat setup" /dev/null >"$TMPDIR/out" || { cat "$TMPDIR/out"; die "it failed"; }
same "questions" "$(grep -o 'Corporation, as\|Languages of\|Placements or\|Mail address\|First approver,\|First department' "$TMPDIR/out" | sort -u | wc -l)" 6
cmp "$TMPDIR/before" "$CONF" || die "open questions were written"

step "completion"
completed() { # WORDS EXPECTED…
    (. ctl/completion.bash; COMP_WORDS=($1); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); PATH=$B:$PATH; _ghat; printf '%s ' "${COMPREPLY[@]}")
}
same "a command" "$(completed 'ghat setu')" 'setup '
same "an option" "$(completed 'ghat status --w')" '--watch '
same "a word" "$(completed 'ghat department con')" 'confirm '
ghat --version >"$TMPDIR/version"
grep -q '^libraries: .*SQLite 3' "$TMPDIR/version" && grep -q '^sandbox: ' "$TMPDIR/version" || { cat "$TMPDIR/version"; die "no versions"; }
