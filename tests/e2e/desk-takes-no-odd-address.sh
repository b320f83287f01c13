#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Addresses that are not of the grammar are not looked up: no traversal, no escape, no overlong one; what a person may not see is told like
# what does not exist. Every reply has the headers that keep it to itself.
. tests/desk/lib.sh
up
step "odd addresses"
for path in /../etc/passwd /..%2f..%2fetc/passwd '/..%5c..%5cwindows' /%2e%2e/x /i/12%00 /i/%31 '/i//1' /i/1/ /i/01 /i/0 /i/-1 /i/1x /I/1 '/%c0%ae%c0%ae/x' \
    /r/1/100/../x /s/0123456789abcdef/../desk.css /s/0123456789abcdef/desk.css /.git/config '/q;x' '/i/9999999999999999'; do
    same "$path" "$(status_of rina "$path" --path-as-is)" 404
done
long=$(printf '%20000s' '' | tr ' ' a)
case $(status_of rina "/$long" || :) in 404 | 414) ;; *) die "20 KB of path are taken" ;; esac
huge=$(printf '%65536s' '' | tr ' ' a)
case $(status_of rina "/$huge" || :) in 404 | 414 | 431 | 000) ;; *) die "64 KB of path are taken" ;; esac
same "/q with a broken escape" "$(status_of rina '/q?d=%zz')" 404
same "methods" "$(status_of rina /q -X PUT) $(status_of rina /q -X DELETE) $(status_of rina /q -X POST -H 'Sec-Fetch-Site: same-origin')" "405 405 404"
same "HEAD" "$(status_of rina /q --head)" 200
step "roles"
same "nobody" "$(status_of '' /q)" 303
same "an agency's queue" "$(status_of agency /q)" 404
same "an administrator's queue" "$(status_of boss /freeze)" 404
same "an officer's decision" "$(post anjali /i/1/approve -d handle=1@x)" 404
[ -z "$(asked '.request == "approve"')" ] || die "ghatd was asked to approve by an officer"
same "another item" "$(status_of rina /i/4711)" 404
step "headers"
for path in /q /i/1 /me /login /i/4711; do
    head_of rina $path >"$TMPDIR/head"
    for h in "Content-Security-Policy: default-src 'none';" 'X-Content-Type-Options: nosniff' 'Referrer-Policy: no-referrer' 'Cross-Origin-Resource-Policy: same-origin' \
        'Cache-Control: no-store'; do
        grep -F "$h" "$TMPDIR/head" >/dev/null || die "$path lacks $h"
    done
    ! grep -i 'unsafe' "$TMPDIR/head" || die "$path: an unsafe policy"
done
