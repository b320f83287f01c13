# SPDX-License-Identifier: GPL-3.0-or-later
# burst.py GHAT TREE DROPPED PID N SECONDS: follow a burst to its end (see burst). DROPPED: sha256sum's lines of what was dropped.
import os, sqlite3, subprocess, sys, time

ghat, tree, dropped, pid, n, limit = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]), float(sys.argv[6])
began = time.monotonic()
asks = {"ghat list": ["list"], "ghat list --limit 100 --json": ["list", "--limit", "100", "--json"], "ghat list --json": ["list", "--json"]}
took = {name: [] for name in asks}


def ask(name):
    at = time.monotonic()
    out = subprocess.run([ghat, *asks[name]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    took[name].append((time.monotonic() - at) * 1000)
    return out


def ledger(sql):
    db = sqlite3.connect(f"file:{tree}/state/ledger.db?mode=ro", uri=True)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def memory():
    return next(int(line.split()[1]) / 1024 for line in open(f"/proc/{pid}/status") if line.startswith("VmRSS"))


def cpu():
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(list_, share):
    return sorted(list_)[min(len(list_) - 1, int(len(list_) * share))]


received = rss = said = 0
while time.monotonic() - began < limit:
    ((there, staged),) = ledger("SELECT count(*), total(state = 'staged') FROM submission WHERE department <> 'video'")
    at, rss = time.monotonic() - began, max(rss, memory())
    received = received or (at if there >= n else 0)
    ask("ghat list")
    ask("ghat list --limit 100 --json")
    if at - said >= 10:
        said = at
        ask("ghat list --json")
        print(f"  after {at:.0f} s: {there} received, {staged:.0f} staged, RSS {memory():.1f} MB, CPU {cpu():.1f} s, "
              f"ghat list {took['ghat list'][-1]:.0f} ms, all as JSON {took['ghat list --json'][-1]:.0f} ms", flush=True)
    if staged >= n:
        break
    time.sleep(0.3)
took_all = time.monotonic() - began

names = {}
for line in open(dropped):
    digest, name = line.rstrip("\n").split("  ", 1)
    names[digest] = os.path.basename(name)
rows = {}
for digest, name, sub, state in ledger("SELECT f.sha256, CAST(f.name AS TEXT), s.id, s.state FROM file f JOIN submission s ON s.id = f.submission"
                                       " WHERE s.department <> 'video'"):
    rows.setdefault(digest, []).append((name, sub, state))
lost = [name for digest, name in names.items() if digest not in rows]
twice = [name for digest, name in names.items() if len(rows.get(digest, ())) > 1]
other = [name for digest, name in names.items() if digest in rows and rows[digest][0][0] != name]
strange = [digest for digest in rows if digest not in names]
made = {}  # what lies in staging: folders by submission, the dropped name's stem in each
for sub in os.listdir(f"{tree}/srv/staging"):
    if sub.isdigit():
        made[int(sub)] = {f.rsplit(".", 1)[0] for place in os.scandir(f"{tree}/srv/staging/{sub}") for f in os.listdir(place.path)}
stems = {}
for digest, found in rows.items():
    if found[0][2] == "staged" and made.get(found[0][1]) == {names.get(digest, "?").rsplit(".", 1)[0]}:
        stems[names[digest]] = stems.get(names[digest], 0) + 1
in_staging = sum(1 for name in names.values() if stems.get(name) == 1)
end = f"all staged after {took_all:.1f} s" if staged >= n else f"NOT all staged in {took_all:.1f} s"
print(f"{n} photos: all received after {received:.1f} s, {end} ({staged / took_all:.1f}/s); ghatd: RSS {rss:.1f} MB at most, CPU {cpu():.1f} s")
print(f"ledger: lost {len(lost)}, twice {len(twice)}, under another name {len(other)}, strange {len(strange)}; "
      f"staged folders: {in_staging} of {n} names exactly once")
print("videos:", *(state for (state,) in ledger("SELECT state FROM submission WHERE department = 'video'")))
for name, list_ in took.items():
    print(f"{name}: {len(list_)} calls, p50 {percentile(list_, .5):.0f} ms, p95 {percentile(list_, .95):.0f} ms, max {max(list_):.0f} ms")
sys.exit(bool(lost or twice or other or strange or in_staging != n))
