#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A second ghatd on the same tree says so in one line and ends; the first goes on.
. tests/e2e/lib.sh
configure
department Water water
start
rc=0
timeout 20 "$B/ghatd" -c "$CONF" >"$TMPDIR/second" 2>&1 || rc=$?
[ $rc != 0 ] && [ $rc != 124 ] || die "the second daemon ended with $rc"
grep -qiE 'another|already|running|locked' "$TMPDIR/second" || { cat "$TMPDIR/second"; die "it does not say why"; }
ghat status >/dev/null
cp "$(media photo.jpg)" "$T/srv/drop/Water/a.jpg"
arrives a.jpg staged
step "not even one with another root and the same ledger"
sed "s|^root=.*|root=$T/other|" "$CONF" >"$T/etc/other.conf"
mkdir -p "$T/other/drop"
rc=0
timeout 20 "$B/ghatd" -c "$T/etc/other.conf" >"$TMPDIR/third" 2>&1 || rc=$?
[ $rc != 0 ] && [ $rc != 124 ] || die "a daemon shares the ledger"
ghat status >/dev/null
