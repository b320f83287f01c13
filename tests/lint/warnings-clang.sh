#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The other compiler finds nothing to warn of either.
set -u
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES B SAN
make -s CC=clang WERROR=1 OPT=-O1 VARIANT=clang-werror -j2 objects >"$TMPDIR/log" 2>&1 || { grep -m 40 -E 'error|warning|\*\*\*' "$TMPDIR/log"; exit 1; }
