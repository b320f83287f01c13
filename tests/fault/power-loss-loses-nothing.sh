#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The machine loses power at step N: ghatd's folders lie on an ext4 of their own, which is shut down (FS_IOC_SHUTDOWN) before or after the
# N-th call that makes something durable or visible, without its journal being written out. Mounted again, only what was synced is
# there; ghatd starts on it and everything must come to its end. Then the power goes once more. "before" kills only ghatd at step N, so that
# what its first life made and did not sync has to be synced by the second. Root only. GHAT_FAULT_EVERY=1 tries every number.
. tests/e2e/lib.sh
[ "$(id -u)" = 0 ] || skip "mounting takes root"
. tests/fault/lib.sh
EVERY=${EVERY:-201}
image=$TMPDIR/image
mkdir -p "$T"
truncate -s 256M "$image"
mkfs.ext4 -q -J size=4 "$image"
mount -o loop "$image" "$T" 2>/dev/null || skip "loop devices cannot be mounted here"
MOUNTED=$T
configure paths.worker="$worker" intake.quiet=100ms intake.scan=500ms publish.undo=500ms
drop_all
umount "$T" # what the officers dropped has reached the disk
MOUNTED=
drive power "$image" ${GHAT_CUT_MODES:-cut-before cut-after before}
