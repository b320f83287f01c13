# SPDX-License-Identifier: GPL-3.0-or-later
# For tests that look at the desk in Debian's Chromium; skipped where that, or what drives it, is not to be had.
command -v chromium >/dev/null && command -v node >/dev/null && command -v npm >/dev/null || skip "no chromium, node or npm here"
[ -z "$SAN" ] || skip "a browser against a sanitizer shows nothing more"
. tests/desk/node.sh
why=$(fetch_node) || skip "$why"
export HOME=$TMPDIR
