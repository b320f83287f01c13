#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Man pages are clean for mandoc, there is one for each program and file format, and groff shows no macro of theirs as a word.
set -u
bad=0
for page in ghat.1 ghatd.8 ghat-desk.8 ghat-post.8 ghat-worker.8 ghat-control.5 ghat.conf.5 ghat.profile.5; do
    [ -e docs/man/$page ] || { echo "docs/man/$page is missing"; bad=1; }
done
mandoc -T lint -W warning docs/man/* || bad=1
# What follows an address is the words of its link: groff shows ".Pq Lk URL , No once" as "(, No once: URL)".
! grep -nE '\bLk [^ ]+ [^ ]* ?[A-Za-z]' docs/man/* || { echo "after Lk and its address come punctuation marks only"; bad=1; }
exit $bad
