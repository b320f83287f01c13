# SPDX-License-Identifier: GPL-3.0-or-later
# What the scripts that run inside a booted root judge with.
set -uo pipefail
bad=0
ok() { # WHAT COMMAND…
    local what=$1 took=$EPOCHREALTIME
    shift
    if "$@" >/tmp/out 2>&1; then
        took=$(((${EPOCHREALTIME/[.,]/} - ${took/[.,]/}) / 100000))
        echo "ok   $what$([ $took -lt 5 ] || echo " ($((took / 10)).$((took % 10)) s)")"
    else
        echo "FAIL $what: $*"
        sed 's/^/     | /' /tmp/out | tail -n 15
        bad=1
    fi
}
not() { ! "$@"; }
within() { # SECONDS COMMAND…
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || { "$@"; return 1; }
        sleep 0.2
    done
}
as() { runuser -u "$1" -- "${@:2}"; }
state() { ghat list --json | jq -s -r "[.[] | select(.name == \"$1\")] | last | .state"; }
is() { [ "$(state "$1")" = "$2" ]; }
number() { ghat list --json | jq -s -r "[.[] | select(.name == \"$1\")] | last | .id"; }
in_work() { [ "$(ghat status --json | jq '.running | length')" -gt 0 ]; }
submissions() { ghat list --all --json | jq -s length; }
unit_is() { [ "$(systemctl is-active "$1")" = "$2" ]; }
pid_of() { systemctl show -p MainPID --value "$1"; }
another() { local now; now=$(pid_of "$1"); [ "$now" != 0 ] && [ "$now" != "$2" ] && unit_is "$1" active; }
health() { [ "$(curl -s -o /dev/null -w '%{http_code}' --unix-socket /run/ghat-desk/http.sock http://localhost/healthz)" = 200 ]; }
installs() { ok "apt installs $1" apt-get install -q -y --no-install-recommends "${@:2}"; }
# made_an_officer: a person of the department Water, with the two files of make_media at home
made_an_officer() {
    useradd -m -G drop-water officer
    cp /root/photo.jpg /root/clip.mp4 /home/officer/ && chown officer: /home/officer/*
}
published() { [ "$(ghat show "$1" --json | jq -r .published_all)" = true ] && ls /srv/ghat/outbox/*/*-"$1"/manifest.json; }
