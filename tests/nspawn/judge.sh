# SPDX-License-Identifier: GPL-3.0-or-later
# What the scripts that run inside a booted root judge with.
set -uo pipefail
bad=0
ok() { # WHAT COMMAND…
    local what=$1
    shift
    if "$@" >/tmp/out 2>&1; then echo "ok   $what"; else
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
published() { [ "$(ghat show "$1" --json | jq -r .published_all)" = true ] && ls /srv/ghat/outbox/*/*-"$1"/manifest.json; }
