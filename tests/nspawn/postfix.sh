#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's Postfix as the mail server: installed with Ghat into a Debian 12 root that is booted, it takes letters of ghat-post with STARTTLS and
# puts them into mailboxes; with a certificate of somebody else's, of another name, or with none, it gets nothing. What happens inside is in
# postfix-inside.sh; a mail as it arrived is shown at the end.
. "$(dirname "$0")/root.sh"
. /etc/os-release
[ "${VERSION_ID:-}" = 12 ] || { echo "programs built here run on Debian 12 only if this is one"; exit 77; }
[ -n "$SAN" ] && { echo "not with a sanitizer"; exit 77; }

base_root postfix systemd,systemd-sysv,dbus,procps,jq,postfix,python3,libimage-exiftool-perl,$LIBRARIES
copy_root postfix

# programs know where they are installed: built anew for these paths beside the others
cp -a "$B" "$TMPDIR/B"
make -s -j2 B="$TMPDIR/B" PREFIX=/usr SYSCONFDIR=/etc DESTDIR="$R" UNITDIR=/usr/lib/systemd/system install
make_media

# An authority that is trusted and one that is not; what each of them says of a name.
mkdir -m 755 "$R/root/tls"
certificate() { # NAME AUTHORITY HOST
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$3" -keyout "$R/root/tls/$1.key" -out "$TMPDIR/request" 2>/dev/null
    openssl x509 -req -in "$TMPDIR/request" -days 30 -CA "$R/root/tls/$2.pem" -CAkey "$R/root/tls/$2.key" -CAcreateserial \
        -extfile <(echo "subjectAltName=DNS:$3") -out "$R/root/tls/$1.pem" 2>/dev/null
}
for authority in ours theirs; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$authority" -keyout "$R/root/tls/$authority.key" \
        -out "$R/root/tls/$authority.pem" 2>/dev/null
done
certificate right ours mail.test
certificate stranger theirs mail.test
certificate other ours other.test
boot_root postfix-inside.sh 300
