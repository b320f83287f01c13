# SPDX-License-Identifier: GPL-3.0-or-later
# For tests that look at the desk in Debian's Chromium: GHAT_NODE, the folder with the two packages of package-lock.json, from npm's
# registry; the test is skipped where they, or a browser, are not to be had.
command -v chromium >/dev/null && command -v node >/dev/null && command -v npm >/dev/null || skip "no chromium, node or npm here"
[ -z "$SAN" ] || skip "a browser against a sanitizer shows nothing more"
export GHAT_NODE=$ROOT/build/node
if [ ! -d "$GHAT_NODE/node_modules/playwright-core" ]; then
    mkdir -p "$GHAT_NODE"
    cp tests/desk/package.json tests/desk/package-lock.json "$GHAT_NODE"
    timeout 120 npm ci --prefix "$GHAT_NODE" --no-audit --no-fund --ignore-scripts >"$TMPDIR/npm" 2>&1 || { rm -rf "$GHAT_NODE/node_modules"; skip "npm's registry is not there"; }
fi
export HOME=$TMPDIR
