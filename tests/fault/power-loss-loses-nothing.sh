#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The machine loses power at step N: ghatd's folders lie on an ext4 of their own, which is shut down (FS_IOC_SHUTDOWN) before or after the
# N-th call that makes something durable or visible, without its journal being written out. Mounted again, only what was synced is
# there; ghatd starts on it and everything must come to its end. Root only. GHAT_FAULT_EVERY=1 tries every number.
. tests/e2e/lib.sh
[ "$(id -u)" = 0 ] || skip "mounting takes root"
command -v mkfs.ext4 >/dev/null || skip "no mkfs.ext4 here"
. tests/fault/lib.sh
EVERY=${EVERY:-401}
LOG=$TMPDIR/ghatd.log
image=$TMPDIR/image
mounted() { mountpoint -q "$T"; }
off() { ! mounted || umount "$T" || { fuser -k "$T"; umount -l "$T"; }; }
trap 'finish_off' EXIT
finish_off() {
    local rc=$?
    (exit $rc) || :
    [ -z "$DAEMON" ] || { kill -KILL "$DAEMON" 2>/dev/null; wait "$DAEMON" 2>/dev/null; }
    [ $rc = 0 ] || [ $rc = 77 ] || tail -n 25 "$LOG"
    off
    exit $rc
}
mkdir -p "$T"
truncate -s 256M "$image.new"
mkfs.ext4 -q -J size=4 "$image.new"
mount -o loop "$image.new" "$T" 2>/dev/null || skip "loop devices cannot be mounted here"
configure intake.quiet=300ms intake.scan=2s
drop_all
umount "$T"
fresh() { # what the officers dropped has reached the disk
    off
    cp --sparse=always "$image.new" "$image"
    mount -o loop "$image" "$T"
}
powered() {
    umount "$T"
    mount -o loop "$image" "$T"
}
try_all ${GHAT_CUT_MODES:-cut-before cut-after}
