#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The real worker, linked with every media library: its self-test passes, tries each act, and fails when a wall is missing.
set -u
[ -z "${GHAT_NO_LANDLOCK:-}" ] || { echo "no Landlock here"; exit 77; }
out=$("$B/ghat-worker" --selftest) || { echo "$out"; exit 1; }
if grep -q '^WARNING' <<<"$out"; then echo "a sanitizer build runs without its walls"; exit 77; fi
bad=0
for act in 'open a file' 'open an internet socket' 'fork' 'execute a program' 'map writable and executable memory' \
    'trace the parent' 'signal the parent' "signal the parent's thread" 'ask for a file by name' 'find an inherited descriptor'; do
    grep -q "^ok    $act: refused" <<<"$out" || { echo "no line says that it cannot $act"; bad=1; }
done
grep -q '^ok    sandbox: seccomp filter of [0-9]* instructions, Landlock ABI' <<<"$out" || { echo "no closing line"; bad=1; }
grep -q FAIL <<<"$out" && { echo "$out"; bad=1; }

# A machine where a wall cannot be built: the test must fail. strace makes the call fail as an old kernel or a strict unit would.
for call in seccomp landlock_create_ruleset landlock_restrict_self close_range; do
    strace -qq -f -o /dev/null -e trace=$call -e inject=$call:error=EINVAL "$B/ghat-worker" --selftest >"$TMPDIR/out" 2>&1 &&
        { echo "the self-test passes although $call does not work:"; tail -n 5 "$TMPDIR/out"; bad=1; }
done
strace -qq -f -o /dev/null -e trace=landlock_create_ruleset -e inject=landlock_create_ruleset:error=ENOSYS \
    "$B/ghat-worker" --selftest --seccomp-only >"$TMPDIR/out" 2>&1 ||
    { echo "--seccomp-only does not accept a kernel without Landlock:"; grep FAIL "$TMPDIR/out"; bad=1; }
# Who lacks it and who forbids it are told apart: the first is mended on the kernel's command line, the second in the container's settings.
while read -r code words; do
    strace -qq -f -o /dev/null -e trace=landlock_create_ruleset -e inject=landlock_create_ruleset:error=$code "$B/ghat-worker" --selftest >"$TMPDIR/out" 2>&1
    grep -q "$words" "$TMPDIR/out" || { echo "$code: no word of '$words':"; cat "$TMPDIR/out"; bad=1; }
done <<'EOF'
ENOSYS this kernel has no Landlock
EOPNOTSUPP this kernel has no Landlock
EPERM Landlock is forbidden here
EOF

# A child that could not be forked, once, is tried again; when none can be, or the kernel kills each, nothing is said of the sandbox.
strace -qq -f -o /dev/null -e trace=clone -e inject=clone:error=EAGAIN:when=3 "$B/ghat-worker" --selftest >"$TMPDIR/out" 2>&1 ||
    { echo "one failed fork is taken for a hole:"; grep -v ^ok "$TMPDIR/out"; bad=1; }
for fault in clone:error=EAGAIN landlock_restrict_self:signal=SIGKILL; do
    strace -qq -f -o /dev/null -e trace=${fault%%:*} -e inject=$fault "$B/ghat-worker" --selftest >"$TMPDIR/out" 2>&1
    rc=$?
    [ $rc = 6 ] || { echo "$fault: exit $rc, should be 6"; bad=1; }
    grep FAIL "$TMPDIR/out" && { echo "$fault is taken for a hole"; bad=1; }
done
exit $bad
