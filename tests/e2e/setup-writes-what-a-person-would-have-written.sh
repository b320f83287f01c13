#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `ghat setup` with answers: keys of ghat.conf in their places and nothing else changed, the first approver with a link; a wrong answer
# changes nothing. On a terminal it asks.
. tests/e2e/lib.sh
configure
sed "s|@[A-Z]*@|/usr|; /^;root\|^;state\|^;control\|^;socket\|^;worker\|^;profiles/d" docs/ghat.conf >"$TMPDIR/shipped"
cat "$CONF" "$TMPDIR/shipped" >"$TMPDIR/whole" && cp "$TMPDIR/whole" "$CONF"
department Water water
start
step "answers"
printf 'corporation = Kolkata Municipal Corporation\nplacements = facebook,x\nmail = rina@example.org\napprover = rina\n' >"$TMPDIR/answers"
ghat setup --answers "$TMPDIR/answers" >"$TMPDIR/out" || { cat "$TMPDIR/out"; die "setup failed"; }
grep -q '/first/' "$TMPDIR/out" || grep -q 'rina' "$TMPDIR/out" || die "no link"
diff "$TMPDIR/whole" "$CONF" >"$TMPDIR/diff" || :
same "what changed" "$(sed -n 's/^[<>] //p' "$TMPDIR/diff")" ';corporation = Kolkata Municipal Corporation
corporation = Kolkata Municipal Corporation
;make = all
make = facebook,x'
same "the approver" "$(ghat user show rina --json | jq -r '.email, .roles[]' | tr '\n' ' ')" 'rina@example.org approver '
ghat placements >"$TMPDIR/placements"
step "a wrong answer"
cp "$CONF" "$TMPDIR/before"
! ghat setup --corporation 'a "b' 2>/dev/null || die "quotes were taken"
printf 'colour = red\n' >"$TMPDIR/answers"
! ghat setup --answers "$TMPDIR/answers" 2>"$TMPDIR/err" || die "an unknown question was answered"
grep -q 'answers:1: there is no question colour' "$TMPDIR/err" || { cat "$TMPDIR/err"; die "not named"; }
cmp "$TMPDIR/before" "$CONF" || die "something was written"
! ghat setup </dev/null 2>/dev/null || die "it asked nobody"
step "mail, without a terminal"
printf 'a secret; of "two" words\n' >"$TMPDIR/secret"
cp "$CONF" "$TMPDIR/before"
printf 'mail-server = smtp://mail.example.org:587\nmail-from = ghat@example.org\nmail-login = ghat\nmail-password-file = %s\n' "$TMPDIR/secret" >"$TMPDIR/answers"
ghat setup --answers "$TMPDIR/answers" >"$TMPDIR/out" || { cat "$TMPDIR/out"; die "setup failed"; }
diff "$TMPDIR/before" "$CONF" >"$TMPDIR/diff" || :
same "what changed" "$(sed -n 's/^> //p' "$TMPDIR/diff")" "smtp = smtp://mail.example.org:587
from = ghat@example.org
login = ghat
password_file = $T/etc/smtp-password"
same "the password" "$(cat "$T/etc/smtp-password")" 'a secret; of "two" words'
[[ $(stat -c %a "$T/etc/smtp-password") =~ ^6[04]0$ ]] || die "others may read it: $(stat -c %a "$T/etc/smtp-password")"
! grep -F 'two' "$TMPDIR/out" "$CONF" || die "the password is told"
! seen 'two' <(ghat log 2>/dev/null; cat "$LOG") || die "the password is in a log"
seen -F 'ghat-post' "$TMPDIR/out" || getent passwd ghat-post >/dev/null || die "nobody is told who must be let read the password"
step "what ghat-post would not start with"
sed -i '/^login = \|^password_file = /d' "$CONF"
cp "$CONF" "$TMPDIR/before"
! ghat setup --mail-server smtp://m.example --mail-from a@example.org --mail-login x 2>"$TMPDIR/err" || die "a login without a password was taken"
seen -F 'mail-login wants mail-password-file' "$TMPDIR/err" || die "$(cat "$TMPDIR/err")"
sed -i 's/^\[post\]$/&\ntls = off/' "$CONF"
! ghat setup --answers "$TMPDIR/answers" 2>"$TMPDIR/err" || die "a password that would be sent for all to read was taken"
seen -F 'tls = off' "$TMPDIR/err" || die "$(cat "$TMPDIR/err")"
sed -i '/^tls = off$/d' "$CONF"
cmp "$TMPDIR/before" "$CONF" || die "something was written"
for odd in '--placements facebok,x' '--languages bn' '--department a/b' '--approver Rina/Das' '--approver rani --mail nobody' '--department Roads --languages bn,xx' \
    '--mail-from a@example.org' '--mail-server http://mail.example.org --mail-from a@example.org' \
    '--mail-server smtp://m.example --mail-from nobody' '--mail-server smtp://m.example --mail-from a@example.org --mail-password-file /etc/hostname' \
    "--mail-server smtp://m.example --mail-from a@example.org --mail-login x --mail-password-file $TMPDIR/none"; do
    ! ghat setup $odd 2>"$TMPDIR/err" || die "taken: $odd"
    [ -s "$TMPDIR/err" ] || die "not in words: $odd"
