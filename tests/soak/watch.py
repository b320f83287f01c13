# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the house from outside, all the time, and writes a line of JSON each minute."""
import json, os, statistics, time


def status_of(pid):
    """(MB resident, descriptors) of a process; None: it is gone."""
    try:
        with open(f"/proc/{pid}/status") as f:
            rss = next((int(line.split()[1]) / 1024 for line in f if line.startswith("VmRSS")), 0)
        return rss, len(os.listdir(f"/proc/{pid}/fd"))
    except (OSError, ValueError):
        return None


def cpu_of(pid):
    """Seconds of a process and of its children that have ended."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError):
        return 0


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return [int(p) for p in f.read().split()]
    except OSError:
        return []


def size_of(folder):
    """MB on the disk, each content once."""
    total, seen = 0, set()
    for at, _, names in os.walk(folder):
        for name in names:
            try:
                st = os.lstat(os.path.join(at, name))
            except OSError:
                continue
            if (st.st_dev, st.st_ino) not in seen:
                seen.add((st.st_dev, st.st_ino))
                total += st.st_blocks * 512
    return total / 1e6


def part(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else None


class Watch:
    def __init__(self, house, traffic, every):
        self.h, self.t, self.every = house, traffic, every
        self.samples = []  # (monotonic, program, age of the process, its life, RSS, descriptors)
        self.asked, self.away = [], 0  # (monotonic, ms) of ghat status
        self.nurseries = {}  # when each was first seen
        self.cpu = {}  # s of each life
        self.lines = []
        self.strange = []  # what was in the outbox and should not have been

    def sample(self):
        now = time.monotonic()
        for name, p in self.h.programs.items():
            pid = p.proc.pid if p.alive() else 0
            found = pid and status_of(pid)
            if found:
                self.samples.append((now, name, now - p.began, p.lives, *found))
                self.cpu[name, p.lives] = cpu_of(pid)
        ghatd = self.h.programs["ghatd"]
        for pid in children_of(ghatd.proc.pid) if ghatd.alive() else ():
            found = status_of(pid)
            if found:
                self.samples.append((now, "nursery", now - self.nurseries.setdefault(pid, now), pid, *found))
                self.cpu["nursery", pid] = cpu_of(pid)

    def ask(self):
        began = time.monotonic()
        ok, said = self.h.ghat("status", "--json")
        if ok:
            self.asked.append((time.monotonic(), (time.monotonic() - began) * 1000))
        else:
            self.away += 1

    def look_into_outbox(self):
        top = f"{self.h.top}/srv/outbox"
        import traffic
        for at, _, names in os.walk(top):
            where = os.path.relpath(at, top).split(os.sep)
            if len(where) != 3:
                continue
            sub = int(where[1].rsplit("-", 1)[1])
            for name in names:
                try:
                    digest = traffic.sha_of(os.path.join(at, name))
                except OSError:
                    continue
                if digest not in self.t.approved.get((sub, where[2]), ()):
                    self.strange.append(f"{at}/{name}")

    def line(self, since):
        now = time.monotonic()
        new = [s for s in self.samples if s[0] >= since]
        one = {"t": round(now - self.zero)}
        for name in (*self.h.programs, "nursery"):
            mine = [s for s in new if s[1] == name]
            if mine:
                one[name] = {"rss_mb": round(statistics.median(s[4] for s in mine), 2), "fds": min(s[5] for s in mine), "age_s": round(mine[-1][2])}
        one["disk_mb"] = {"ledger": round(sum(os.path.getsize(f"{self.h.top}/state/{f}") for f in os.listdir(f"{self.h.top}/state") if f.startswith("ledger.db")) / 1e6, 2)}
        for folder in ("spool", "staging", "outbox", "archive", "quarantine", "drop/.taken"):
            one["disk_mb"][folder] = round(size_of(f"{self.h.top}/srv/{folder}"), 2)
        (one["submissions"],), = self.h.sql("SELECT count(*) FROM submission")
        (one["waiting"],), = self.h.sql("SELECT count(*) FROM file WHERE work IN ('due','running')")
        (one["undecided"],), = self.h.sql("SELECT count(*) FROM submission WHERE state = 'staged'")
        asked = [ms for at, ms in self.asked if at >= since]
        one["status_ms"] = {"p50": asked and round(part(asked, 0.5), 1), "p99": asked and round(part(asked, 0.99), 1), "away": self.away}
        for kind in ("photo", "video"):
            took = [s for k, s, at in self.t.took if at >= since and k == kind]
            one[f"{kind}_staged_s"] = {"n": len(took), "p50": took and round(part(took, 0.5), 2), "max": took and round(max(took), 2)}
        one["cores"] = round((sum(self.cpu.values()) + sum(os.times()[:4])) / (now - self.zero), 2)
        one["load"] = os.getloadavg()[0]
        one["murders"] = len(self.h.murders)
        self.lines.append(one)
        with open(f"{self.h.top}/log/minutes.jsonl", "a") as f:
            f.write(json.dumps(one) + "\n")

    def run(self):
        self.zero = since = time.monotonic()
        n = 0
        while not self.h.closing:
            time.sleep(2.5)
            n += 1
            try:
                self.sample()
                if n % 2 == 0:
                    self.ask()
                if n % 8 == 0:
                    self.look_into_outbox()
                if time.monotonic() - since >= self.every:
                    self.line(since)
                    since = time.monotonic()
            except Exception as e:
                self.h.say(f"driver: watch: {e!r}")
