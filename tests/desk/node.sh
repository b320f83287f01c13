# SPDX-License-Identifier: GPL-3.0-or-later
# GHAT_NODE: the folder with the two packages of package-lock.json, from npm's registry. One test brings them for all, whole or not at all;
# a registry that did not answer is asked again after ten minutes. fetch_node returns 1, and prints why, where they are not to be had.
export GHAT_NODE=$ROOT/build/node
bring_node() {
    [ ! -d "$GHAT_NODE/node_modules" ] || return 0
    [ -z "$(find "$GHAT_NODE.away" -mmin -10 2>/dev/null)" ] || return 1
    rm -rf "$GHAT_NODE" "$GHAT_NODE.new"
    mkdir "$GHAT_NODE.new" && cp "$ROOT/tests/desk/package.json" "$ROOT/tests/desk/package-lock.json" "$GHAT_NODE.new" || return 1
    timeout 240 npm ci --prefix "$GHAT_NODE.new" --no-audit --no-fund --ignore-scripts >"$GHAT_NODE.away" 2>&1 || return 1
    rm "$GHAT_NODE.away"
    mv "$GHAT_NODE.new" "$GHAT_NODE"
}
fetch_node() {
    mkdir -p "$ROOT/build"
    if (flock 8 && bring_node) 8>"$GHAT_NODE.lock"; then return 0; fi
    echo "npm's registry is not there: $(grep -Em 1 'npm (ERR!|error) code' "$GHAT_NODE.away" || echo "see $GHAT_NODE.away")"
    return 1
}
