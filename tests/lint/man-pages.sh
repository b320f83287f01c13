#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Man pages are clean for mandoc, and there is one for each program and file format.
set -u
bad=0
for page in ghat.1 ghatd.8 ghat-desk.8 ghat-post.8 ghat-worker.8 ghat-control.5 ghat.conf.5 ghat.profile.5; do
    [ -e docs/man/$page ] || { echo "docs/man/$page is missing"; bad=1; }
done
mandoc -T lint -W warning docs/man/* || bad=1
exit $bad
