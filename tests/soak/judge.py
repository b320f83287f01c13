# SPDX-License-Identifier: GPL-3.0-or-later
"""What must have held, judged from outside: the files on the disk by their SHA-256, the ledger by SQLite alone, the mail server's dialogues."""
import json, os, re, statistics, time

from traffic import MISTAKE, SUCCESSES, sha_of
from watch import part

ORIGINALS = 1  # bits of submission.retired
QUARTERS_FROM = 2400  # s: shorter, and retention has not come round twice, so that nothing can be said of disk and quarters
OVERDUE = 4  # times that a question is said to be overdue: when it is, and thrice after
EXCUSED = 6  # s after a message arrived, within which the death of who sent or recorded it may make it come again


LETTERS = 1  # a minute, that arrive by mail and by webhook
JUDGED_FROM = 300  # s: from then on each thing that comes five times in them must have come at all
MISTAKES = 0.01  # of all that was done, and a few more


class Judge:
    def __init__(self, house, traffic, watch, box):
        self.h, self.t, self.w, self.box = house, traffic, watch, box
        self.failed, self.between = 0, False

    def interim(self, *parts):
        """What these would say now, in the log alone."""
        self.between = True
        try:
            for each in parts:
                each()
        except Exception as e:
            self.h.say(f"interim: {e!r}")
        self.between = False

    def keep(self):
        """What people and servers know, for whoever wants to judge once more."""
        with open(f"{self.h.top}/log/known.json", "w") as f:
            json.dump({"zero": self.w.zero, "dropped": self.t.dropped, "mails": self.box.mails, "calls": self.box.calls, "murders": self.h.murders, "answers": self.t.answers,
                       "events": self.t.events, "withdrawn": sorted(self.t.withdrawn), "approved": [[*k, sorted(v)] for k, v in self.t.approved.items()],
                       "took": self.t.took, "asked": self.w.asked, "samples": self.w.samples}, f)

    def says(self, name, wrong, fine=""):
        wrong = list(wrong)
        text = f"{'FAIL' if wrong else 'PASS'} {name}: " + (f"{len(wrong)} wrong: " + "; ".join(map(str, wrong[:4])) if wrong else fine)
        if self.between:
            self.h.say("interim: " + text)
            return
        self.failed += bool(wrong)
        print(text, flush=True)
        self.h.say(text)
        for line in wrong[4:]:
            self.h.say(f"     also: {line}")

    def originals(self):
        """Hashes that should be kept and are not: looked at while the house lives, so what is not there is looked for again in the ledger."""
        kept = {}
        for top in ("spool", "archive"):
            for at, _, names in os.walk(f"{self.h.top}/srv/{top}"):
                for name in names:
                    try:
                        kept.setdefault(sha_of(os.path.join(at, name)), set()).add(top)
                    except OSError:
                        pass
        def rows():
            return {(digest, sub, state) for digest, sub, state in self.h.sql(
                f"SELECT f.sha256, s.id, s.state FROM file f JOIN submission s ON s.id = f.submission WHERE f.role = 'media' AND f.size > 0 AND f.sha256 IS NOT NULL"
                f" AND (s.retired & {ORIGINALS}) = 0 AND s.state IN ('staged','decided','delivered','quarantined')")}
        first = rows()
        lost = set()
        for digest, sub, state in first:
            if digest not in kept or (state != "quarantined" and "archive" not in kept[digest]):
                lost.add((digest, sub, state))
        if lost:
            time.sleep(5)
            lost = {row for row in lost & rows() if not self.found_again(*row)}
        return [f"original {digest[:16]} of item {sub} ({state}) is not in {'the archive' if digest in kept else 'any place'}" for digest, sub, state in sorted(lost)], len(first)

    def found_again(self, digest, sub, state):
        for at, _, names in os.walk(f"{self.h.top}/srv/archive"):
            if f"/{sub}" in at:
                for name in names:
                    try:
                        if sha_of(os.path.join(at, name)) == digest:
                            return True
                    except OSError:
                        pass
        return False

    def acts(self, seconds):
        """Whether people did what the rest is judged by: a house in which nothing happens loses nothing."""
        done = dict(self.t.acts)
        mistakes = done.pop(MISTAKE, 0)
        for what, list_ in (("mails", self.box.mails), ("calls of the webhook", self.box.calls)):
            done[what] = sum(bool(one["accepted"]) for one in list_)
        wrong = []
        for what, rate in {**SUCCESSES, "mails": LETTERS, "calls of the webhook": LETTERS}.items():
            mean = rate * seconds / 60
            least = max(int(mean / 5), seconds >= JUDGED_FROM and mean >= 5)
            if done.get(what, 0) < least:
                wrong.append(f"{done.get(what, 0)} {what}, {self.t.vain.get(what, 0)} in vain, at least {least}")
        self.says("people did enough for the rest to mean something", wrong,
                  f"{sum(done.values())} things done, {sum(self.t.vain.values())} in vain: " + ", ".join(f"{n} {what}" for what, n in sorted(self.t.vain.items())))
        most = 5 + int(MISTAKES * sum(done.values()))
        self.says("the driver does what it means to", [f"{mistakes} mistakes, see soak.log"] if mistakes > most else [], f"{mistakes} mistakes, allowed {most}")

    def drops(self):
        wrong = []
        rows, by_name = {}, {}
        for digest, name, sub, state, reason in self.h.sql("SELECT f.sha256, CAST(f.name AS TEXT), s.id, s.state, coalesce(f.reason, s.reason) FROM file f JOIN submission s ON s.id = f.submission"):
            rows.setdefault(digest, []).append((sub, state, reason))
        for name, state, reason in self.h.sql("SELECT CAST(name AS TEXT), state, reason FROM submission"):
            by_name.setdefault(name, []).append((state, reason))
        # What was rejected or withdrawn may be brought again: then it is no duplicate.
        gone = {sub for (sub,) in self.h.sql("SELECT DISTINCT submission FROM decision WHERE verdict IN ('reject', 'withdraw')")}
        for d in self.t.dropped:
            empty = d["name"].startswith("empty ")
            found = by_name.get(d["name"], []) if empty else [(state, reason) for _, state, reason in rows.get(d["sha"], ()) if state != "duplicate"]
            subs = {1} if empty else {sub for sub, state, _ in rows.get(d["sha"], ()) if state != "duplicate"}
            if not found:
                wrong.append(f"{d['name']} ({d['kind']}) is not in the ledger")
            elif len(subs) > 1 + bool(d.get("again") and min(subs) in gone) or (empty and len(found) != 1):
                wrong.append(f"{d['name']} is in {len(found)} submissions")
            elif d["kind"] == "broken" and (found[0][0] != "quarantined" or not found[0][1]):
                wrong.append(f"{d['name']} is {found[0][0]} for the reason {found[0][1]!r}")
            elif d["kind"] != "broken" and found[0][0] not in ("staged", "decided", "delivered"):
                wrong.append(f"{d['name']} ({d['kind']}) is {found[0][0]}: {found[0][1]}")
        self.says("every file dropped is in the ledger once, or set aside with a reason", wrong,
                  f"{len(self.t.dropped)} files, {sum(d['kind'] == 'broken' for d in self.t.dropped)} of them broken")
        left = [os.path.join(at, n) for slug, folder in self.h.departments.items() for at, _, names in os.walk(f"{self.t.drop}/{folder}") for n in names
                if "Status" not in at.split(os.sep) and not re.match(r"(answer|more time|event) ", n)]
        self.says("nothing is left in the drop folders", left, "empty but for Status/")

    def letters(self):
        deaths = [at for at, name in self.h.murders if name in ("ghat-post", "ghatd")]
        def excused(one):
            return not one["read"] or any(one["at"] - 1 <= at <= one["at"] + EXCUSED for at in deaths)
        for what, list_ in (("mail", self.box.mails), ("call of the webhook", self.box.calls)):
            by_id, wrong, again = {}, [], 0
            for one in list_:
                if one["accepted"]:
                    by_id.setdefault((one["id"], *one.get("to", ())), []).append(one)
            for key, ones in by_id.items():
                again += len(ones) > 1
                if sum(not excused(o) for o in sorted(ones, key=lambda o: o["at"])[:-1]):
                    wrong.append(f"{key} came {len(ones)} times, at {[round(o['at'] - self.w.zero) for o in ones]}")
            self.says(f"no {what} comes twice where the dialogue could know", wrong,
                      f"{len(by_id)} arrived, {again} of them again after an answer that was not heard or a death within {EXCUSED} s")
        seen, wrong = {}, []
        for one in self.box.mails:
            if one["accepted"]:
                for line in set(one["lines"]):
                    if re.search(r"\b(Question|Event|Number|Item) \d+", line):
                        for to in one["to"]:
                            seen.setdefault((to, line), set()).add(one["id"])
        for (to, line), ids in seen.items():
            held = re.match(r"Item (\d+) .* is held", line)  # as often as somebody held it
            most = self.t.holds.get(int(held[1]), 1) if held else OVERDUE if " is overdue since " in line else 1
            if len(ids) > most:
                wrong.append(f"{to} read in {len(ids)} letters: {line}")
        self.says("no sentence about one thing is in two letters to one address", wrong, f"{len(seen)} sentences")
        twice = self.h.sql("SELECT x.notice, l.address, l.channel, count(*) FROM letter_line x JOIN letter l ON l.id = x.letter WHERE l.state = 'sent' GROUP BY 1, 2, 3 HAVING count(*) > 1")
        ((sent,),) = self.h.sql("SELECT count(*) FROM letter WHERE state = 'sent'")
        ids = {o["id"].strip("<>").split("@")[0] if "@" in o["id"] else o["id"] for o in self.box.mails + self.box.calls if o["accepted"]}
        self.says("no notice is in two letters of one way to one address", twice, f"{sent} letters are recorded as sent, {len(ids)} arrived")

    def decisions(self):
        self.w.look_into_outbox()
        self.says("nothing was in the outbox that was not approved", sorted(set(self.w.strange)), f"looked at three times a minute; {len(self.t.approved)} outputs were approved")
        wrong, top = [], f"{self.h.top}/srv/outbox"
        for at, _, names in os.walk(top):
            where = os.path.relpath(at, top).split(os.sep)
            if len(where) == 3 and names and int(where[1].rsplit("-", 1)[1]) in self.t.withdrawn:
                wrong.append(at)
        self.says("what was withdrawn is not in the outbox", wrong, f"{len(self.t.withdrawn)} items")
        sums = [at for at, _, names in os.walk(top) if "SHA256SUMS" in names for line in open(f"{at}/SHA256SUMS")
                if not os.path.isfile(f"{at}/{line.rstrip().split('  ', 1)[1]}") or sha_of(f"{at}/{line.rstrip().split('  ', 1)[1]}") != line[:64]]
        self.says("the sums in the outbox hold", sums, "all of them")
        stuck = self.h.sql("SELECT id, state FROM submission WHERE state IN ('arriving','received','rendering','staged')") + self.t.look_open()
        self.says("everything came to its end", stuck, "nothing waits for work, a decision, or the agency")
        wrong = []
        texts = {}
        for q, text in self.h.sql("SELECT question, text FROM message"):
            texts.setdefault((q, text.strip()), []).append(1)
        for q, text in self.t.answers:
            if len(texts.get((q, text), ())) != 1:
                wrong.append(f"{text!r} is {len(texts.get((q, text), ()))} times in its thread")
        self.says("every answer is in its thread once", wrong, f"{len(self.t.answers)} answers")
        titles = {}
        for (title,) in self.h.sql("SELECT title FROM event"):
            titles[title] = titles.get(title, 0) + 1
        self.says("every event is announced once", [f"{e}: {titles.get(e, 0)}" for e in self.t.events if titles.get(e) != 1], f"{len(self.t.events)} events")

    def house(self, lost_before):
        lost, n = self.originals()
        self.says("every original is in the archive, or in the spool where nothing was made of it", sorted(set(lost_before + lost)), f"{n} at the end, and looked at all the time")
        ok, said = self.h.ghat("verify", timeout=600)
        self.says("ghat verify", [] if ok else [said[-600:]], said.strip().split("\n")[-1])
        self.says("no program ended by itself", [f"{p.name}: {p.alone}" for p in self.h.programs.values() if p.alone],
                  ", ".join(f"{p.name} was killed {p.murdered} times" for p in self.h.programs.values()) + f", workers {sum(n == 'worker' for _, n in self.h.murders)} times")
        unexpected = []
        for name in self.h.programs:
            with open(f"{self.h.top}/log/{name}.log", errors="replace") as f:
                unexpected += [f"{name}: {line.strip()[:160]}" for line in f if re.search(r" (error|crit|alert|emerg) event=|Sanitizer|clock-not-trusted", line)]
        self.says("no errors in the logs", unexpected, "none")

    # ---- flat

    def within_lives(self, name, column, settle, longest):
        """How much a program's figure grows an hour while it lives: one slope for all lives that lasted so long, each from settle seconds on, of the
        smallest of each half minute."""
        lives = {}
        for at, program, age, life, *figures in self.w.samples:
            if program == name and age > settle:
                key = (life, int(age / 30))
                lives.setdefault(life, {})
                lives[life][key] = min(lives[life].get(key, (age, 1e9)), (age, figures[column]), key=lambda v: v[1])
        sx = sy = 0.0
        for points in (list(v.values()) for v in lives.values() if len(v) >= 3 and max(p[0] for p in v.values()) >= longest):
            ma, mv = statistics.mean(p[0] for p in points), statistics.mean(p[1] for p in points)
            sx += sum((a - ma) ** 2 for a, _ in points)
            sy += sum((a - ma) * (v - mv) for a, v in points)
        return sy / sx * 3600 if sx else None

    def flat(self, seconds):
        short = seconds < QUARTERS_FROM
        for name in ("ghatd", "ghat-desk", "ghat-post", "nursery"):
            # descriptors from the third minute of a life on; memory of long lives only, when what is made once is made
            for column, what, settle, longest, most in ((1, "descriptors", 20, 60, 240) if short else (1, "descriptors", 120, 240, 20), (0, "MB of memory", 300, 600, 12)):
                grows = self.within_lives(name, column, settle, longest)
                if grows is None:
                    if not short:
                        self.says(f"{what} of {name} do not grow while it lives", ["no life was long enough to tell"])
                    continue
                self.says(f"{what} of {name} do not grow while it lives", [f"{grows:+.1f} an hour, allowed {most}"] if grows > most else [], f"{grows:+.1f} an hour, allowed {most}")
        if short:
            print(f"SKIP the quarters: with less than {QUARTERS_FROM} s nothing can be said of them", flush=True)
            return
        zero, half = self.w.zero, seconds / 4
        def quarter(list_, n, at=lambda x: x[0]):
            return [x for x in list_ if n * half <= at(x) - zero < (n + 1) * half]
        def judge(what, before, after, most):
            bad = before is None or after is None or after > most
            figures = [f"{v:.1f}" if v is not None else "nothing" for v in (before, after)]
            text = f"{figures[0]} in the second quarter, {figures[1]} in the last, allowed {most:.1f}"
            self.says(what, [text] if bad else [], text)
        for name in ("ghatd", "ghat-desk", "ghat-post", "nursery"):
            for column, what, factor, more in ((4, "memory of", 1.2, 2), (5, "descriptors of", 1.0, 3)):
                two, last = ([s[column] for s in quarter(self.w.samples, n) if s[1] == name] for n in (1, 3))
                two, last = (statistics.median(v) if v else None for v in (two, last))
                judge(f"{what} {name} is flat", two, last, (two or 0) * factor + more)
        lines = lambda n: quarter(self.w.lines, n, lambda line: line["t"] + zero)
        for name, folders in (("what is kept of media", ("spool", "staging", "outbox", "archive", "quarantine", "drop/.taken")),):
            two, last = (statistics.median(sum(line["disk_mb"][f] for f in folders) for line in lines(n)) for n in (1, 3))
            judge(f"MB of {name} are flat", two, last, two * 1.3 + 10)
        two, last = (statistics.median(line["disk_mb"]["ledger"] * 1000 / line["submissions"] for line in lines(n)) for n in (1, 3))
        judge("KB of the ledger for each submission are flat", two, last, two * 1.15 + 1)
        for share, most in ((0.5, lambda v: 2 * v + 10), (0.99, lambda v: 2 * v + 150)):
            two, last = (part([ms for _, ms in quarter(self.w.asked, n)], share) for n in (1, 3))
            judge(f"ms of ghat status, p{share * 100:.0f}, are flat", two, last, most(two or 0))
        for kind, more in (("photo", 1), ("video", 5)):
            two, last = (part([s for k, s, at in quarter(self.t.took, n, lambda x: x[2]) if k == kind], 0.5) for n in (1, 3))
            judge(f"s from the drop of a {kind} to staged, p50, are flat", two, last, 1.5 * (two or 0) + more)
