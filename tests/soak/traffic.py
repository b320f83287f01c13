# SPDX-License-Identifier: GPL-3.0-or-later
"""What people do all day: officers drop, answer and announce; approvers, and the agency, by command and at the desk. All of it is written down
here, apart from Ghat, for the judge. Who decides looks at what lies in the ledger and in staging/, so a request that died with ghatd is made again."""
import hashlib, os, random, re, subprocess, threading, time, zlib

# How many a minute.
RATES = {"renamed": 5, "copied": 4, "slow": 2, "captioned": 2, "folder": 1, "video": 0.6, "broken": 1.5, "again": 0.6, "grows": 0.3, "event": 0.3,
         "event_said": 0.2, "ask": 1}


def sha(data):
    return hashlib.sha256(data).hexdigest()


def sha_of(path):
    with open(path, "rb") as f:
        return sha(f.read())


# What comes of that, a minute, where each item is decided and each question answered: judged by the fifth part of it.
SUCCESSES = {"photo": 13, "video": RATES["video"], "in folder": 3, "broken": RATES["broken"], "again": 0.5, "event by file": RATES["event"],
             "event by command": RATES["event_said"], "asked by command": 0.5, "asked at the desk": 0.5, "answered by file": 0.25, "answered by command": 0.25,
             "answered by desk": 0.25, "more time by file": 0.25, "approved by command": 8, "approved at the desk": 3, "rejected": 1.5, "held": 0.7, "undone": 0.9,
             "collected by command": 5, "collected at the desk": 3, "collected by receipt": 2.5, "withdrawn": 1.2, "acknowledged by command": 0.5,
             "acknowledged at the desk": 0.5}
MISTAKE = "driver's own mistakes"


