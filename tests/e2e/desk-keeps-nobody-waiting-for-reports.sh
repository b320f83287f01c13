#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Reports that take long: of one person three are waited for, in however many browsers, and what comes then hears "one moment" at once; of another
# person one more waits. When the desk stops, all of them are told to come again, and it does not wait for ghatd.
. tests/desk/lib.sh
up
asks() { # USER NAME [CURL OPTION…]
    get "$1" /report -o "$TMPDIR/$2.body" -w '%{http_code}' --max-time $((60 * GHAT_SLOW)) "${@:3}" >"$TMPDIR/$2.status" 2>"$TMPDIR/$2.said" &
    WAITING="$WAITING $!"
}
WAITING=
: >"$TMPDIR/desk.sock.slow"
step "three of one person wait"
asks rina first
within 20 "the first one is asked for" eval 'asked ".request == \"report\"" | grep .'
known() { [ "$(asked '.request == "me"' | wc -l)" -ge "$1" ]; }
asks rina second
asks rina third
within 20 "the desk knows all three" known 3
sleep 0.5 # from there into the queue
ms_now() { echo $((${EPOCHREALTIME/./} / 1000)); }
same "one more of that person" "$(status_of rina /report)" 503
step "one more of another person waits, too"
asks sunil other
within 20 "the desk knows that one" known 5
sleep 0.5
same "nobody of them was answered" "$(cat "$TMPDIR"/*.status)" ""
step "the desk stops: they are told, and ghatd, which does not answer, is not waited for"
before=$(ms_now)
kill "$DESK_PID"
wait "$DESK_PID" || die "the desk ended with $?"
DESK_PID=
took=$(($(ms_now) - before))
[ $took -lt $((8000 * GHAT_SLOW)) ] || die "it took $took ms to stop"
# shellcheck disable=SC2086
wait $WAITING || :
for name in first second third other; do
    same "$name" "$(cat "$TMPDIR/$name.status" "$TMPDIR/$name.said")" 503
    seen -i 'one moment' "$TMPDIR/$name.body" || die "$name was told $(cat "$TMPDIR/$name.body")"
done
