#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs inside the booted root of postfix.sh, as root.
. /root/judge.sh
export LC_ALL=C.UTF-8

echo '127.0.0.1 mail.test' >>/etc/hosts
ip link set lo up 2>/dev/null || :
for name in rina agni nodal chief evil; do useradd -m $name; done
postconf -e myhostname=mail.test mydestination=example.org,localhost 'mynetworks=127.0.0.0/8' inet_protocols=ipv4 inet_interfaces=loopback-only \
    home_mailbox=Maildir/ 'smtpd_tls_security_level=encrypt' 'smtpd_tls_received_header=yes' 'maillog_file=/var/log/postfix.log' alias_maps= local_recipient_maps=
postconf -M postlog/unix-dgram='postlog unix-dgram n - n - 1 postlogd' >/dev/null
with() { # CERTIFICATE: Postfix has that one
    install -m 644 "/root/tls/$1.pem" /etc/postfix/cert.pem
    install -m 600 "/root/tls/$1.key" /etc/postfix/key.pem
    postconf -e smtpd_tls_cert_file=/etc/postfix/cert.pem smtpd_tls_key_file=/etc/postfix/key.pem
    systemctl restart postfix
}
mails() { ls "/home/$1/Maildir/new" 2>/dev/null | wc -l; }
has() { [ "$(mails "$1")" -ge "$2" ]; }
with stranger
ok "Postfix listens" within 20 bash -c 'exec 3<>/dev/tcp/127.0.0.1/25'

install -m 644 /root/tls/ours.pem /etc/ghat/mail-ca.pem
cat >/etc/ghat/ghat.conf <<'C'
[desk]
url = https://desk.example.org
timezone = Asia/Kolkata
[questions]
duty = daily 00:00-24:00
[post]
smtp = smtp://mail.test
from = ghat@example.org
ca = /etc/ghat/mail-ca.pem
hours = daily 00:00-24:00
[publish]
undo = 0
C
cat >/etc/ghat/departments/water.conf <<'C'
[department]
folder = Water
slug = water
title = জল সরবরাহ বিভাগ
languages = bn
[officer]
name = Anjali Sen
designation = Executive Engineer
mobile = +91 33 2286 1000
email = nodal@example.org
[superior]
name = Chitra Das
email = chief@example.org
C
ok "a department is added" ghat department add Water
ok "ghatd starts" systemctl start ghatd
ok "people of the desk" bash -c 'ghat user add rina --role approver --email rina@example.org --language bn && ghat user add agni --role agency --email agni@example.org --language hi'
ok "ghat-post starts" systemctl start ghat-post

# Each try with a letter of its own: one that failed waits longer each time.
newest() { ghat notices --json | jq -s 'map(.id) | max // 0'; }
refuses() { # WHAT PATTERN: a letter does not get out, for a reason of that pattern
    local last
    last=$(newest)
    ghat ask water "কবে কাজ শেষ হবে?" >/dev/null
    why() { ghat notices --json | jq -r --argjson last "$last" 'select(.id > $last and .error != null) | .error' | grep -iE "$1"; }
    ok "$1: nothing is sent, and why is told" within 90 why "$2"
    ok "$1: nothing arrived" test "$(mails nodal)" = 0
    ghat notices --json | jq -r --argjson last "$last" 'select(.id > $last) | "     | \(.state), try \(.tries): \(.error)"'
}
refuses "somebody else's certificate" 'certificate'
with other
refuses "a certificate of another name" 'other|subject name|match|host ?name'
postconf -e smtpd_tls_security_level=none && systemctl restart postfix
refuses "no STARTTLS" 'STARTTLS not supported|TLS level'
postconf -e smtpd_tls_security_level=encrypt
with right
ok "another question is asked" ghat ask water "আর কবে?"
ok "with the right one it arrives" within 90 has nodal 1

cp /root/photo.jpg '/srv/ghat/drop/Water/উদ্বোধন.jpg'
ok "a photo is staged" within 60 is 'উদ্বোধন.jpg' staged
ok "rejected, with a reason that would be a header" ghat reject "$(number 'উদ্বোধন.jpg')" --reason $'ছবি অস্পষ্ট\r\nBcc: evil@example.org\r\n\r\nBody'
ok "announced, with a title that would be one" ghat event add water $'মেলা\r\nBcc: evil@example.org' --date "$(date +%d/%m/%Y)" --time "all day"
ok "the officer is told" within 90 has nodal 2
ok "the agency is told" within 90 has agni 1
ok "nobody else is" test "$(mails evil)" = 0

cat >/root/judge.py <<'PY'
# Every mail, by Python's strict rules: no defect, each header once, UTF-8 in the language of the reader, digits of its script, over TLS, and no word of what people wrote but the reason.
import email, email.policy, glob, re, sys
policy = email.policy.strict.clone(max_line_length=998)
seen = 0
for who, language in (('nodal', 'bn'), ('agni', 'hi')):
    for path in sorted(glob.glob(f'/home/{who}/Maildir/new/*')):
        raw = open(path, 'rb').read()
        mail = email.message_from_bytes(raw, policy=policy)
        seen += 1
        for header in ('Subject', 'From', 'To', 'Date', 'Message-ID', 'MIME-Version', 'Content-Type', 'Ghat-Delivery', 'Auto-Submitted'):
            assert len(mail.get_all(header, [])) == 1, (path, header, mail.keys())
        allowed = {'return-path', 'x-original-to', 'delivered-to', 'received', 'date', 'from', 'to', 'subject', 'message-id', 'ghat-delivery', 'auto-submitted', 'x-auto-response-suppress',
                   'mime-version', 'content-type', 'content-language', 'content-transfer-encoding'}
        assert {h.lower() for h in mail.keys()} <= allowed, mail.keys()
        assert [a.addr_spec for a in mail['To'].addresses] == [f'{who}@example.org'] and [a.addr_spec for a in mail['From'].addresses] == ['ghat@example.org']
        assert mail['Date'].datetime.utcoffset().total_seconds() == 19800, mail['Date']
        assert any('using TLSv1.' in r for r in mail.get_all('Received')), mail.get_all('Received')
        assert mail.get_content_charset() == 'utf-8' and mail['Content-Language'] == language, mail.items()
        text = mail.get_content()
        assert '\n' not in mail['Subject'] and '\r' not in mail['Subject']
        for word in ('মেলা', 'উদ্বোধন', 'কবে'):
            assert word not in text and word not in mail['Subject'], (word, text)
        letters = re.compile({'bn': '[\u0980-\u09ff]', 'hi': '[\u0900-\u097f]'}[language])
        assert letters.search(mail['Subject']) and letters.search(text)
        if language == 'bn':
            assert not re.search('[0-9]', re.sub(r'https://\S+|<U\+[0-9A-F]+>', '', text) + mail['Subject'].replace('<U+000D>', '')), text
        if sys.argv[1:] == [who]:
            print('\n'.join(f'     | {h}: {mail[h]}' for h in ('From', 'To', 'Date', 'Subject', 'Received')) + '\n     |\n' + '\n'.join('     | ' + line for line in text.splitlines()))
assert seen >= 3, seen
PY
ok "each mail is strictly a mail" python3 /root/judge.py
python3 /root/judge.py nodal
python3 /root/judge.py agni
ok "nothing was given up" test -z "$(ghat notices --json --state failed)"
exit $bad
