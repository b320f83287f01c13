#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Without inotify the periodic scan finds everything: loose files, folders, and departments that are new.
. tests/e2e/lib.sh
configure intake.inotify=no intake.scan=1s
department Water water
cp_early=$(another early.jpg early)
cp "$cp_early" "$T/srv/drop/Water/before-start.jpg"
start

arrives before-start.jpg staged
cp "$(media photo.jpg)" "$T/srv/drop/Water/after-start.jpg"
arrives after-start.jpg staged
mkdir -p "$T/srv/drop/New Department/Event"
cp "$(another c.jpg three)" "$T/srv/drop/New Department/Event/c.jpg"
arrives Event staged
# the judge of "without inotify": the kernel's list of what ghatd watches
grep -c '^inotify' /proc/$DAEMON/fdinfo/* 2>/dev/null | grep -v ':0' && die "ghatd watches all the same"
true
