#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# invariants.py ROOT LEDGER [FILE…]: what must hold of a stopped ghatd's folders and ledger, judged without Ghat's code: SQLite's own
# checks, the chain of the audit, every original, staged file and outbox file by its SHA-256, nothing in the outbox without a decision,
# no temporary files. Each FILE's bytes must be kept, and belong to exactly one submission. Prints what is wrong; exit 1 then.
import contextlib, hashlib, json, os, sqlite3, sys


def sha(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else hashlib.sha256(f.read()).hexdigest()


def files(root, folder):
    for at, _, names in os.walk(os.path.join(root, folder)):
        for name in names:
            yield os.path.join(at, name)


def left_over(root):
    """What writers that were killed left under temporary names."""
    return [os.path.join(at, name) for at, _, names in os.walk(root) for name in names if name.startswith(".tmp-")]


def wrong_in(root, ledger, dropped):
    with contextlib.closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as db:
        return judge(db, root, dropped)


def judge(db, root, dropped):
    wrong = []
    db.text_factory = lambda b: b.decode("utf-8", "surrogateescape")
    for check in ("integrity_check", "foreign_key_check"):
        for row in db.execute(f"PRAGMA {check}"):
            if row != ("ok",):
                wrong.append(f"{check}: {row}")

    head, number = "", 0
    for row in db.execute("SELECT seq, time_ms, submission, actor, subject, action, detail, prev, hash FROM audit ORDER BY seq"):
        seq, time, sub, texts, hash_ = row[0], row[1], row[2], row[3:8], row[8]
        framed = f"ghat-audit-1\n{seq}\n{time}\n{sub}\n".encode()
        framed += b"".join(b"%d:%s\n" % (len(t), t) for t in (x.encode("utf-8", "surrogateescape") for x in texts))
        number += 1
        if seq != number or texts[4] != head or hashlib.sha256(framed).hexdigest() != hash_:
            wrong.append(f"audit row {seq} breaks the chain")
        head = hash_

    # originals
    kept = {}
    for path in list(files(root, "spool")) + list(files(root, "archive")):
        name = os.path.basename(path)
        kept[sha(path)] = path
        if len(name) == 64 and sha(path) != name:
            wrong.append(f"{path} is not what its name says")
    for (digest,) in db.execute("SELECT DISTINCT sha256 FROM file WHERE sha256 IS NOT NULL AND work <> 'none' AND size > 0"):
        if digest not in kept:
            wrong.append(f"original {digest} is lost")
    for path in dropped:
        digest = sha(path)
        if digest not in kept:
            wrong.append(f"{path} was dropped, its bytes are nowhere")
        n = db.execute("SELECT count(DISTINCT submission) FROM file JOIN submission s ON s.id = submission "
                       "WHERE sha256 = ? AND s.state <> 'duplicate'", (digest,)).fetchone()[0]
        if n != 1:
            wrong.append(f"{path} belongs to {n} submissions")
    for sub, state in db.execute("SELECT id, state FROM submission"):
        busy = db.execute("SELECT count(*) FROM file WHERE submission = ? AND work IN ('due','running')", (sub,)).fetchone()[0]
        if state in ("staged", "decided", "delivered", "quarantined", "duplicate") and busy:
            wrong.append(f"submission {sub} is {state} with {busy} files in work")
        if state in ("arriving", "received", "rendering") and not busy:
            wrong.append(f"submission {sub} is {state} and nothing will ever move it")
    for name, n in db.execute("SELECT name, count(*) FROM submission WHERE state <> 'duplicate' GROUP BY department, name HAVING count(*) > 1"):
        wrong.append(f"{name!r} is there {n} times")

    # staging and outbox
    for sub, place, state, digest, stage in db.execute("SELECT submission, placement, state, sha256, stage FROM rendition"):
        if state in ("staged", "held", "approved", "publishing"):
            path = os.path.join(root, "staging", stage or "?")
            if not os.path.isfile(path) or sha(path) != digest:
                wrong.append(f"submission {sub}: {place} is {state}, its staged file is not")
    decided = {}
    for sub, verdict, outputs in db.execute("SELECT submission, verdict, outputs FROM decision WHERE id NOT IN (SELECT decision FROM voided) ORDER BY id"):
        for line in outputs.split("\n"):
            if verdict == "approve":
                decided.setdefault(sub, set()).add(line.split()[-1])
    published = {}
    for path in files(root, "outbox"):
        where = os.path.relpath(path, os.path.join(root, "outbox")).split(os.sep)
        sub = int(where[1].rsplit("-", 1)[1])
        if len(where) == 4:
            digest = sha(path)
            published.setdefault(sub, set()).add(digest)
            if digest not in decided.get(sub, ()):
                wrong.append(f"{path} was never approved")
        elif where[2] not in ("caption.txt", "SHA256SUMS", "manifest.json") or len(where) != 3:
            wrong.append(f"{path} does not belong there")
        elif where[2] == "manifest.json":
            json.load(open(path))
        elif where[2] == "SHA256SUMS":
            for line in open(path):
                digest, name = line.rstrip("\n").split("  ", 1)
                listed = os.path.join(os.path.dirname(path), name)
                if not os.path.isfile(listed) or sha(listed) != digest:
                    wrong.append(f"{path} lists {name}, which is not so")
    for sub, in db.execute("SELECT DISTINCT submission FROM rendition"):
        want = {d for (d,) in db.execute("SELECT sha256 FROM rendition WHERE submission = ? AND state IN ('published','collected')", (sub,))}
        if want != published.get(sub, set()):
            wrong.append(f"submission {sub}: the outbox has {len(published.get(sub, ()))} files, {len(want)} are published")

    return wrong + [f"{path} is left over" for path in left_over(root)]


if __name__ == "__main__":
    wrong = wrong_in(sys.argv[1], sys.argv[2], sys.argv[3:])
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)
