# SPDX-License-Identifier: GPL-3.0-or-later
# ghat render over a folder of ../shared/corpus, then ../shared/judge/judge.py over what came out.
set -uo pipefail
S=$ROOT/../shared
[ -d "$S/corpus" ] || { echo "../shared/corpus is not here"; exit 77; }
OUT=$TMPDIR/out
# judged FOLDER [SKIP-PATTERN]: every file renders, and the judge finds nothing.
judged() {
    local files=() f rc=0
    for f in "$S/corpus/$1"/*; do
        [[ -n ${2:-} && $(basename "$f") =~ $2 ]] || files+=("$f")
    done
    [ ${#files[@]} -gt 0 ] || { echo "no files in $1"; exit 1; }
    "$B/ghat" render -o "$OUT" "${files[@]}" >"$TMPDIR/lines" 2>"$TMPDIR/errors" || rc=$?
    cat "$TMPDIR/errors"
    echo "$1: ${#files[@]} files, $(find "$OUT" -type f | wc -l) outputs, exit $rc"
    judge_out || rc=1
    return $rc
}
# judge_out: the judge finds nothing wrong with what came out, and no free text of the source in it, whatever the policy.
judge_out() {
    local rc=0
    "$S/judge/judge.py" --no-text "$OUT" >"$TMPDIR/judge" || rc=1
    tail -n 40 "$TMPDIR/judge"
    return $rc
}
