#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the ledger keeps grows with the years; what is read of it for an answer does not. Every statement of the programs (they are literals,
# whole in the binaries) runs on two ledgers, one with twice as much that is over as the other and the same that is not: where SQLite takes more
# steps for it in the second, all that ever was is read, by a scan, by an index of a state in which things end, or from the wrong one of two
# bounds. What may do so is listed here, with the reason.
set -u
command -v python3 >/dev/null || { echo "no python3 here"; exit 77; }
exec python3 - "$B" <<'PY'
import re, sqlite3, sys

# A part of the statement, and why it may read what was.
MAY = [
    ('DELETE FROM letter', 'deletes what it reads: letters are kept for a time'),
    ('DELETE FROM notice WHERE id IN', 'deletes what it reads: notices are kept for a time'),
    ("UPDATE letter SET state = 'waiting', not_before_ms", 'what failed, when a person asks to try it again'),
    ("UPDATE letter SET state = 'dropped', error", 'once, in a ledger that was restored'),
    ('UPDATE submission SET manifest = manifest + 1 WHERE outbox_day', 'once, in a ledger that was restored'),
    ('SELECT count(*) FROM audit WHERE hash', 'ghat verify reads the whole chain'),
    ("SELECT f.sha256, s.id, 'original' FROM file", 'ghat backup and ghat verify go through every file'),
    ('SELECT state, count(*) FROM submission GROUP BY state', 'totals of ghat status and ghat metrics, from an index'),
    ('SELECT state, count(*) FROM rendition GROUP BY state', 'totals of ghat status and ghat metrics, from an index'),
    ("SELECT count(*) FROM file WHERE work = 'bad'", 'the same; few files are bad'),
    ('SELECT state, count(*) FROM letter GROUP BY state', 'letters are kept for a time'),
    ('SELECT count(*) FROM question', 'totals of ghat metrics; people ask some questions a day'),
    ("FROM delivery d WHERE d.said = 'refused'", 'what platforms refused, from an index: rare'),
    ('FROM event_folder f JOIN event e', 'the folders a department had for its events: some a week'),
    ('FROM submission s INDEXED BY submission_state JOIN file f', 'what is quarantined takes room, and is rare'),
    ('FROM event e WHERE', 'events from a day on, in the order of their beginning: some a day are announced'),
    ('SELECT id FROM submission s WHERE id > ?1 AND id <= ?6 AND', 'the sweep looks for files whose time is over among all, 2,000 submissions a step'),
    ('SELECT submission, time_ms, verdict FROM decision', 'the daily list of decisions in one\'s own name: once a day and person'),
]

OVER = 600        # submissions that are over, in the smaller ledger
LIVE = 24         # and those that are not, in both
STEP = 1_800_000  # milliseconds between two of them
DAY = 86_400_000
BEGIN = 1_600_000_000_000

def literals(program):
    for text in open(f'{sys.argv[1]}/{program}', 'rb').read().split(b'\0'):
        if re.match(rb'(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|CREATE TABLE meta\() ?', text):
            yield text.decode()

texts = sorted({t for p in ('ghatd', 'ghat') for t in literals(p)})
schema = [t for t in texts if t.startswith('CREATE TABLE meta(')]
statements = [s.strip() for t in texts if not t.startswith('CREATE') and '%l' not in t for s in t.split(';')]
if len(schema) != 1 or len(statements) < 350:
    sys.exit(f'{len(schema)} schemas and {len(statements)} statements: this test looks at the wrong place')

# -------------------------------------------------------------------------------------------------- a ledger that is years old

