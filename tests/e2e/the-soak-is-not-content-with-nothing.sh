#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The judge of make soak says so where people did nothing, or what they did was refused, or the driver itself goes wrong; and kills nothing below a
# ghatd that is dead.
set -euo pipefail
PYTHONDONTWRITEBYTECODE=1 python3 - tests/soak <<'PY'
import sys, types
sys.path.insert(0, sys.argv[1])
import judge, soak, traffic
def failed(acts, vain={}, mails=200, seconds=1200):
    t = types.SimpleNamespace(acts=acts, vain=vain)
    box = types.SimpleNamespace(mails=[{"accepted": True}] * mails, calls=[{"accepted": True}] * mails)
    j = judge.Judge(types.SimpleNamespace(say=lambda text: None), t, None, box)
    j.acts(seconds)
    return j.failed
expected = {what: int(rate * 20) + 1 for what, rate in traffic.SUCCESSES.items()}
assert failed(expected) == 0, 'a run as expected'
assert failed({}) == 1, 'nothing at all was done'
for what in expected:
    fewer = dict(expected)
    n = fewer.pop(what)
    assert failed(fewer, {what: n}) == 1 or expected[what] < 6, f'{what}: all in vain'
assert failed(expected, mails=0) == 1, 'no letter arrived'
assert failed({**expected, traffic.MISTAKE: 60}) == 1, 'the driver goes wrong'
t = traffic.Traffic(types.SimpleNamespace(top='/nowhere', ghat=lambda *args: (False, 'refused'), form=lambda *args, **fields: 0), 1)
t.reject(1)
for _ in range(20):
    t.h.departments = {'water': 'Water'}
    t.do('ask')
assert not t.acts and sum(t.vain.values()) == 21, 'what is refused is counted as done'
dead = types.SimpleNamespace(alive=lambda: False, proc=types.SimpleNamespace(pid=1))
assert soak.workers_of(types.SimpleNamespace(programs={'ghatd': dead}), False) == [], 'children of a number that is another program by now'
PY
