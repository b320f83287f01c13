#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs inside the booted root of system.sh, as root; once more from the beginning after the reboot in its middle.
. /root/judge.sh
export HOME=/root
step() { echo "- $1 ($(($(date +%s) - $(cat /root/began))) s)"; }
first_of() { find "$1" -mindepth 2 -maxdepth 2 -name "*-$2"; }
same() { [ "$1" = "$2" ] || { echo "'$1', should be '$2'"; return 1; }; }
sum() { sha256sum "$1" | cut -d' ' -f1; }
smb() { smbclient -U officer%sunrise //localhost/water -c "$1"; }
set_key() { sed -i "0,/^;*$1 = /s|^;*$1 = .*|$1 = $2|" /etc/ghat/ghat.conf; }
how_many() { find "$1" -name "$2" | wc -l; }
media_here() { (cd "$1" && find archive spool outbox -type f -exec sha256sum {} + | LC_ALL=C sort); }
replaced() { ok "$1 is replaced after a kill" within 60 another "$1" "$2"; }
# on_a_small_disk FOLDER MB: it lies in a file system of that size; back_from FOLDER: and on the root's again
on_a_small_disk() {
    mkdir -p /mnt/kept && mount --bind "$1" /mnt/kept && mount --make-private /mnt/kept # what is mounted there is not mounted here, too
    mount -t tmpfs -o "size=$2M,mode=$(stat -c %a "$1")" tmpfs "$1"
    chown --reference=/mnt/kept "$1"
    cp -a /mnt/kept/. "$1"
}
back_from() {
    find /mnt/kept -mindepth 1 -delete
    cp -a "$1"/. /mnt/kept
    umount "$1" && umount /mnt/kept
}
# fill FOLDER LEAVE: all but that many KB are taken
fill() { head -c $((($(df --output=avail -k "$1" | tail -n 1) - $2) * 1024)) /dev/zero >"$1/filler"; }
little_room() { ! ghat status --check || return 1; }

if [ ! -e /root/rebooted ]; then
    date +%s >/root/began
    step "both packages, as apt installs them"
    installs both /root/ghat_now.deb /root/ghat-desk_now.deb
    for unit in ghatd.service ghat-desk.socket ghat-verify.timer; do ok "$unit is there by itself" unit_is $unit active; done
    ok "the desk is well" within 30 health

    step "setup, which asks nothing when it is given answers"
    set_key url https://localhost
    set_key undo 3s
    set_key second_factor none
    printf '%s\n' 'corporation = Kolkata Municipal Corporation' 'languages = bn,en' 'placements = facebook,x,youtube,instagram' 'mail = rina@example.org' \
        'approver = rina' 'department = Water' >/root/answers
    ok "ghat setup" ghat setup --answers /root/answers
    link=$(grep -oE 'https://localhost/first/[0-9a-f]+' /tmp/out | sed -n 1p)
    ok "it prints the approver's link" test -n "$link"
    ok "it names the corporation" grep -qx 'corporation = Kolkata Municipal Corporation' /etc/ghat/ghat.conf
    made_an_officer

    step "Samba, as ghatd(8) says; nginx and Apache in front of the desk, as their examples say"
    zcat /usr/share/man/man8/ghatd.8.gz | sed -n '/^\[water\]$/,/^\.Ed/p' | sed '$d' >>/etc/samba/smb.conf
    grep -v '^#' /usr/share/doc/ghat/examples/agency-samba.conf >>/etc/samba/smb.conf
    ok "a password for Samba" sh -c 'printf "sunrise\nsunrise\n" | smbpasswd -a -s officer'
    ok "testparm" testparm -s
    ok "Samba runs" systemctl start smbd
    ok "the officer sees the share" within 30 smb ls
    for proxy in apache nginx; do
        sed 's/desk\.example\.org/localhost/' /usr/share/doc/ghat/examples/desk-$proxy.conf >/root/desk-$proxy.conf
    done
    cp /root/desk-apache.conf /etc/apache2/sites-available/ghat-desk.conf
    ok "Apache takes it" sh -c 'a2enmod -q ssl headers proxy_http && a2ensite -q ghat-desk && apachectl configtest'
    cp /root/desk-nginx.conf /etc/nginx/sites-available/ghat-desk
    ln -s ../sites-available/ghat-desk /etc/nginx/sites-enabled/
    ok "nginx takes it" nginx -t
    through() { same "$(curl -s -o /tmp/page -w '%{http_code}' --cacert /etc/ssl/ghat/cert.pem https://localhost/login)" 200 && grep -q 'name="password"' /tmp/page; }
    for proxy in apache2 nginx; do
        ok "$proxy runs" systemctl start $proxy
        ok "the desk is there through it" within 20 through
        ok "and another site cannot send its forms" same "$(curl -s -o /dev/null -w '%{http_code}' --cacert /etc/ssl/ghat/cert.pem -H 'Sec-Fetch-Site: cross-site' -d name=rina -d password=x https://localhost/login)" 403
        [ $proxy = nginx ] || ok "$proxy stops" systemctl stop $proxy
    done

    step "a photo over Samba, told and approved in Chromium"
    GHAT_NODE=/root/node GHAT_PASSWORD='eight lamps burn' node /root/watch.mjs https://localhost "$link" >/root/browser 2>&1 &
    browser=$!
    watching() { grep -qx watching /root/browser; }
    ok "the approver looks at an empty queue" within 120 watching
    ok "the officer drops a photo" smb 'put /root/photo.jpg Opening.jpg'
    ok "the browser is told, and approves" wait $browser
    cat /root/browser
    echo "     from the end of make deb to an approved picture: $(($(date +%s) - $(cat /root/made))) s; from apt: $(($(date +%s) - $(cat /root/began))) s"
    n=$(number Opening.jpg)
    ok "the original is kept, byte for byte" test -n "$(find /srv/ghat/archive -type f -exec sha256sum {} + | grep "^$(sum /root/photo.jpg)")"
    ok "the outbox has it" within 60 published "$n"
    ok "rina approved it, at the desk" sh -c "ghat log $n | grep 'user:rina (approver) by desk'"
    ok "nobody's position is in it" test -z "$(exiftool -q -if '$GPSLatitude' -p '$FileName' -r /srv/ghat/outbox)"
    ok "the corporation is in it" sh -c "exiftool -r -Artist -Creator -Credit -Copyright /srv/ghat/outbox | grep 'Kolkata Municipal Corporation'"
    # log_in ADDRESS: rina, who says that she comes from there; where the session says that she came from
    log_in() {
        curl -s -o /dev/null --cacert /etc/ssl/ghat/cert.pem -H "X-Forwarded-For: $1" -H 'Sec-Fetch-Site: same-origin' -d name=rina -d 'password=eight lamps burn' https://localhost/login
        sqlite3 -readonly /var/lib/ghat/ledger.db 'SELECT address FROM session ORDER BY id DESC LIMIT 1'
    }
    ok "nginx says where a client is, and no client does" same "$(log_in 203.0.113.9)" 127.0.0.1
    systemctl stop nginx && systemctl start apache2
    ok "so does Apache" same "$(log_in 203.0.113.9)" 127.0.0.1
    systemctl stop apache2 && systemctl start nginx
    note() { smb 'get Status\Opening.jpg.txt /tmp/note' && grep -q 'পৌর\|Kolkata\|Opening.jpg' /tmp/note; }
    ok "the officer reads what became of it over the share" within 30 note

    step "the agency, over SFTP as its example says"
    cp /usr/share/doc/ghat/examples/agency-sftp.conf /etc/ssh/sshd_config.d/ghat-agency.conf
    mapfile -t lines < <(sed -n 's/^#   \(adduser .*\)/\1/p; s/^#   \(install .*[^ ]\)   *and its.*/\1/p' /etc/ssh/sshd_config.d/ghat-agency.conf)
    for line in "${lines[@]}"; do ok "as it says: $line" sh -c "$line"; done
    ssh-keygen -q -t ed25519 -N '' -f /root/agency
    cp /root/agency.pub /etc/ssh/agency.keys/agency
    ok "sshd runs" systemctl restart ssh
    fetch() { printf '%s\n' "$@" | sftp -q -b - -i /root/agency -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null agency@localhost; }
    mkdir /root/got
    ok "it fetches all" within 20 fetch "get -r /outbox /root/got"
    ok "the sums hold" sh -c "cd '$(first_of /root/got/outbox "$n")' && sha256sum --strict -c SHA256SUMS"
    ok "it cannot write there" not fetch "put /root/answers /outbox/x"
    ok "it sees nothing else" not fetch "ls /spool"
    : >/root/receipt
    ok "it leaves a receipt" fetch "put /root/receipt /receipts/water-$n.txt"
    ok "which counts" within 60 is Opening.jpg delivered

    step "a question, told by mail, answered by a file over Samba"
    mkdir /root/box
    systemd-run -q --unit letterbox python3 /root/letterbox.py /root/box
    ok "a mail server" within 20 test -s /root/box/hook.port
    set_key smtp "smtp://localhost:$(cat /root/box/smtp.port)"
    set_key from ghat@example.org
    set_key tls off
    set_key hours 'daily 00:00-24:00'
    sed -i '/^\[officer\]/,/^\[/s/^;*email = .*/email = officer@example.org/' /etc/ghat/departments/water.conf
    grep -q '^email' /etc/ghat/departments/water.conf || sed -i 's/^\[officer\].*/&\nname = Anjali Sen\nemail = officer@example.org/' /etc/ghat/departments/water.conf
    ok "ghatd reads it" systemctl reload ghatd
    ok "ghat-post runs" systemctl enable -q --now ghat-post
    ok "asked" ghat ask Water "When does the pump start?"
    told() { grep -rlq 'officer@example.org' /root/box/smtp.log; }
    ok "the officer hears of it" within 60 told
    printf 'On Monday.\r\n' >/root/answer.txt
    ok "the officer saves an answer" smb 'put /root/answer.txt "answer 1.txt"'
    answered() { same "$(ghat questions 1 --json | jq -r '.state + " " + .messages[-1].text')" 'answered On Monday.'; }
    ok "it is answered" within 60 answered

    step "a configuration with a mistake, and one without"
    cp /etc/ghat/ghat.conf /root/right.conf
    echo 'nonsense = 1' >>/etc/ghat/ghat.conf
    pid=$(pid_of ghatd)
    ok "refused" not systemctl reload ghatd
    why() { journalctl -u ghatd -n 20 -o cat | grep -F nonsense; }
    ok "and why is said" within 20 why
    ok "the same ghatd goes on" same "$(pid_of ghatd)" "$pid"
    cp /root/right.conf /etc/ghat/ghat.conf
    set_key undo 4s
    ok "taken" systemctl reload ghatd
    ok "by the same ghatd" same "$(pid_of ghatd)" "$pid"

    step "each program is killed while a video is made"
    ok "a video over Samba" smb 'put /root/clip.mp4 Clip.mp4'
    ok "it is in work" within 60 in_work
    worker() { pgrep -P "$(pgrep -P "$(pid_of ghatd)" -f ghat-worker | sed -n 1p)" | sed -n 1p; }
    w=$(worker)
    ok "a worker" test -n "$w" -a "$(kill -KILL "$w"; echo $?)" = 0
    for unit in ghat-desk ghat-post ghatd; do
        [ $unit != ghat-desk ] || ok "the desk is there" within 30 health # its socket starts it
        pid=$(pid_of $unit)
        kill -KILL "$pid"
        replaced $unit "$pid"
    done
    ok "the desk is well" within 30 health
    ok "the video is staged" within 300 is Clip.mp4 staged
    ok "once" same "$(ghat list --json --all | jq -s '[.[] | select(.name == "Clip.mp4")] | length')" 1
    ok "nothing was lost" ghat verify

    step "the ledger's disk is full"
    systemctl stop ghatd
    on_a_small_disk /var/lib/ghat 40
    systemctl start ghatd
    ok "ghatd runs on a small disk" within 60 ghat status
    fill /var/lib/ghat 0
    cp /root/photo.jpg /root/second.jpg && exiftool -q -overwrite_original -Comment=second /root/second.jpg
    ok "the officer drops a photo" smb 'put /root/second.jpg Second.jpg'
    sleep 12
    ok "its bytes are somewhere" test -n "$(find /srv/ghat/drop /srv/ghat/spool -type f -exec sha256sum {} + | grep "^$(sum /root/second.jpg)")"
    rm /var/lib/ghat/filler
    ok "with room again it is staged" within 120 is Second.jpg staged
    ok "nothing was lost" ghat verify
    systemctl stop ghatd
    back_from /var/lib/ghat
    systemctl start ghatd

    step "the media's disk is full"
    systemctl stop ghatd
    on_a_small_disk /srv/ghat 80
    set_key reserve 10M
    systemctl start ghatd
    ok "ghatd runs" within 60 ghat status
    ok "the folder on another disk is confirmed" ghat department confirm Water
    fill /srv/ghat 3000
    cp /root/photo.jpg /root/third.jpg && exiftool -q -overwrite_original -Comment=third /root/third.jpg
    ok "the officer drops a photo" smb 'put /root/third.jpg Third.jpg'
    ok "monitoring hears of it" within 60 little_room
    ok "it waits where it was dropped" same "$(sum /srv/ghat/drop/Water/Third.jpg)" "$(sum /root/third.jpg)"
    rm /srv/ghat/filler
    ok "with room again it is staged" within 120 is Third.jpg staged
    systemctl stop ghatd smbd
    back_from /srv/ghat
    systemctl start ghatd smbd
    ok "ghatd runs" within 60 ghat status
    ok "the folder is confirmed" ghat department confirm Water
    ok "nothing was lost" ghat verify

    step "a reboot in the middle of a video"
    ok "a long video over Samba" smb 'put /root/long.mp4 Long.mp4'
    half() { ghat status --json | jq -e '.running[] | select(.progress >= 0.3)'; }
    ok "a third of it is made" within 240 half
    media_here /srv/ghat >/root/media.before
    [ $bad = 0 ] || touch /root/bad
    touch /root/rebooted
    sync
    systemctl reboot --force --force
    sleep 600
fi

step "after the reboot"
[ ! -e /root/bad ] || bad=1
ok "ghatd runs by itself" within 60 ghat status
for unit in ghatd ghat-post ghat-desk.socket; do ok "$unit runs by itself" within 30 unit_is $unit active; done
n=$(ghat list --json --all | jq -s -r '[.[] | select(.name == "Long.mp4")][0].id')
ok "the video is staged" within 400 is Long.mp4 staged
ok "once" same "$(ghat list --json --all | jq -s '[.[] | select(.name == "Long.mp4")] | length')" 1
ok "each output once" same "$(ghat show "$n" --json | jq '[.renditions[] | .placement] | length - (unique | length)')" 0
whole() { # every video of it plays to its end and is as long as what was dropped
    local f found=0
    for f in /srv/ghat/staging/"$n"/*/*.mp4; do
        case $f in *short* | *story*) continue ;; esac
        found=1
        ffprobe -v error -show_entries format=duration -of csv=p=0 "$f" | awk '{ exit !($1 > 39.5 && $1 < 40.6) }' || { echo "$f has another length"; return 1; }
        ffmpeg -nostdin -v error -xerror -i "$f" -f null - || return 1
    done
    [ $found = 1 ]
}
ok "and plays to its end" whole
ok "the original is kept" test -n "$(find /srv/ghat/archive -type f -exec sha256sum {} + | grep "^$(sum /root/long.mp4)")"
media_here /srv/ghat >/root/media.after
ok "all media of before is there" sh -c '! LC_ALL=C comm -23 /root/media.before /root/media.after | grep .'
ok "approved" ghat approve --whatever-is-there "$n"
ok "it is out" within 60 published "$n"
ok "nothing was lost" ghat verify
ok "nothing failed" test -z "$(systemctl --failed --no-legend | grep ghat)"
ok "doctor finds nothing wrong" ghat doctor

step "remove and purge"
had=$(submissions)
systemctl stop ghatd # what is there is counted while nothing moves
media_here /srv/ghat >/root/media.before
ok "purge says what it keeps" sh -c "apt-get purge -q -y ghat ghat-desk | grep -F 'kept: /srv/ghat /var/lib/ghat'"
ok "nothing of it runs" not pgrep -f 'ghatd|ghat-worker|ghat-desk|ghat-post'
ok "the configuration is gone" not test -e /etc/ghat/ghat.conf
media_here /srv/ghat >/root/media.after
ok "no media is" cmp /root/media.before /root/media.after
ok "nor the ledger" same "$(sqlite3 -readonly /var/lib/ghat/ledger.db 'PRAGMA integrity_check')" ok

step "installed again over what was kept"
installs both /root/ghat_now.deb /root/ghat-desk_now.deb
ok "it knows all that it knew" within 60 sh -c "[ \$(ghat list --all --json | jq -s length) = $had ]"
ok "nothing was lost" ghat verify
ok "purge" apt-get purge -q -y ghat ghat-desk

step "an upgrade from the last commit's packages, with work waiting"
mv /srv/ghat /srv/first && mv /var/lib/ghat /var/lib/first
rm -rf /etc/ghat
installs "both, as they were" /root/ghat_before.deb /root/ghat-desk_before.deb
ok "ghatd runs" within 60 ghat status
ok "setup" ghat setup --answers /root/answers
for f in one two three; do
    cp /root/photo.jpg /tmp/$f.jpg && exiftool -q -overwrite_original -Comment=$f /tmp/$f.jpg
    chown officer: /tmp/$f.jpg
    ok "the officer drops $f" as officer cp /tmp/$f.jpg /srv/ghat/drop/Water/$f.jpg
done
for f in one two three; do ok "$f is staged" within 120 is $f.jpg staged; done
ok "one is approved" ghat approve --whatever-is-there "$(number one.jpg)"
ok "and out" within 60 published "$(number one.jpg)"
chown officer: /home/officer/clip.mp4
ok "a video begins" as officer cp /home/officer/clip.mp4 /srv/ghat/drop/Water/Clip.mp4
ok "it is in work" within 60 in_work
before=$(ghat list --json --all | jq -S -c 'select(.name != "Clip.mp4") | {id, state, placements}')
media_here /srv/ghat >/root/media.before
installs "the new ones" /root/ghat_after.deb /root/ghat-desk_after.deb
ok "ghatd runs" within 60 ghat status
ok "all is as it was" same "$(ghat list --json --all | jq -S -c 'select(.name != "Clip.mp4") | {id, state, placements}')" "$before"
media_here /srv/ghat >/root/media.after
ok "all media of before is there" sh -c '! LC_ALL=C comm -23 /root/media.before /root/media.after | grep .'
ok "the video is staged" within 240 is Clip.mp4 staged
ok "another is approved" ghat approve --whatever-is-there "$(number two.jpg)"
ok "and out" within 60 published "$(number two.jpg)"
ok "the desk is well" within 30 health
ok "nothing was lost" ghat verify
ok "remove" apt-get remove -q -y ghat ghat-desk
ok "nothing of it runs" not pgrep -f 'ghatd|ghat-worker|ghat-desk|ghat-post'
ok "nothing failed" test -z "$(systemctl --failed --no-legend | grep ghat)"
step "done"
[ $bad = 0 ] || journalctl -u 'ghat*' -p notice --no-pager | tail -n 60
exit $bad