done
cmp "$TMPDIR/before" "$CONF" || die "something was written"
[ ! -e "$T/etc/departments/roads.conf" ] && ! ghat user show rani >/dev/null 2>&1 || die "something was made"
step "mail, on a terminal: asked for only when there is a server, and the password is not shown"
rm "$T/etc/smtp-password"
# The answers come one by one, as a person types them: what is typed ahead would be shown by the terminal.
cat >"$TMPDIR/type.py" <<'PY'
import os, pty, sys, select, time
answers = sys.argv[1].split('|')
pid, fd = pty.fork()
if pid == 0:
    os.execvp('ghat', ['ghat', 'setup'])
said = b''
while True:
    ready, _, _ = select.select([fd], [], [], 60)
    try:
        got = os.read(fd, 4096)
    except OSError:
        break
    said += got
    if said.endswith(b': ') and answers:
        time.sleep(0.05)
        os.write(fd, answers.pop(0).encode() + b'\n')
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
python3 "$TMPDIR/type.py" '||smtps://mail.example.org||post@example.org|ghat|open sesame||' >"$TMPDIR/out" || { cat "$TMPDIR/out"; die "it failed"; }
same "the sender" "$(sed -n 's/^from = //p' "$CONF")" post@example.org
same "the password" "$(cat "$T/etc/smtp-password")" 'open sesame'
! grep -F sesame "$TMPDIR/out" || die "the password is shown"
same "asked twice for what must not be open" "$(grep -o "The sender's address" "$TMPDIR/out" | wc -l)" 2
cp "$CONF" "$TMPDIR/before"
step "a wrong answer is told and asked for again at once, and the others are kept"
python3 "$TMPDIR/type.py" 'A "quoted" one||facebok,x||mail.example.org||Rina Das|rina2|nobody||a/b|' >"$TMPDIR/out" || { cat "$TMPDIR/out"; die "it failed"; }
for words in 'without quotes' 'there is no placement facebok' 'must begin with smtp' 'a name is a letter' 'a plain address like rina' 'that of a folder'; do
    has "$TMPDIR/out" "$words"
done
same "asked again" "$(grep -oE 'Corporation, as|Placements or|Mail server for|First approver|  Mail address|First department' "$TMPDIR/out" | sort | uniq -c | awk '{ printf "%s", $1 }')" 222222
ghat user show rina2 >/dev/null || die "the right answer was forgotten"
cmp "$TMPDIR/before" "$CONF" || die "a wrong answer was written"
step "stopped and ended while the password is asked for: the terminal shows again what is typed"
cat >"$TMPDIR/end.py" <<'PY'
import fcntl, os, pty, select, signal, subprocess, sys, termios
master, slave = pty.openpty()
def own():
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
p = subprocess.Popen(['ghat', 'setup'], stdin=slave, stdout=slave, stderr=slave, preexec_fn=own)
shows = lambda: bool(termios.tcgetattr(slave)[3] & termios.ECHO)
said = b''
def until(what):
    global said
    while what not in said:
        assert select.select([master], [], [], 60)[0], said
        said += os.read(master, 4096)
for ask, answer in ((b'Corporation', b''), (b'Placements', b''), (b'Mail server', b'smtps://mail.example.org'),
                    (b'address there', b'post@example.org'), (b'log in with there', b'ghat')):
    until(ask)
    until(b': ')
    said = b''
    os.write(master, answer + b'\n')
until(b'(not shown): ')
assert not shows(), 'it shows the password'
said = b''
os.write(master, b'\x1a')  # of a session's first program it is no stop: it asks once more
until(b'(not shown): ')
assert not shows(), 'it shows the password once it goes on'
if sys.argv[1] == 'key':
    os.write(master, b'\x03')
else:
    p.send_signal(signal.SIGTERM)
want = signal.SIGINT if sys.argv[1] == 'key' else signal.SIGTERM
assert p.wait(60) == -want, p.returncode
assert shows(), 'the terminal was left without echo'
PY
for way in key signal; do python3 "$TMPDIR/end.py" "$way" || die "by a $way"; done
cmp "$TMPDIR/before" "$CONF" || die "something was written"
step "on a terminal"
printf '\n\n\n\n\n' | script -qec "ghat setup" /dev/null >"$TMPDIR/out" || { cat "$TMPDIR/out"; die "it failed"; }
same "questions" "$(grep -o 'Corporation, as\|Placements or\|Mail server\|First approver,\|First department' "$TMPDIR/out" | sort -u | wc -l)" 5
cmp "$TMPDIR/before" "$CONF" || die "open questions were written"

step "completion"
completed() { # WORDS EXPECTED…
    (. ctl/completion.bash; COMP_WORDS=($1); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); PATH=$B:$PATH; _ghat; printf '%s ' "${COMPREPLY[@]}")
}
same "a command" "$(completed 'ghat setu')" 'setup '
same "an option" "$(completed 'ghat status --w')" '--watch '
same "a word" "$(completed 'ghat department con')" 'confirm '
ghat --version >"$TMPDIR/version"
grep -q '^libraries: .*SQLite 3' "$TMPDIR/version" && grep -q '^sandbox: ' "$TMPDIR/version" || { cat "$TMPDIR/version"; die "no versions"; }
