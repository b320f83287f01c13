#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One worker and photos without end, urgent ones among them: a video dropped behind them is made all the same, beside them.
. tests/e2e/lib.sh
configure workers.count=1
for d in Water Roads Parks Film; do department $d ${d,,}; done
start
python3 - "$(media photo.jpg)" "$T/srv/drop" <<'PY'
import sys
photo, drop = open(sys.argv[1], "rb").read(), sys.argv[2]
for i in range(450):
    note = b"photo %d" % i
    with open(f"{drop}/{['Water', 'Roads', 'Parks'][i % 3]}/p{i}.jpg", "wb") as f:
        f.write(photo[:2] + b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note + photo[2:])
PY
all() { [ "$(sql 'SELECT count(*) FROM submission')" = 450 ]; }
within 90 "all photos are received" all
ghat urgent "$(sql "SELECT max(id) FROM file WHERE work = 'due'")" >/dev/null
cp "$(media short.mp4)" "$T/srv/drop/Film/short.mp4"
staged() { [ "$(sql "SELECT state FROM submission WHERE department = 'film'")" = staged ]; }
within 240 "the video is staged" staged
left=$(sql "SELECT count(*) FROM file WHERE work = 'due'")
[ "$left" -gt 0 ] || die "there were no photos left beside it: nothing was tested"
echo "$left photos still waited"
