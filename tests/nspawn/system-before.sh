#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# system-before.sh OUT: the packages of the last commit before this one, in OUT, for the upgrade of system.sh. Made once for a commit. Where there is
# no git or no earlier commit, OUT stays empty, and system.sh says so.
set -euo pipefail
OUT=$(realpath -m "$1")
cd "$(dirname "$0")/../.."
commit=$(git rev-parse -q --verify 'HEAD~1^{commit}' 2>/dev/null) || { echo "there is no earlier commit"; exit 0; }
[ "$(cat "$OUT/commit" 2>/dev/null)" != "$commit" ] || exit 0
tree=$(mktemp -d)
trap 'git worktree remove --force "$tree/ghat" 2>/dev/null || :; rm -rf "$tree"' EXIT
git worktree add -q --detach "$tree/ghat" "$commit"
rm -rf "$OUT"
(cd "$tree/ghat" && DEB_PARALLEL=$(nproc) tools/deb.sh "$OUT" "$(sed -n 's/^VERSION := //p' Makefile)")
echo "$commit" >"$OUT/commit"