class Traffic:
    def __init__(self, house, seed):
        self.plan = random.Random(seed)  # what officers do, and when
        self.h, self.drop = house, f"{house.top}/srv/drop"
        self.lock = threading.RLock()
        self.n = 0
        self.dropped = []  # {sha, name, slug, kind, done: monotonic}
        self.approved = {}  # (id, placement): hashes, as staging/ had them when it was approved
        self.withdrawn, self.holds = set(), {}
        self.pending, self.took = {}, []  # sha: drop; (kind, seconds, monotonic)
        self.answers, self.events, self.unsure = [], [], set()
        self.decide_at, self.answer_at, self.release_at = {}, {}, {}
        self.acts, self.vain = {}, {}
        self.stopped = False
        self.base = {}

    def count(self, what, ok=True):
        """Something was done; not ok: it was tried, and refused or not heard."""
        with self.lock:
            list_ = self.acts if ok else self.vain
            list_[what] = list_.get(what, 0) + 1

    # ---- media, each like no other

    def prepare(self):
        made = f"{self.h.top}/made"
        quiet = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
        shapes = ["1600x1200", "1200x1600", "1280x720", "900x900"]
        for i in range(16):
            path = f"{made}/{i}.jpg"
            subprocess.run([*quiet, "-f", "lavfi", "-i", f"testsrc2=s={shapes[i % 4]},hue=h={i * 22},format=yuvj420p", "-ss", str(i / 4), "-frames:v", "1", "-q:v", "4",
                            "-f", "image2", path], check=True)
        for i, seconds in enumerate((1, 2, 3)):
            path = f"{made}/{i}.mp4"
            subprocess.run([*quiet, "-f", "lavfi", "-i", f"testsrc2=s=480x270:r=25:d={seconds},hue=h={i * 60}", "-f", "lavfi", "-i", f"sine={300 + 50 * i}:d={seconds}",
                            "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "mp4", path], check=True)
        for name in os.listdir(made):
            with open(f"{made}/{name}", "rb") as f:
                self.base[name] = f.read()

    def number(self):
        with self.lock:
            self.n += 1
            return self.n

    def photo(self, n):
        """The bytes of a JPEG with a comment of its own."""
        text = b"soak %d" % n
        data = self.base[f"{random.randrange(16)}.jpg"]
        return data[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + data[2:]

    def video(self, n):
        text = b"soak %d" % n
        return self.base[f"{random.randrange(3)}.mp4"] + (len(text) + 8).to_bytes(4, "big") + b"free" + text

    def broken(self, n):
        """Odd and broken files: (name, bytes)"""
        photo, video = self.photo(n), self.video(n)
        return random.choice([
            (f"cut {n}.jpg", photo[: len(photo) // 3]),
            (f"program {n}.jpg", b"MZ this is a program %d" % n),
            (f"paper {n}.pdf", b"%%PDF-1.4\n%% %d\n%%%%EOF\n" % n),
            (f"empty {n}.jpg", b""),
            (f"cut {n}.mp4", video[: len(video) // 2] + b"%d" % n),  # what makes a video its own is at its end
            (f"noise {n}.png", random.randbytes(5000)),
            (f"कागज़ {n}.xyz", b"nothing of ours %d" % n)])

    # ---- officers

    def wrote(self, kind, slug, name, data):
        one = {"sha": sha(data), "name": name, "slug": slug, "kind": kind, "done": time.monotonic()}
        with self.lock:
            self.dropped.append(one)
            if kind in ("photo", "video"):
                self.pending[one["sha"]] = one
        self.count(kind)

    def put(self, slug, name, data):
        """By rename, as careful clients do."""
        folder = f"{self.drop}/{self.h.departments[slug]}"
        with open(f"{folder}/.{name}", "wb") as f:
            f.write(data)
        os.rename(f"{folder}/.{name}", f"{folder}/{name}")

    def write(self, slug, name, data, seconds=0):
        with open(f"{self.drop}/{self.h.departments[slug]}/{name}", "wb") as f:
            pieces = 8 if seconds else 1
            for i in range(pieces):
                f.write(data[len(data) * i // pieces : len(data) * (i + 1) // pieces])
                f.flush()
                time.sleep(seconds / pieces)

    def do(self, kind):
        slug, n = random.choice(list(self.h.departments)), self.number()
        if kind == "renamed":
            data = self.photo(n)
            self.put(slug, f"Photo {n}.jpg", data)
            self.wrote("photo", slug, f"Photo {n}.jpg", data)
        elif kind in ("copied", "slow"):
            data = self.photo(n)
            self.write(slug, f"ছবি {n}.jpg", data, random.uniform(3, 8) if kind == "slow" else 0)
            self.wrote("photo", slug, f"ছবি {n}.jpg", data)
        elif kind == "captioned":
            data = self.photo(n)
            self.put(slug, f"Said {n}.txt", f"Caption {n}: নতুন পাম্প opens.".encode())
            self.put(slug, f"Said {n}.jpg", data)
            self.wrote("photo", slug, f"Said {n}.jpg", data)
        elif kind in ("folder", "grows"):
            home, made = f"{self.drop}/{self.h.departments[slug]}", f"{self.h.top}/made/folder {n}"
            photos = [(f"{i}.jpg", self.photo(self.number())) for i in range(random.randint(2, 4))]
            os.mkdir(made)
            for name, data in photos:
                with open(f"{made}/{name}", "wb") as f:
                    f.write(data)
            with open(f"{made}/caption.txt", "w") as f:
                f.write(f"Folder {n}")
            os.rename(made, f"{home}/Visit {n}")
            for name, data in photos:
                self.wrote("in folder", slug, name, data)
            if kind == "grows":
                time.sleep(random.uniform(5, 40))
                data = self.photo(self.number())
                self.late(home, n, data)
                self.wrote("in folder", slug, "late.jpg", data)
        elif kind == "video":
            data = self.video(n)
            self.write(slug, f"Clip {n}.mp4", data)
            self.wrote("video", slug, f"Clip {n}.mp4", data)
        elif kind == "broken":
            name, data = self.broken(n)
            self.put(slug, name, data)
            self.wrote("broken", slug, name, data)
        elif kind == "again":
            with self.lock:
                old = [d for d in self.dropped if d["kind"] == "photo" and "again" not in d and 20 < time.monotonic() - d["done"] < 120]
            path = old and self.kept(old[-1]["sha"])
            if path:
                with open(path, "rb") as f:
                    data = f.read()
                old[-1]["again"] = True
                self.put(old[-1]["slug"], f"Again {n}.jpg", data)
                self.count("again")
        elif kind == "event":
            day = time.strftime("%d/%m/%Y", time.gmtime(self.h.now() + 3 * 86400))
            self.put(slug, f"event {n}.txt", f"Event: Opening {n}\r\nDate: {day}\r\nTime: 11:00\r\nPlace: Palta\r\n".encode())
            with self.lock:
                self.events.append(f"Opening {n}")
            self.count("event by file")
        elif kind == "event_said":
            day = time.strftime("%d/%m/%Y", time.gmtime(self.h.now() + 2 * 86400))
            ok, _ = self.h.ghat("event", "add", slug, f"Meeting {n}", "--date", day, "--time", "11:00")
            if ok:
                with self.lock:
                    self.events.append(f"Meeting {n}")
            self.count("event by command", ok)
        elif kind == "ask":
            text = f"What of matter {n}?"
            if random.random() < 0.5:
                self.count("asked by command", self.h.ghat("ask", slug, text)[0])
            else:
                self.count("asked at the desk", self.h.form("agni", "/questions", department=slug, text=text) == 303)

    def late(self, home, n, data):
        """Into a folder that is there, or, where Ghat has taken it, is made again."""
        with open(f"{self.h.top}/made/late {n}.jpg", "wb") as f:
            f.write(data)
        for _ in range(20):
            try:
                os.makedirs(f"{home}/Visit {n}", exist_ok=True)
                os.rename(f"{self.h.top}/made/late {n}.jpg", f"{home}/Visit {n}/late.jpg")
                return
            except FileNotFoundError:
                continue

    def kept(self, digest):
        path = f"{self.h.top}/srv/spool/{digest}"
        return path if os.path.exists(path) else None

    def officers(self):
        rates = list(RATES.items())
        while not self.stopped:
            time.sleep(min(self.plan.expovariate(sum(r for _, r in rates) / 60), 60))
            kind = self.plan.choices([k for k, _ in rates], [r for _, r in rates])[0]
            threading.Thread(target=self.safely, args=(self.do, kind), daemon=True).start()

    def safely(self, what, *args):
        try:
            what(*args)
        except Exception as e:
            self.h.say(f"driver: {what.__name__} {args}: {e!r}")
            self.count(MISTAKE)

    # ---- approvers and the agency

    def look(self):
        """What waits for somebody, from the ledger: {id: states of its outputs}."""
        found = {}
        for sub, state in self.h.sql("SELECT DISTINCT r.submission, r.state FROM rendition r JOIN submission s ON s.id = r.submission WHERE s.state IN ('staged','decided','delivered')"
                                     " AND (r.state IN ('staged','held','approved','publishing','published') OR (r.state = 'withdrawn' AND r.published_ms > 0 AND r.gone_ms = 0))"):
            found.setdefault(sub, set()).add(state)
        return found

    def people(self):
        while True:
            self.safely(self.round)
            time.sleep(1)

    def round(self):
        now = time.monotonic()
        for sub, states in self.look().items():
            if sub not in self.decide_at:
                self.decide_at[sub] = now + random.uniform(2, 25)
            if now < self.decide_at[sub] or states & {"approved", "publishing"}:
                continue
            self.decide_at[sub] = now + random.uniform(4, 15)
            self.safely(self.settle, sub, states)
        for q, slug in self.h.sql("SELECT id, department FROM question WHERE state = 'open'"):
            if self.answer_at.setdefault(q, now + random.uniform(3, 60)) <= now:
                self.answer_at[q] = now + 45
                self.safely(self.answer, q, slug)

    def approve(self, sub, only=None, desk=False):
        shown = self.h.ghat_json("show", sub)
        if not shown:
            return False
        for r in shown["renditions"]:
            if r["state"] in ("staged", "held") and (not only or r["placement"] in only):
                path = f"{self.h.top}/srv/staging/{r['stage']}"
                with self.lock:
                    self.approved.setdefault((sub, r["placement"]), set()).add(sha_of(path))
        if desk:
            _, page = self.h.page("rina", f"/i/{sub}")
            handle = re.search(r'name="handle" value="([^"]+)"', page)
            ok = handle and self.h.form("rina", f"/i/{sub}/approve", handle=handle[1]) == 303
        else:
            ok, _ = self.h.ghat("approve", shown["handle"], *(["-p", ",".join(only)] if only else []))
        self.count("approved at the desk" if desk else "approved by command", bool(ok))
        return ok

    def reject(self, sub):
        ok, _ = self.h.ghat("reject", sub, "--reason", "The picture is not clear")
        self.count("rejected", ok)
        return ok

    def settle(self, sub, states):
        if "staged" in states:
            how = random.choices(["command", "desk", "part", "reject", "hold", "undo"], [50, 22, 6, 10, 5, 7])[0]
            if how in ("command", "desk"):
                self.approve(sub, desk=how == "desk")
            elif how == "part":
                shown = self.h.ghat_json("show", sub)
                places = sorted({r["placement"] for r in shown["renditions"] if r["state"] == "staged"}) if shown else []
                if self.approve(sub, places[:2]):
                    self.h.ghat("reject", sub, "-p", ",".join(places[2:]), "--reason", "Two are enough") if places[2:] else None
            elif how == "reject":
                self.reject(sub)
            elif how == "hold":
                self.holds[sub] = self.holds.get(sub, 0) + 1  # also where the answer is lost
                self.count("held", self.h.ghat("hold", sub)[0])
            elif how == "undo":
                with self.lock:  # approvals of before, of a folder that has grown, stay
                    before = {key: set(hashes) for key, hashes in self.approved.items() if key[0] == sub}
                if self.approve(sub):
                    time.sleep(random.uniform(0, 3))
                    ok, _ = self.h.ghat("undo", sub)
                    if ok:
                        self.count("undone")
                        with self.lock:
                            for key in [k for k in self.approved if k[0] == sub]:
                                del self.approved[key]
                            self.approved.update(before)
                        if random.random() < 0.5:
                            self.reject(sub)
        elif "held" in states:
            self.h.ghat("release", sub)
        elif "published" in states:
            self.deliver(sub)
        elif "withdrawn" in states:
            if random.random() < 0.5:
                self.count("acknowledged by command", self.h.ghat("acknowledge", sub)[0])
            else:
                _, page = self.h.page("agni", "/today")
                seen = re.search(rf'action="/i/{sub}/acknowledge".*?name="seen" value="([^"]+)"', page, re.S)
                ok = seen and self.h.form("agni", f"/i/{sub}/acknowledge", seen=seen[1]) == 303
                self.count("acknowledged at the desk", bool(ok))

    def deliver(self, sub):
        how = random.choices(["command", "desk", "receipt", "withdraw"], [45, 25, 20, 10])[0]
        if how == "command":
            self.count("collected by command", self.h.ghat("collected", sub)[0])
        elif how == "desk":
            places = self.h.sql("SELECT DISTINCT placement FROM rendition WHERE submission = ? AND state = 'published'", sub)
            said = [self.h.form("agni", f"/i/{sub}/collected", p=place) for (place,) in places]
            self.count("collected at the desk", bool(said) and set(said) == {303})
        elif how == "receipt":
            ((slug,),) = self.h.sql("SELECT department FROM submission WHERE id = ?", sub)
            open(f"{self.h.top}/srv/receipts/{slug}-{sub}.txt", "w").close()
            self.count("collected by receipt")
        else:
            ok, _ = self.h.ghat("withdraw", sub, "--reason", "The wrong bridge")
            self.count("withdrawn", ok)
            if ok:
                with self.lock:
                    self.withdrawn.add(sub)

    def answer(self, q, slug):
        text = f"Answer to {q}, {self.number()}."
        how = random.choice(["file", "command", "desk", "more"])
        if how == "more":
            self.put(slug, f"more time {q}.txt", f"The engineer is away, {self.number()}.".encode())
            self.count("more time by file")
            return
        if how == "file":
            self.put(slug, f"answer {q}.txt", text.encode())
            ok = True
        elif how == "command":
            ok, _ = self.h.ghat("answer", q, text)
        else:
            ok = self.h.form("rina", f"/question/{q}/answer", text=text) == 303
        self.count(f"answered by {how}", ok)
        if ok:
            with self.lock:
                self.answers.append((q, text))

    # ---- how long it takes

    def times(self):
        """From the last byte to the look at which it was staged."""
        while True:
            time.sleep(0.5)
            self.safely(self.time_them)

    def time_them(self):
        with self.lock:
            pending = list(self.pending.values())
        if not pending:
            return
        marks = ",".join("?" * len(pending))
        rows = dict(self.h.sql(f"SELECT f.sha256, max(s.staged_ms) FROM file f JOIN submission s ON s.id = f.submission WHERE f.sha256 IN ({marks}) GROUP BY f.sha256",
                               *(p["sha"] for p in pending)))
        now = time.monotonic()
        for p in pending:
            if rows.get(p["sha"]):
                self.took.append((p["kind"], now - p["done"], now))
                with self.lock:
                    self.pending.pop(p["sha"], None)

    def look_open(self):
        return [(sub, sorted(states)) for sub, states in self.look().items()]
