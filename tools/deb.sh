#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# deb.sh OUT VERSION: the packages ghat and ghat-desk of the tree as it lies here, in OUT; called by `make deb`. Built in a copy of the
# tree with tools/debian/ as its debian/, since packaging is one use of the tree, not its top.
set -eu
OUT=$(realpath -m "$1") VERSION=$2
cd "$(dirname "$0")/.."
command -v dh >/dev/null || { echo "deb: debhelper is not here: make deps-deb" >&2; exit 1; }
top=$OUT/ghat-$VERSION
rm -rf "$top"
mkdir -p "$top"
tar -c --exclude=./build --exclude=./run --exclude=./.git --exclude=./tests/fuzz/corpus . | tar -x -C "$top"
cp -a tools/debian "$top/debian"
mail=$(git config user.email 2>/dev/null || echo root@localhost)
build=$(tools/deps.sh --list build | grep -vx build-essential | paste -sd, | sed 's/,/, /g')
sed -i "s|@MAIL@|$mail|; s|@BUILD@|$build|" "$top/debian/control"
# What changed is told in CHANGELOG.md; the date is the commit's, so that the same tree makes the same packages.
date=$(git log -1 --format=%cD 2>/dev/null || date -R)
printf 'ghat (%s) unstable; urgency=medium\n\n  * See /usr/share/doc/ghat/CHANGELOG.md.\n\n -- Ghat developers <%s>  %s\n' \
    "$VERSION" "$mail" "$date" >"$top/debian/changelog"
cd "$top"
dpkg-buildpackage -b -us -uc ${DEB_PARALLEL:+-j$DEB_PARALLEL} >"$OUT/build.log" 2>&1 || { tail -n 40 "$OUT/build.log" >&2; exit 1; }
cd ..
rm -rf "$top"
ls -1 "$OUT"/*.deb
