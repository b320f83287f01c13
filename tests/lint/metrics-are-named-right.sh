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
# What is asked for in the morning is on the dashboard: what waits to be told, too.
for name in $(grep -oE '"ghat_(letters|notices)[a-z_]*"' daemon/control/metrics.c | tr -d '"') ghat_post_away; do
    jq -e --arg n "$name" '[.panels[].targets[].expr | select(test("\\b" + $n + "\\b"))] | length > 0' docs/monitoring/dashboard.json >/dev/null ||
        say "docs/monitoring/dashboard.json has no panel with $name"
done
jq -e '[.panels[] | "\(.gridPos.x) \(.gridPos.y)", "id \(.id)"] | length == (unique | length)' docs/monitoring/dashboard.json >/dev/null || say "docs/monitoring/dashboard.json has two panels in one place, or of one number"
if command -v promtool >/dev/null; then promtool check rules docs/monitoring/alerts.yml >"$TMPDIR/rules" || say "$(cat "$TMPDIR/rules")"; fi
exit $bad
