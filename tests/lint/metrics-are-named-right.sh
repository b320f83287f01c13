#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a dashboard, an alert or a document calls a metric is one, as daemon/control/metrics.c names it; and every one of them is described
# in ghat(1).
set -u
bad=0
say() { echo "$*"; bad=1; }
known=$(grep -oE '"ghat_[a-z_]+"' daemon/control/metrics.c | tr -d '"' | sort -u)
[ "$(wc -w <<<"$known")" -gt 15 ] || say "hardly a metric was found: this lint looks at the wrong place"
for f in docs/monitoring/*.yml docs/monitoring/*.json docs/man/ghat.1; do
    while read -r name; do
        base=$(sed -E 's/_(bucket|sum|count)$//' <<<"$name")
        grep -qxF -e "$name" -e "$base" <<<"$known" || say "$f: there is no metric $name"
    done < <(grep -oE '\bghat_[a-z_]+' "$f" | sort -u)
done
for name in $known; do grep -qF "$name" docs/man/ghat.1 || say "docs/man/ghat.1 does not describe $name"; done
jq -e '.panels | length > 5' docs/monitoring/dashboard.json >/dev/null || say "docs/monitoring/dashboard.json is no dashboard"
if command -v promtool >/dev/null; then promtool check rules docs/monitoring/alerts.yml >"$TMPDIR/rules" || say "$(cat "$TMPDIR/rules")"; fi
exit $bad
