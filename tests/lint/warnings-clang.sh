#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The other compiler finds nothing to warn of either.
set -u
command -v clang >/dev/null || { echo "no clang here"; exit 77; }
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES B SAN
make -s CC=clang WERROR=1 OPT=-O1 VARIANT=clang-werror -j2 all tests >"$TMPDIR/log" 2>&1 || { grep -E 'error|warning|\*\*\*' "$TMPDIR/log" | head -n 40; exit 1; }
