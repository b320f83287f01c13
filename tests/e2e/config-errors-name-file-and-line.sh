#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A mistake in ghat.conf, a department or a profile is named with file and line, before anything starts; a reload with one changes nothing.
. tests/e2e/lib.sh
expect_log 'event=(config|not-reloaded) '
configure
department Water water
refused() { # PATTERN: ghatd --check and ghatd both end, and say it
    local rc=0
    timeout 20 "$B/ghatd" -c "$CONF" --check >"$TMPDIR/out" 2>&1 || rc=$?
    [ $rc != 0 ] && [ $rc != 124 ] || die "--check accepts it ($rc): $1"
    grep -qE -- "$1" "$TMPDIR/out" || { cat "$TMPDIR/out"; die "--check does not say $1"; }
    rc=0
    timeout 20 "$B/ghatd" -c "$CONF" >"$TMPDIR/out" 2>&1 || rc=$?
    same "exit code for $1" $rc 2
}
timeout 20 "$B/ghatd" -c "$CONF" --check || die "a good configuration is refused"
cp "$CONF" "$T/good"

printf '[intake]\nquiet = soon\n' >>"$CONF"; refused "ghat\.conf:$(wc -l <"$CONF"): .*quiet"
cp "$T/good" "$CONF"; printf '[intake]\nqiuet = 3s\n' >>"$CONF"; refused "ghat\.conf:$(wc -l <"$CONF"): .*qiuet"
cp "$T/good" "$CONF"; printf '[intaek]\nquiet = 3s\n' >>"$CONF"; refused "ghat\.conf:[0-9]+: .*intaek"
cp "$T/good" "$CONF"; printf '[policy]\nmetadata = archive\n' >>"$CONF"; refused 'allow_location'
cp "$T/good" "$CONF"
printf '[department]\nfolder = Roads\nslug = roads\ncolour = red\n' >"$T/etc/departments/roads.conf"; refused 'roads\.conf:4: .*colour'
rm "$T/etc/departments/roads.conf"
sed 's/^bytes_max = .*/bytes_max = many/' profiles/fb.photo.profile >"$T/etc/profiles/fb.photo.profile"
refused "fb\.photo\.profile:$(grep -n '^bytes_max' "$T/etc/profiles/fb.photo.profile" | cut -d: -f1): "
rm "$T/etc/profiles/fb.photo.profile"
GHAT_CONF=$T/etc/nowhere.conf timeout 20 "$B/ghatd" --check >"$TMPDIR/out" 2>&1 && die "a configuration that is not there was accepted"
has "$TMPDIR/out" nowhere.conf

step "a reload with a mistake keeps what was"
start
printf '[intake]\nquiet = soon\n' >>"$CONF"
kill -HUP "$DAEMON"
within 10 "the log says so" grep -qE "ghat\.conf:[0-9]+" "$LOG"
cp "$T/good" "$CONF"
department Roads roads
kill -HUP "$DAEMON"
cp "$(media photo.jpg)" "$T/srv/drop/Roads/a.jpg"
arrives a.jpg staged
same department "$(item "$ID" .department)" roads
