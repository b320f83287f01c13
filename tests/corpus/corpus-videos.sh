#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every video of the corpus renders to every placement that can take it, and the judge finds nothing wrong.
. tests/corpus/lib.sh
judged videos
ok=$?
# What was not made must have been skipped for a reason, never silently.
grep -i skip "$TMPDIR/lines"
exit $ok
