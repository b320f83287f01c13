#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A worker killed in the middle of a job costs one attempt: the job is done again. The nursery killed costs nothing but a restart.
. tests/e2e/lib.sh
expect_log 'event=(crashed|interrupted) '
configure
department Water water
start
nursery() { pgrep -P "$DAEMON" -f ghat-worker | first; }
child() { pgrep -P "$(nursery)" | first; }
busy() { [ "$(item "$ID" '.placements | to_entries[0].value')" = running ] || [ "$(item "$ID" '.files[0].work')" = running ]; }

cp "$(media long.mp4)" "$T/srv/drop/Water/long.mp4"
arrives long.mp4 rendering
within 60 "it is in work" busy
within 60 "a worker is there" child
step "its progress can be seen"
shown() {
    ghat status --json | jq -e --argjson id "$ID" '.running[] | select(.id == $id and .name == "long.mp4" and .media == "video") | .progress > 0.02 and .progress <= 1'
}
within 120 "status shows how far it is" shown
ghat show "$ID" --json | jq -e '.running[0].progress > 0.02' >/dev/null || die "show has no progress"
ghat status | seen -E '^in work +[0-9]+ long.mp4: [0-9]+ %' || die "status says nothing in words"

step "kill the worker"
victim=$(pgrep -P "$(nursery)" | xargs -I{} sh -c 'echo $(awk "{print \$14+\$15}" /proc/{}/stat) {}' | sort -n | tail -n 1 | cut -d' ' -f2)
kill -KILL "$victim"
again() { [ "$(item "$ID" '.files[0].attempts')" -ge 2 ] && busy; }
within 60 "it is tried again" again
kill -0 "$DAEMON" || die "ghatd died with it"

step "meanwhile a photo goes through"
cp "$(media photo.jpg)" "$T/srv/drop/Water/photo.jpg"
video=$ID
arrives photo.jpg staged
photo=$ID

step "kill the nursery"
kill -KILL "$(nursery)"
cp "$(another b.jpg two)" "$T/srv/drop/Water/after.jpg"
arrives after.jpg staged
ID=$video
done_() { [ "$(item "$video" .state)" = staged ]; }
within 300 "the video is staged in the end" done_
same "strikes" "$(item "$video" '.files[0].strikes')" 1
same "the photo" "$(item "$photo" .state)" staged
