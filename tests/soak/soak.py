#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""soak.py [-s SECONDS] [-r SEED] [-p lost|leak] BUILD FOLDER: two hours (7300 s, SOAK_S) of what people do, against copies of the programs of BUILD, on a
tree in FOLDER, which is new; make soak. Ends with a line for each property; exit 1 when one does not hold.

traffic.py is the people: photos and videos by rename, by copy, slowly, in folders that grow, again, broken; captions, events, questions;
approvals, rejections, holds, withdrawals; collected by command, at the desk, by receipt. letters.py is a mail server and a webhook that misbehave.
house.py keeps the programs running as systemd would; about each minute one of them dies by SIGKILL, in two parts of the time workers only.
watch.py looks on and writes FOLDER/log/minutes.jsonl; judge.py says at the end whether nothing was lost or twice and all was flat, from files, the
ledger and dialogues. ghatd's wall clock goes ahead by a day each 10 minutes, in jumps, so that retention, which counts in days, keeps the disk flat.
-r (SOAK_SEED) repeats what officers do and what is killed, and when; who decides goes by what is there, so it is no other run's twin.
-p plants a fault of which it must say so: an original that is lost, a descriptor that leaks."""
import argparse, os, random, shutil, signal, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import house, judge, letters, traffic, watch

KILLS = int(os.environ.get("SOAK_KILLS", "60"))  # s between two, about
DAY = int(os.environ.get("SOAK_DAY", "600"))  # s in which a day passes for ghatd's wall clock, by jumps of a quarter of one
# In these parts of the time only workers are killed, so that something can be said of programs that live long.
CALM = ((0.36, 0.5), (0.86, 1.0))


def workers_of(h, calm):
    """What may be killed below ghatd; nothing where it is dead, as its number may be somebody else's."""
    ghatd = h.programs["ghatd"]
    proc = ghatd.proc
    if not ghatd.alive():
        return []
    nurseries = watch.children_of(proc.pid)
    pids = [w for n in nurseries for w in watch.children_of(n)] + ([] if calm else nurseries[:1])
    return pids if ghatd.alive() and ghatd.proc is proc else []


def kill_some(h, began, seconds, seed):
    plan = random.Random(seed)
    while True:
        time.sleep(plan.uniform(0.5, 1.5) * KILLS)
        if h.mercy:
            return
        calm = any(a <= (time.monotonic() - began) / seconds < b for a, b in CALM)
        name = plan.choice(["worker"] * (6 if calm else 2) + ([] if calm else ["ghatd", "ghat-desk", "ghat-post"]))
        if name == "worker":
            try:
                os.kill(random.choice(workers_of(h, calm)), signal.SIGKILL)
                h.murders.append((time.monotonic(), name))
            except (IndexError, OSError):
                pass
        elif h.programs[name].murder():
            h.murders.append((time.monotonic(), name))


def pass_time(h):
    while not h.closing:
        time.sleep(DAY / 4)
        h.clock(h.ahead + 6 * 3600)
        h.ghat("sweep")


def lose_one(h):
    """An archived original is gone."""
    time.sleep(45)
    for at, _, names in os.walk(f"{h.top}/srv/archive"):
        for name in names:
            digest = traffic.sha_of(f"{at}/{name}")
            h.say(f"planted: {at}/{name} is gone")
            os.unlink(f"{at}/{name}")
            return


def main():
    a = argparse.ArgumentParser()
    a.add_argument("-s", type=int, default=int(os.environ.get("SOAK_S", "7300")))
    a.add_argument("-r", type=int, default=int(os.environ.get("SOAK_SEED") or random.randrange(1 << 32)))
    a.add_argument("-p", choices=["lost", "leak"])
    a.add_argument("build")
    a.add_argument("folder")
    o = a.parse_args()
    build, top = os.path.abspath(o.build), os.path.abspath(o.folder)
    root = os.path.dirname(os.path.dirname(HERE))
    os.makedirs(top, exist_ok=True)
    plant = ""
    if o.p == "leak":
        plant = f"{top}/leak.so"
        subprocess.run(["cc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", plant, f"{HERE}/leak.c"], check=True)
    box = letters.Box()
    h = house.House(build, root, top, box.mail.server_address[1], box.hook.server_address[1], plant)
    t = traffic.Traffic(h, o.r)
    random.seed(o.r + 2)
    w = watch.Watch(h, t, 60 if o.s >= 1200 else 10)
    j = judge.Judge(h, t, w, box)
    t.prepare()
    h.begin()
    h.say(f"begun, for {o.s} s, with the seed {o.r}")
    print(f"soak: seed {o.r}", flush=True)
    began = time.monotonic()
    jobs = [(t.officers,), (t.people,), (t.times,), (w.run,), (kill_some, h, began, o.s, o.r + 1), (pass_time, h)] + ([(lose_one, h)] if o.p == "lost" else [])
    for what, *args in jobs:
        threading.Thread(target=what, args=args, daemon=True).start()
    lost, rounds = [], 0
    while time.monotonic() - began < o.s:
        time.sleep(min(120, max(1, o.s / 6)))
        lost += j.originals()[0]
        rounds += 1
        if rounds % 5 == 0:  # for who looks at the log meanwhile; the end alone counts
            j.interim(j.letters)
    h.say("no more drops")
    t.stopped = box.calm = h.mercy = True
    end = time.monotonic() + 420
    quiet = 0
    while time.monotonic() < end and quiet < 5:  # what is under way comes to its end, and is seen to have done so for a while
        time.sleep(4)
        busy = h.sql("SELECT 1 FROM submission WHERE state IN ('arriving','received','rendering') LIMIT 1") or t.look_open()
        quiet = 0 if busy else quiet + 1
    print(f"soak: {o.s} s, {len(t.dropped)} files, {len(h.murders)} kills; " + ", ".join(f"{n} {what}" for what, n in sorted(t.acts.items())), flush=True)
    print(f"cores used by it and its traffic: {w.lines[-1]['cores'] if w.lines else '?'}; load at the end {os.getloadavg()[0]:.2f}", flush=True)
    j.keep()
    try:
        j.acts(o.s)
        j.drops()
        j.decisions()
        j.letters()
        j.house(lost)
        j.flat(o.s)
    finally:
        well = h.end()
    j.says("each stops when it is told to", [f"{name}: {rc}" for name, rc in well if rc != 0], "and well")
    print(f"{'FAIL' if j.failed else 'PASS'}: {j.failed} properties do not hold" if j.failed else "PASS: all properties hold", flush=True)
    return 1 if j.failed else 0


if __name__ == "__main__":
    sys.exit(main())