def rows(over):
    """(table, row) of what an installation of so many submissions has: of each what it ends as, the last LIVE of them on their way."""
    def turn(i, *of):
        return of[i % len(of)]
    def ended(i, at):
        return at if i <= over else 0
    for i in range(1, over + LIVE + 1):
        at, live, sha = BEGIN + i * STEP, i > over, f'{i:064x}'
        yield 'blob', dict(sha256=sha, size=i, added_ms=at)
        state = turn(i, 'arriving', 'received', 'rendering', 'staged', 'decided', 'delivered') if live else \
            turn(i, 'delivered', 'delivered', 'delivered', 'decided', 'quarantined', 'duplicate')
        out = state == 'delivered'
        yield 'submission', dict(
            id=i, department='roads', name=b'n%d' % i, kind='file', state=state, dropped_ms=at, received_ms=at, staged_ms=at, decided_ms=ended(i, at),
            approved_ms=at if out else 0, delivered_ms=at if out else 0, posted_ms=at if out else 0, outbox_day=f'{i // 48:08d}' if out else '',
            duplicate_of=max(i - 1, 1) if state == 'duplicate' else None, retired=0 if live else 255, event=i, manifest=1, manifest_done=0 if live else 1,
            caption='words', approved_by='user:a')
        yield 'file', dict(
            id=i, submission=i, department='roads', name=b'n%d' % i, sha256=sha, size=i, role='media', source='present' if live else 'taken', guess=1,
            work=turn(i, 'due', 'running', 'none', 'done') if live else 'bad' if state == 'quarantined' else 'done', look=i)
        for part in (1, 2):
            n = 2 * i + part
            ren = turn(n, 'due', 'running', 'staged', 'held', 'approved', 'publishing', 'published', 'collected') if live else \
                turn(n // 2, 'collected', 'withdrawn', 'rejected', 'skipped', 'failed')
            was = ren in ('published', 'collected', 'withdrawn')
            yield 'rendition', dict(
                id=n, submission=i, file=i, placement=f'p{part}', part=1, parts=1, state=ren, recipe=f'{n:064x}', sha256=f'{n:064x}', stage=f'{i}/x',
                staged_ms=at, approved_ms=at if was else 0, published_ms=at if was else 0, collected_ms=at if ren in ('collected', 'withdrawn') else 0,
                decided_ms=at, gone_ms=at if ren == 'withdrawn' and not live else 0)
            yield 'decided', dict(decision=i, rendition=n, sha256=sha)
            yield 'delivery', dict(id=n, submission=i, placement='p1', said='refused' if part == 1 else 'posted', time_ms=at, text=f'https://x/{n}')
            yield 'caption', dict(submission=i, placement=f'p{part}')
        yield 'decision', dict(id=i, submission=i, time_ms=at, verdict=turn(i, 'approve', 'reject', 'withdraw'))
        yield 'voided', dict(decision=i, time_ms=at)
        yield 'seen', dict(id=i, submission=i, handle='h', time_ms=at)
        if live:
            yield 'pending', dict(decision=i, submission=i, undo_ms=at)
            yield 'take', dict(submission=i, placement='p1', until_ms=at)
            yield 'session', dict(id=i, person=i, token_sha=sha, made_ms=at, seen_ms=at, confirmed_ms=at)
            yield 'bundle', dict(id=i, person=i, made_ms=at)
            yield 'bundle_entry', dict(bundle=i, n=1, submission=i, rendition=2 * i + 1, sha256=sha)
            yield 'person', dict(id=i, name=f'n{i}', deputy=i)
            yield 'person_role', dict(person=i, role='officer')
            yield 'person_department', dict(person=i, department='roads')
        for n in range(4):
            yield 'audit', dict(seq=4 * i + n, time_ms=at, submission=i, subject=f'submission:{i}')
        yield 'question', dict(
            id=i, department='roads', submission=i, event=i, asked_ms=at, state=turn(i, 'open', 'answered') if live else turn(i, 'closed', 'withdrawn'), round=1,
            answered_ms=ended(i, at), closed_ms=ended(i, at))
        yield 'question_round', dict(question=i, round=1, began_ms=at, remind_ms=at, due_ms=at, ended_ms=ended(i, at), counted_ms=ended(i, at))
        yield 'message', dict(id=i, question=i, round=1, at_ms=at, submission=i)
        yield 'alarm', dict(question=i, round=1, kind='due', at_ms=at, fired_ms=ended(i, at))
        yield 'notice', dict(id=i, kind='staged', subject=f'submission:{i}', recipient='user:a', made_ms=at, not_before_ms=at,
                             state='new' if live else turn(i, 'spread', 'dropped'))
        yield 'letter', dict(id=i, channel='mail', address='a', state=turn(i, 'waiting', 'sending') if live else turn(i, 'sent', 'failed', 'dropped'), made_ms=at,
                             not_before_ms=at, ended_ms=ended(i, at))
        yield 'letter_line', dict(letter=i, notice=i)
        yield 'plea', dict(id=i, submission=i, asked_ms=at, answered_ms=ended(i, at))
        yield 'event', dict(id=i, department='roads', uid=f'u{i}', starts_ms=at, ends_ms=at + STEP, expect_ms=at + STEP, miss_ms=at + DAY,
                            state=turn(i, 'announced', 'changed') if live else turn(i, 'covered', 'missed', 'cancelled'), folder=f'f{i}')
        yield 'event_folder', dict(department='roads', name=f'f{i}', event=i, gone=0 if live else 1)
        yield 'event_read', dict(submission=i, line=1, event=i)
        yield 'crc', dict(sha256=sha)

def ledger(over):
    d = sqlite3.connect(':memory:', isolation_level=None, cached_statements=0)
    d.executescript('PRAGMA foreign_keys=OFF;' + schema[0])
    d.execute("INSERT INTO department VALUES('roads', 1)")
    least = {'INTEGER': 0, 'TEXT': '', 'BLOB': b''}
    columns = {t: d.execute(f'PRAGMA table_info({t})').fetchall() for t, in d.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table, row in rows(over):
        full = {name: least[kind] for _, name, kind, needed, default, _ in columns[table] if needed and default is None} | row
        d.execute(f"INSERT INTO {table}({','.join(full)}) VALUES({','.join('?' * len(full))})", list(full.values()))
    if left := d.execute('PRAGMA foreign_key_check').fetchone():
        sys.exit(f'a row that refers to nothing: {left}')
    d.execute('PRAGMA foreign_keys=ON')
    return d, columns

# -------------------------------------------------------------------------------------------------------------- values for it

def value_of(sql, before, after, d, columns, over):
    """The value at one place, by what stands before and behind it: of what is equal one that is there, of a range the last day."""
    if re.search(r'LIMIT $', before):
        return 50
    if re.search(r'OFFSET $', before):
        return 0
    m = re.search(r'(\w+)\s*(=|<>|<=|>=|<|>|LIKE|IN \((?:\?\d*,\s*)*|BETWEEN|BETWEEN \?\d* AND)\s*$', before)
    name, how = (m[1], m[2]) if m else (None, '')
    if not m and (m := re.match(r'\s*(=|<=|>=|<|>)\s*(?:\w+\.)?(\w+)', after)):
        name, how = m[2], m[1].translate(str.maketrans('<>', '><'))
    of = [t for t in columns if re.search(rf'\b{t}\b', sql) and any(c[1] == name for c in columns[t])]
    if not of:
        return None
    end = BEGIN + (over + LIVE) * STEP
    number = next(c[2] for c in columns[of[0]] if c[1] == name) == 'INTEGER'
    if number and (how.startswith('<') and how != '<>' or how.endswith('AND')):
        return end if name.endswith('_ms') else 1 << 62
    there = d.execute(f'SELECT {name} FROM {of[0]} WHERE {name} IS NOT NULL ORDER BY {name} DESC LIMIT 1 OFFSET {LIVE}').fetchone()
    if number and (how.startswith('>') or how == 'BETWEEN'):
        return end - DAY if name.endswith('_ms') else there[0] if there else 1
    return there[0] if there else None

def values(sql, d, columns, over):
    got, at = {}, 0
    for m in re.finditer(r'\?(\d*)', sql):
        at = int(m[1] or at + 1)
        value = value_of(sql, sql[:m.start()], sql[m.end():], d, columns, over)
        if got.get(at) is None:
            got[at] = value
    return [1 if got.get(i) is None else got[i] for i in range(1, max(got, default=0) + 1)]

# ------------------------------------------------------------------------------------------------------------------- the steps

def steps(d, sql, given):
    """How many instructions of SQLite's machine it takes, in fives. What breaks a rule of the schema ends early."""
    n = 0
    def more():
        nonlocal n
        n += 1
    d.execute('SAVEPOINT before')
    d.set_progress_handler(more, 5)
    try:
        d.execute(sql, given).fetchall()
    except sqlite3.IntegrityError:
        pass
    d.set_progress_handler(None, 0)
    d.execute('ROLLBACK TO before')
    d.execute('RELEASE before')
    if any(op[1] == 'Count' for op in d.execute('EXPLAIN ' + sql, given)):
        n += over_of[d]  # all rows of a table, counted in one instruction
    return 5 * n

sides = [(*ledger(over), over) for over in (OVER, 2 * OVER)]
over_of = {d: over for d, _, over in sides}

def grown(sql):
    """The steps on both, when it is more by at least a sixth of a step for each submission that is over."""
    took = [steps(d, sql, values(sql, d, columns, over)) for d, columns, over in sides]
    return took if took[1] - took[0] > OVER / 6 else None

# What it must find: an index by state instead of one by time; of two lower bounds the first.
for known in ("SELECT id FROM rendition WHERE collected_ms >= ?1 AND collected_ms > 0 AND state = 'collected'",
              'SELECT id FROM rendition INDEXED BY rendition_collected WHERE collected_ms > 0 AND collected_ms >= ?1'):
    if not grown(known):
        sys.exit(f'this test does not find {known}')

bad, used = 0, set()
for sql in statements:
    took = grown(sql)
    if not took:
        continue
    may = [part for part, _ in MAY if part in sql]
    used.update(may)
    if may:
        continue
    bad += 1
    d, columns, over = sides[1]
    given = values(sql, d, columns, over)
    print(f'{took[0]} steps, {took[1]} with twice as much that is over: {sql}\n    with {given}')
    for row in d.execute('EXPLAIN QUERY PLAN ' + sql, given):
        print('    ' + row[3])
for part, _ in MAY:
    if part not in used:
        print(f'no statement with "{part}" reads what was: take it out of the list')
        bad += 1
sys.exit(bad > 0)
PY
