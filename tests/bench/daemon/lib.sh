# SPDX-License-Identifier: GPL-3.0-or-later
# What the benches of the daemon share: the end-to-end tests' tree and daemon, photos nobody had before, and looking at processes.
cd "$(dirname "$0")/../../.." || exit 1
export B=${B:-$PWD/build/gcc} ROOT=$PWD GHAT_SLOW=${GHAT_SLOW:-1} TMPDIR
TMPDIR=$(mktemp -d "${TMPDIR:-/var/tmp}/ghat-bench-XXXXXX")
. tests/e2e/lib.sh
trap 'rc=$?; trap - EXIT; [ -z "$DAEMON" ] || { kill -TERM $DAEMON; wait $DAEMON; } 2>/dev/null; rm -rf "$TMPDIR"; exit $rc' EXIT

# photos FROM DIR N: N copies of a JPEG, each with a comment of its own, spread over the folders of DIR (d1 … dK) when there are any.
photos() {
    python3 - "$@" <<'EOF'
import os, sys
source, target, n = open(sys.argv[1], "rb").read(), sys.argv[2], int(sys.argv[3])
folders = sorted(e.path for e in os.scandir(target) if e.is_dir()) or [target]
for i in range(n):
    note = b"photo %d" % i
    with open(f"{folders[i % len(folders)]}/p{i:05}.jpg", "wb") as f:
        f.write(source[:2] + b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note + source[2:])
EOF
}
# of EXPRESSION [DECIMALS]: its value.
of() { awk "BEGIN { printf \"%.${2:-2}f\", $1 }"; }
seconds() { of "($(date +%s%N) - $1) / 1000000000"; }
rss_mb() { awk '/VmRSS/ {printf "%.1f", $2 / 1024}' "/proc/$DAEMON/status"; }
cpu_s() { awk -v hz="$(getconf CLK_TCK)" '{printf "%.2f", ($14 + $15) / hz}' "/proc/$DAEMON/stat"; }
one() { sql "$1" 2>/dev/null || echo 0; }
