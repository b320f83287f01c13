#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# sandbox-cost.sh [ROUNDS] FILE…: what the two filters and the address space limit cost a photo. A variant of the build without them (the
# switch that sanitizers need, never in what is installed) renders the same files, in turn with the real one; user + system seconds of each.
# By hand, from the checkout: it builds build/unwalled.
set -eu
rounds=10
[[ ${1:-} =~ ^[0-9]+$ ]] && { rounds=$1; shift; }
[ $# -gt 0 ] || { sed -n '3,5p' "$0"; exit 2; }
make -s all
CFLAGS=-DGH_CONFINED=0 make -s VARIANT=unwalled all
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export GHAT_CONF=$out/ghat.conf
printf '[paths]\nprofiles = %s/profiles\n' "$PWD" >"$GHAT_CONF"
render() {
    local TIMEFORMAT="$1 %U %S"
    time "build/$2/ghat" render -o "$out/o" "${@:3}" >/dev/null
}
{
    render warm gcc "$@"
    render warm unwalled "$@"
    for ((i = 0; i < rounds; i++)); do
        render walled gcc "$@"
        render unwalled unwalled "$@"
    done
} 2>&1 | awk '$1 ~ /walled/ { t = $2 + $3; n[$1]++; sum[$1] += t; if (!($1 in least) || t < least[$1]) least[$1] = t }
    END { for (k in n) printf "%-9s %d rounds, mean %.3f s, least %.3f s of processor time\n", k, n[k], sum[k] / n[k], least[k]
          printf "cost: %+.1f %% of the mean, %+.1f %% of the least\n", (sum["walled"] / sum["unwalled"] - 1) * 100, (least["walled"] / least["unwalled"] - 1) * 100 }'
