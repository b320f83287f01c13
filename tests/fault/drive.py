#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# drive.py KIND TEMPLATE MODE…: one fault after another, several at once, each in a tree of its own copied from TEMPLATE. KIND is kill, power,
# retention, questions, events or decisions (the scripts beside this one prepare TEMPLATE and say what each is about). Speaks ghatd's control socket itself, as starting
# programs would cost more than what is tested. Environment: B, TMPDIR, DROPPED (the files dropped), WAITS (retention: the item that waits),
# EVERY, GHAT_FAULT_POINTS, GHAT_FAULT_JOBS (points at once, 3), GHAT_FAULT_SHARD, GHAT_FAULT_LOG, GHAT_FAULT_KEEP_GOING, GHAT_FAULT_TELL (a descriptor for progress).
import fcntl, json, multiprocessing, os, random, re, resource, shutil, signal, socket, sqlite3, subprocess, sys, time
import ctypes

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import invariants

B, TMP = os.environ["B"], os.environ["TMPDIR"]
SLOW = int(os.environ.get("GHAT_SLOW", "1"))
PAUSE = 0.02  # s between two looks
IDLE = 12 * SLOW  # s without any change, after which a life with a fault is ended
REST = 0.3  # s without any change, after which a life that came to its end has nothing more to do
SHUTDOWN = 0x8004587D  # FS_IOC_SHUTDOWN


class Broken(Exception):
    """What must hold does not."""


class Away(Exception):
    """ghatd does not answer, or refuses."""


def same(what, got, want):
    if got != want:
        raise Broken(f"{what}: is {got!r}, should be {want!r}")


def found(folder):
    """Everything below it, as (path relative to it, is a folder)."""
    for at, folders, names in os.walk(folder):
        for names_, is_folder in ((folders, True), (names, False)):
            for name in names_:
                yield os.path.relpath(os.path.join(at, name), folder), is_folder


class Tree:
    """A folder ghatd lives in, made anew for each point."""

    def __init__(self, template, number):
        self.home = os.path.join(TMP, f"w{number}")
        self.top = os.path.join(self.home, "g")
        self.conf, self.ledger = os.path.join(self.top, "etc/ghat.conf"), os.path.join(self.top, "state/ledger.db")
        self.srv, self.log, self.count = os.path.join(self.top, "srv"), os.path.join(self.home, "log"), os.path.join(self.home, "count")
        self.daemon = self.sock = None
        os.makedirs(self.home)
        self.adopt(template)

    def adopt(self, template):
        self.template = os.path.join(self.home, "template")
        subprocess.run(["cp", "-a", template, self.template], check=True)
        self.settle_in(self.template, template)

    def settle_in(self, at, template):
        """The configuration names the folders by their whole paths."""
        path = os.path.join(at, "etc/ghat.conf")
        with open(path) as f:
            text = f.read()
        with open(path, "w") as f:
            f.write(text.replace(os.environ["WAS"], self.top))

    def fresh(self):
        if os.path.lexists(self.top):
            shutil.rmtree(self.top)
        subprocess.run(["cp", "-a", self.template, self.top], check=True)

    def powered(self):
        """What makes the tree readable again after a fault."""

    def leave(self):
        pass

    # ---- ghatd

    def live(self, **faults):
        """Begin a life; with any of GHAT_FAULT… the calls are counted, or the clock is ahead."""
        env = dict(os.environ, **faults)
        if faults:
            env["LD_PRELOAD"] = f"{B}/tests/faults.so"
        with open(self.log, "ab") as log:
            self.daemon = subprocess.Popen([f"{B}/ghatd", "-c", self.conf], env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def alive(self):
        return self.daemon.poll() is None

    def hang_up(self):
        if self.sock:
            self.sock.close()
        self.sock = None

    def end(self, how=signal.SIGTERM):
        """True: it ended as it was told to, and well."""
        self.hang_up()
        self.daemon.send_signal(how)
        try:
            return self.daemon.wait(20 * SLOW) == 0
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()
            return False

    def ask(self, request, **args):
        try:
            if not self.sock:
                self.sock = socket.socket(socket.AF_UNIX)
                self.sock.settimeout(60)
                self.sock.connect(os.path.join(self.top, "c.sock"))
            self.sock.sendall(json.dumps({"request": request, **args}).encode() + b"\n")
            said = b""
            while not said.endswith(b"\n"):
                piece = self.sock.recv(65536)
                if not piece:
                    raise OSError("closed")
                said += piece
        except OSError as e:
            self.hang_up()
            raise Away(f"{request}: {e}")
        answer = json.loads(said)
        if answer.get("ok") is not True:
            raise Away(f"{request}: {answer.get('error')}")
        return answer

    def items(self):
        answer = self.ask("list", limit=500, newest=False)
        same("pages of the list", answer.get("more"), False)
        return answer["items"]

    def sql(self, text):
        db = sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True)
        try:
            return db.execute(text).fetchone()[0]
        finally:
            db.close()

    def within(self, seconds, what, look):
        end, why = time.monotonic() + seconds * SLOW, ""
        while True:
            try:
                if look():
                    return
            except (Away, sqlite3.Error) as e:
                why = f" ({e})"
            if not self.alive():
                raise Broken(f"ghatd died while waiting: {what}")
            if time.monotonic() >= end:
                raise Broken(f"not in time: {what}{why}")
            time.sleep(PAUSE)

    def until(self, look, seen=None, idle=IDLE, longest=float("inf")):
        """As far as ghatd lives: until look() holds (True), it is dead, nothing has changed for idle seconds, or longest are over."""
        start = changed = time.monotonic()
        before = None
        while self.alive() and time.monotonic() - changed < idle and time.monotonic() - start < longest:
            try:
                if look():
                    return True
                now = seen() if seen else None
                if now != before:
                    before, changed = now, time.monotonic()
            except (Away, sqlite3.Error):
                pass
            time.sleep(PAUSE)
        return False

    def rest(self):
        """Until nothing moves any more, as far as ghatd lives: what follows upon the last thing seen has its numbered steps too."""
        self.until(lambda: False, self.footprint, REST, IDLE)

    def footprint(self):
        """All files with their sizes and times: changes when anything is written."""
        seen = []
        for path, _ in found(self.top):
            try:
                st = os.lstat(os.path.join(self.top, path))
                seen.append((path, st.st_size, st.st_mtime_ns))
            except OSError:
                pass
        return seen

    def verify(self):
        done = subprocess.run([f"{B}/ghat", "-c", self.conf, "verify", "--ledger"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise Broken(f"ghat verify: {done.stdout.decode(errors='replace')}")


class Powered(Tree):
    """On an ext4 of its own: TEMPLATE is its image."""

    def adopt(self, template):
        self.template, self.image = os.path.join(self.home, "image.new"), os.path.join(self.home, "image")
        os.makedirs(self.top)
        subprocess.run(["cp", "--sparse=always", template, self.template], check=True)
        self.mount(self.template)
        self.settle_in(self.top, template)
        self.leave()

    def leave(self):
        if os.path.ismount(self.top):
            end = time.monotonic() + 10 * SLOW
            while subprocess.run(["umount", self.top], stderr=subprocess.DEVNULL).returncode:  # workers of a killed ghatd are just ending
                if time.monotonic() >= end:
                    raise Broken(f"{self.top} cannot be unmounted")
                time.sleep(PAUSE)

    def fresh(self):
        self.leave()
        subprocess.run(["cp", "--sparse=always", self.template, self.image], check=True)
        self.mount(self.image)

    def powered(self):
        self.leave()
        self.mount(self.image)

    def mount(self, image):
        subprocess.run(["mount", "-o", "loop", image, self.top], check=True)


# ---------------------------------------------------------------- a day's work


class Day:
    """Dropped, staged, approved, published: what the first life did not finish the second does."""

    tree = Tree
    dropped = os.environ.get("DROPPED", "").split("\n")

    def __init__(self, tree):
        self.t = tree
        self.told = []  # approvals whoever approved was told of

    def states(self):
        return sorted(i["state"] for i in self.t.items())

    def decided(self):
        return self.states() == ["decided", "decided", "quarantined"]

    def published(self):
        return not any(state in ("approved", "publishing") for i in self.t.items() for state in (i.get("placements") or {}).values())

    def approve_all(self):
        for item in self.t.items():
            if item["state"] == "staged":
                seen = self.t.ask("show", id=item["id"])
                self.t.ask("approve", id=item["id"], set_hash=seen["set_hash"])
                try:  # thought better of it, and approved again: unless it was out already
                    self.t.ask("undo", id=item["id"])
                except Away as e:
                    if "can be undone" not in str(e):
                        raise
                else:
                    self.t.ask("approve", id=item["id"], handle=seen["handle"])
                self.told.append(item["id"])

    def first(self, fault):
        self.t.live(GHAT_FAULT=fault, GHAT_FAULT_MOUNT=self.t.top, GHAT_FAULT_COUNT=self.t.count)
        if self.t.until(lambda: self.states() == ["quarantined", "staged", "staged"], self.t.items):
            try:
                self.approve_all()
                self.t.until(self.decided, self.t.items)
                self.t.rest()
            except Away:
                pass
        self.t.end()
        self.t.powered()

    def second(self):
        t = self.t
        self.left = invariants.left_over(t.srv)
        t.live()
        t.within(60, "ghatd answers on its socket", lambda: t.ask("status"))
        for i in self.told:
            same(f"approval of {i}", t.sql(f"SELECT count(*) FROM decision WHERE submission = {i} AND verdict = 'approve' AND id NOT IN (SELECT decision FROM voided)"), 1)
        t.within(60, "all is staged or decided", lambda: sum(s in ("staged", "decided", "quarantined") for s in self.states()) == 3)
        try:
            self.approve_all()
        except Away as e:
            raise Broken(f"approve: {e}")
        t.within(30, "all is decided", self.decided)
        t.within(30, "all is published", self.published)
        t.ask("sweep")  # what ghatd does a minute after its start
        t.within(10, "nothing is left over", self.clean)
        self.whole()
        self.last_cut()
        wrong = [line for line in invariants.wrong_in(t.srv, t.ledger, self.dropped) if line not in self.forgiven()]
        if wrong:
            raise Broken("\n".join(["invariants:"] + wrong))

    def clean(self):
        left = invariants.left_over(self.t.srv)
        if left:
            raise Away(", ".join(left))
        return True

    def forgiven(self):
        return ()

    def whole(self):
        t = self.t
        t.verify()
        same("submissions", sorted(i["name"] for i in t.items()), ["Opening", "broken.png", "one.png"])
        left = [p for p, folder in found(f"{t.srv}/drop/Water") if not folder and "Status" not in p.split("/")[:-1]]
        same("left in drop/", left, [])
        out = list(found(f"{t.srv}/outbox"))
        same("manifests", sum(os.path.basename(p) == "manifest.json" for p, _ in out), 2)
        same("files in the outbox", sum("photo/" in p or "thumb/" in p and not folder for p, folder in out), 21)

    def last_cut(self):
        same("ghatd ends well", self.t.end(), True)


class PowerDay(Day):
    tree = Powered

    def last_cut(self):  # the power goes again when all is published: what was said to be there is there
        fd = os.open(self.t.top, os.O_RDONLY)
        fcntl.ioctl(fd, SHUTDOWN, b"\2\0\0\0")
        os.close(fd)
        self.t.end(signal.SIGKILL)
        self.t.powered()

    def forgiven(self):  # removed (clean), but not for ever when the power went: the next sweep's
        return [f"{path} is left over" for path in self.left]


class Retention:
    """Deleting what was kept long enough."""

    tree = Tree
    waits = os.environ.get("WAITS")

    def __init__(self, tree):
        self.t = tree

    def begin(self):
        try:
            self.t.ask("clock")
        except Away:
            pass
        self.t.ask("sweep")
        return True

    def kept(self):
        """Below the four folders, but for what waits for its decision."""
        for folder in ("staging", "archive", "quarantine", "outbox"):
            for path, is_folder in found(f"{self.t.srv}/{folder}"):
                path = f"{folder}/{path}"
                if not is_folder and not path.startswith("staging/.work") and not re.match(rf"(staging|archive/[0-9]+/[0-9]+)/{self.waits}/", path):
                    yield path

    def over(self):
        return not list(self.kept()) and self.t.sql("SELECT count(*) FROM meta WHERE key = 'retiring'") == 0

    def first(self, fault):
        self.t.live(GHAT_FAULT=fault, GHAT_FAULT_MOUNT=self.t.top, GHAT_FAULT_COUNT=self.t.count)
        self.t.until(self.begin)
        self.t.until(self.over, lambda: list(self.kept()))
        self.t.rest()
        self.t.end()

    def second(self):
        t = self.t
        t.live(GHAT_FAULT="")
        t.within(60, "ghatd answers on its socket", lambda: t.ask("status"))
        try:
            self.begin()
        except Away:
            pass
        t.within(60, "all that was kept long enough is gone", self.over)
        same("ghatd ends well", t.end(), True)
        same("announced twice", t.sql("SELECT count(*) FROM (SELECT 1 FROM audit WHERE action = 'retired' GROUP BY submission, detail HAVING count(*) > 1)"), 0)
        same("announced", t.sql("SELECT count(*) FROM audit WHERE action = 'retired'"), 7)
        same("what waits for a decision", sum(not folder for _, folder in found(f"{t.srv}/staging/{self.waits}")), 7)
        same("its original", sum(not folder for _, folder in found(f"{t.srv}/spool")), 1)
        t.verify()


class Questions:
    """Answers and requests for more time by file and over the socket, and alarms that fell due."""

    tree = Tree
    FILES = {"answer 1.txt": "On Monday.", "more time 2.txt": "The engineer is away.", "answer 99.txt": "Nobody asked."}

    def __init__(self, tree):
        self.t = tree
        self.told = []  # what whoever asked was told of

    def drop(self):
        folder = f"{self.t.srv}/drop/Water"
        for name, text in self.FILES.items():
            with open(os.path.join(folder, name), "w") as f:
                f.write(text)
        shutil.copytree(os.path.join(os.path.dirname(DROPPED[1]), "answer 4"), os.path.join(folder, "answer 4"))

    def say(self):
        """Once each; what was told holds, what was not may be said again."""
        for request, args in (("answer", {"question": 3, "text": "By the desk."}), ("ask", {"department": "water", "text": "One more?"})):
            if request not in self.told:
                self.t.ask(request, **args)
                self.told.append(request)

    def over(self):
        got = {q["id"]: q for q in self.t.ask("questions")["questions"]}
        return (
            all(got[i]["state"] == "answered" for i in (1, 3, 4))
            and got[2]["extended"] is not None
            and 6 in got
            and self.t.sql("SELECT count(*) FROM alarm WHERE question = 5 AND fired_ms > 0") == 6
            and self.t.sql("SELECT count(*) FROM submission WHERE state = 'staged' OR reason LIKE '%no question%'") == 2
            and not [n for n in os.listdir(f"{self.t.srv}/drop/Water") if n != "Status"]
        )

    def first(self, fault):
        self.t.live(GHAT_FAULT=fault, GHAT_FAULT_MOUNT=self.t.top, GHAT_FAULT_COUNT=self.t.count)
        self.drop()
        try:
            if self.t.until(lambda: self.t.ask("status")):
                self.say()
        except Away:
            pass
        self.t.until(self.over, self.t.footprint)
        self.t.rest()
        self.t.end()

    def second(self):
        t = self.t
        t.live()
        t.within(60, "ghatd answers on its socket", lambda: t.ask("status"))
        same("the answer whoever gave it was told of", t.sql("SELECT count(*) FROM message WHERE question = 3 AND kind = 'answer'") if "answer" in self.told else 1, 1)
        try:
            if t.sql("SELECT count(*) FROM question") == 6:  # it was asked, and nobody was told
                self.told.append("ask")
            self.say()
        except Away as e:
            raise Broken(f"said again: {e}")
        t.within(60, "all is answered, extended, and has gone off", self.over)
        wanted = [f"question {n}" for n in (2, 5, 6)]
        t.within(30, "the folder is up to date", lambda: [re.sub(r"! Question (\d+) .*", r"question \1", n) for n in sorted(os.listdir(f"{t.srv}/drop/Water/Status")) if n.startswith("! ")] == wanted)
        t.verify()
        kinds = lambda q: t.sql(f"SELECT coalesce(group_concat(kind, ' '), '') FROM (SELECT kind FROM message WHERE question = {q} ORDER BY id)")
        same("said of 1", kinds(1), "ask answer")
        same("said of 2", kinds(2), "ask extend")
        same("said of 3", kinds(3), "ask answer")
        same("said of 4", kinds(4), "ask answer")
        same("said of 5", kinds(5), "ask")
        same("questions", t.sql("SELECT count(*) FROM question"), 6)
        same("rounds", t.sql("SELECT count(*) FROM question_round"), 6)
        same("notices twice", t.sql("SELECT count(*) FROM (SELECT 1 FROM notice GROUP BY kind, subject, revision, recipient, channel HAVING count(*) > 1)"), 0)
        same("told of 5", t.sql("SELECT count(DISTINCT kind) FROM notice WHERE subject = 'question:5'"), 7)
        same("the picture", t.sql("SELECT group_concat(state) FROM submission WHERE question = 4"), "staged")
        same("alarms in order", t.sql("SELECT count(*) FROM audit a JOIN audit b ON a.seq > b.seq AND a.subject = 'question:5' AND b.subject = 'question:5' AND a.action = 'alarm' AND b.action = 'alarm' AND a.detail LIKE 'remind%'"), 0)
        same("ghatd ends well", t.end(), True)
        same("the texts are kept", t.sql("SELECT count(*) FROM file WHERE source = 'taken'"), 5)


class Events:
    """Events announced by files and over the socket, changed, cancelled, covered, late and missed; letters of them claimed and sent."""

    tree = Tree
    DAY = time.localtime(time.time() + 5 * 86400)
    STEPS = ("add Drill", "change Drill", "add Off", "cancel Off", "picture", "report")

    def __init__(self, tree):
        self.t = tree
        self.told = []  # steps that whoever asked was told of
        self.sent, self.claimed = {}, set()  # letters by what they are known by: told that they arrived; claimed and not told
        self.claiming = False

    def day(self, form):
        return time.strftime(form, self.DAY)

    def drop(self):
        folder = f"{self.t.srv}/drop/Water"
        with open(f"{folder}/event fair.txt", "w") as f:
            f.write(f"Event: Fair\nDate: {self.day('%d/%m/%Y')}\nTime: 11 am to 1\nPlace: Palta\n")
        events = "".join(
            f"BEGIN:VEVENT\r\nUID:{uid}@t\r\nSUMMARY:{uid}\r\nDTSTAMP:20261101T000000Z\r\n{when}END:VEVENT\r\n"
            for uid, when in (("Camp", f"DTSTART:{self.day('%Y%m%d')}T090000Z\r\nDTEND:{self.day('%Y%m%d')}T100000Z\r\n"), ("Broken", ""))
        )
        with open(f"{folder}/two.ics", "w") as f:
            f.write(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n{events}END:VCALENDAR\r\n")

    def number(self, title):
        return self.t.sql(f"SELECT coalesce((SELECT id FROM event WHERE title = '{title}'), 0)")

    def done(self, step):
        """Was it, though nobody may have been told?"""
        what, _, title = step.partition(" ")
        if what == "add":
            return self.number(title) > 0
        if what in ("change", "cancel"):
            return self.t.sql(f"SELECT revision FROM event WHERE title = '{title}'") == 2
        if what == "picture":
            return self.t.sql("SELECT count(*) FROM submission WHERE event > 0") > 0 or os.path.exists(f"{self.folder()}/pump.png")
        return False

    def folder(self):
        return f"{self.t.srv}/drop/Water/{self.day('%Y-%m-%d')} Fair"

    def step(self, step):
        ask, (what, _, title) = self.t.ask, step.partition(" ")
        if what == "add":
            ask("event-add", department="water", text=title, date=self.day("%d/%m/%Y"), time="15:00")
        elif what == "change":
            ask("event-change", event=self.number(title), time="16:00-17:00")
        elif what == "cancel":
            ask("event-cancel", event=self.number(title), text="Rain.")
        elif what == "picture":
            if not self.t.until(lambda: os.path.isdir(self.folder()), self.t.footprint):
                raise Away("there is no folder")
            shutil.copy(DROPPED[0], f"{self.folder()}/pump.png")
        else:
            number = lambda: self.t.sql("SELECT count(*) FROM event WHERE title NOT IN ('Past', 'Late')")
            least = number()
            told = ask("report", **{"from": self.day("%Y-%m-%d"), "to": self.day("%Y-%m-%d")})["all"]["events"]["announced"]
            if not least <= told <= number():  # the calendar file may just be taken
                raise Broken(f"events of the report: {told}, of {least}")

    def live_through(self):
        for step in self.STEPS:
            if step not in self.told and not self.done(step):
                self.step(step)
            if step not in self.told:
                self.told.append(step)

    def post(self):
        """What ghat-post does, but for the sending."""
        while True:
            self.claiming = True
            answer = self.t.ask("post-claim", channel="mail", limit=20)
            self.claiming = False
            for letter in answer["letters"]:
                if letter["hash"] in self.sent:
                    raise Broken(f"sent twice: {letter}")
                self.claimed.add(letter["hash"])
            for letter in answer["letters"]:
                self.t.ask("post-done", id=letter["id"], tries=letter["tries"], result="sent")
                self.sent[letter["hash"]] = letter
                self.claimed.remove(letter["hash"])
            if not answer["letters"] and not answer["more"]:
                return

    def states(self):
        return self.t.sql("SELECT group_concat(t, ' ') FROM (SELECT title || ':' || state || ':' || revision AS t FROM event ORDER BY title)")

    def over(self):
        return (
            self.states() == "Camp:announced:1 Drill:changed:2 Fair:covered:1 Late:announced:1 Off:cancelled:2 Past:missed:1"
            and self.t.sql("SELECT count(*) FROM event WHERE told_ms > 0") == 2
            and self.t.sql("SELECT count(*) FROM submission WHERE event > 0 AND state = 'staged'") == 1
            and self.t.sql("SELECT count(*) FROM event_read") == 3
        )

    def first(self, fault):
        self.t.live(GHAT_FAULT=fault, GHAT_FAULT_MOUNT=self.t.top, GHAT_FAULT_COUNT=self.t.count)
        self.drop()
        try:
            if self.t.until(lambda: self.t.ask("status")):
                self.live_through()
                self.post()
                self.t.until(self.over, self.t.footprint)
                self.t.rest()
                self.post()
        except Away:
            pass
        self.t.end()

    def second(self):
        t = self.t
        t.live()
        t.within(60, "ghatd answers on its socket", lambda: t.ask("status"))
        for step in self.told:
            if step not in ("report", "picture"):
                same(f"what was told: {step}", self.done(step), True)
        t.within(60, "the files that announce are taken", lambda: t.sql("SELECT count(*) FROM event_read") == 3)
        try:
            self.live_through()
        except Away as e:
            raise Broken(f"said again: {e}")
        t.within(60, "all is as it was announced", self.over)
        lost = self.claimed if not self.claiming else None  # claimed, or perhaps so: under a lease
        self.post()
        t.verify()
        same("what was read", t.sql("SELECT group_concat(a, ' ') FROM (SELECT act || ':' || title AS a FROM event_read ORDER BY act, title)"), "announce:Camp announce:Fair refuse:Broken")
        kinds = lambda title: t.sql(f"SELECT coalesce(group_concat(k, ' '), '') FROM (SELECT substr(n.kind, 7) || count(*) AS k FROM notice n JOIN event e ON n.subject = 'event:' || e.id WHERE e.title = '{title}' GROUP BY n.kind ORDER BY n.kind)")
        for title, want in (("Camp", "announce2"), ("Fair", "announce2"), ("Drill", "announce2 change2"), ("Off", "announce2 cancel2"), ("Past", "announce2 miss3"), ("Late", "announce2 miss3")):
            same(f"told of {title}", kinds(title), want)
        same("a notice twice to one address", t.sql("SELECT count(*) FROM (SELECT 1 FROM letter_line x JOIN letter l ON l.id = x.letter GROUP BY x.notice, l.address HAVING count(*) > 1)"), 0)
        same("mails due that nobody has", t.sql("SELECT count(*) FROM letter WHERE state = 'waiting' AND digest = 0 AND not_before_ms <= unixepoch() * 1000"), 0)
        if lost is not None:
            # one that was claimed, and whose end nobody was told of, has ended or not
            same("mails that were claimed", t.sql("SELECT count(*) FROM letter WHERE state IN ('sending','sent')"), len(self.sent) + len(lost))
            if t.sql("SELECT count(*) FROM letter WHERE state = 'sending'") > len(lost):
                raise Broken("a letter that arrived is on its way again")
        same("notices in no letter", t.sql("SELECT count(*) FROM notice WHERE state = 'new' AND kind LIKE 'event-%'"), 0)
        wanted = sorted(f"{self.day('%Y-%m-%d')} {title}" for title in ("Camp", "Drill", "Fair"))
        t.within(30, "each event that comes has its folder, and no other", lambda: sorted(n for n in os.listdir(f"{t.srv}/drop/Water") if n.startswith(self.day("%Y-%m-%d"))) == wanted)
        same("each event has one name of a folder", t.sql("SELECT count(*) FROM event e WHERE (SELECT count(*) FROM event_folder f WHERE f.event = e.id AND f.name = e.folder) <> 1"), 0)
        same("ghatd ends well", t.end(), True)
        wrong = invariants.wrong_in(t.srv, t.ledger, [DROPPED[0]])
        if wrong:
            raise Broken("\n".join(["invariants:"] + wrong))


class Decisions:
    """What is approved, held, undone, under embargo, a correction, frozen and thawed. What whoever asked was told of, holds."""

    tree = Tree
    BLOCKS = {  # each in this order; what was not told is asked again in the second life
        "undone": ("approve", "undo", "hold", "undo"),
        "locked": ("embargo", "urgent", "approve"),
        "new": ("urgent", "replaces", "approve", "out"),
        "late": ("freeze", "urgent", "approve", "inside", "thaw", "out"),
    }

    def __init__(self, tree):
        self.t = tree
        self.told = {name: 0 for name in self.BLOCKS}  # how many of its steps
        self.asked = set()  # the last one is not told

    def name(self):
        self.id = {i["name"].split(".")[0]: i["id"] for i in self.t.items()}

    # ---- what is visible, and what the ledger says of it, between two lives

    def visible(self, name):
        """Its files in the outbox, whatever they are called; None: not even a folder."""
        day = [p for p, folder in found(f"{self.t.srv}/outbox") if folder and p.endswith(f"/water-{self.id[name]}")]
        if not day:
            return None
        return [p for p, folder in found(f"{self.t.srv}/outbox/{day[0]}") if not folder and "/" in p]

    def waits(self, name):
        return self.t.sql(f"SELECT count(*) FROM pending WHERE submission = {self.id[name]}")

    def states(self, name):
        return self.t.sql(f"SELECT coalesce(group_concat(DISTINCT state), '') FROM rendition WHERE submission = {self.id[name]} AND state <> 'skipped'")

    def nothing_early(self, when):
        for name in ("undone", "locked"):
            same(f"{when}: outside of {name}", self.visible(name), None)
        if self.told["late"] >= 1 and "late thaw" not in self.asked:
            same(f"{when}: outside of late, while all is frozen", self.visible("late"), None)
        for name in ("new", "late"):
            if self.visible(name) is not None:
                same(f"{when}: {name} is visible and can be undone", self.waits(name), 0)
                if not set(self.states(name).split(",")) <= {"publishing", "published"}:
                    raise Broken(f"{when}: {name} is visible and {self.states(name)}")
        goes = self.t.sql(f"SELECT count(*) FROM rendition WHERE submission = {self.id['new']} AND publishing_ms > 0") > 0
        same(f"{when}: the old one is replaced in the commit with which the new one goes out", self.t.sql(f"SELECT replaced_by FROM submission WHERE id = {self.id['old']}"), self.id["new"] if goes else 0)
        same(f"{when}: the old one", self.states("old"), "withdrawn" if goes else "published")
        if not goes and not self.visible("old"):
            raise Broken(f"{when}: the old one is gone, and the new one does not come")

    # ---- the steps

    def frozen(self):
        return self.t.ask("status")["frozen"] is not None

    def approve(self, name):
        self.t.ask("approve", id=self.id[name], set_hash=self.t.ask("show", id=self.id[name])["set_hash"])

    def step(self, name, what):
        ask, item = self.t.ask, self.id[name]
        if what == "approve":
            self.approve(name)
        elif what == "undo":
            ask("undo", id=item)
        elif what == "hold":
            ask("hold", id=item)
        elif what == "urgent":
            ask("urgent", id=item)
        elif what == "embargo":
            ask("embargo", id=item, until="2099-01-01 10:00")
        elif what == "replaces":
            ask("replaces", id=item, old=self.id["old"])
        elif what == "freeze":
            if not self.frozen():
                ask("freeze", reason="flood")
        elif what == "thaw":
            if self.frozen():
                ask("thaw")
        elif what == "inside":
            self.t.rest()
            self.nothing_early("frozen")
        elif what == "out" and not self.t.until(lambda: self.states(name) == "published", lambda: self.states(name)):
            raise Away("it does not go out")

    def live_through(self):
        for name, steps in self.BLOCKS.items():
            if name == "undone" and self.told[name] % 2:  # undo what was decided anew: it may be undone already
                self.told[name] -= 1
            while self.told[name] < len(steps):
                self.asked.add(f"{name} {steps[self.told[name]]}")
                self.step(name, steps[self.told[name]])
                self.told[name] += 1

    # ---- the lives

    def first(self, fault):
        self.t.live(GHAT_FAULT=fault, GHAT_FAULT_MOUNT=self.t.top, GHAT_FAULT_COUNT=self.t.count)
        try:
            if self.t.until(lambda: self.t.ask("status"), self.t.footprint):
                self.name()
                self.live_through()
                self.t.rest()
        except Away:
            pass
        self.t.end()

    def second(self):
        t = self.t
        if hasattr(self, "id"):
            self.nothing_early("after the fault")
        t.live()
        t.within(60, "ghatd answers on its socket", lambda: t.ask("status"))
        self.name()
        for name in ("new", "late"):
            if self.visible(name) is not None:
                try:
                    t.ask("undo", id=self.id[name])
                except Away as e:
                    if "can be undone" not in str(e):
                        raise
                else:
                    raise Broken(f"{name} was visible, and is undone")
        if self.told["late"] >= 1 and "late thaw" not in self.asked:
            same("still frozen", self.frozen(), True)
        t.rest()
        self.nothing_early("started again")
        try:
            self.live_through()
        except Away as e:
            raise Broken(f"said again: {e}")
        t.within(60, "the old one is gone from the outbox", lambda: self.visible("old") == [])
        self.nothing_early("in the end")
        same("what was undone", self.states("undone"), "staged")
        same("what waits of it", self.waits("undone"), 0)
        same("its decisions that count", t.sql(f"SELECT count(*) FROM decision WHERE submission = {self.id['undone']} AND id NOT IN (SELECT decision FROM voided)"), 0)
        same("what is under embargo", self.states("locked"), "approved")
        same("files of the new one", len(self.visible("new")), 7)
        same("files of the late one", len(self.visible("late")), 7)
        t.ask("sweep")
        t.within(10, "nothing is left over", lambda: not invariants.left_over(t.srv))
        t.verify()
        same("ghatd ends well", t.end(), True)
        wrong = invariants.wrong_in(t.srv, t.ledger, [])
        if wrong:
            raise Broken("\n".join(["invariants:"] + wrong))


DROPPED = os.environ.get("DROPPED", "").split("\n")
KINDS = {"kill": Day, "power": PowerDay, "retention": Retention, "questions": Questions, "events": Events, "decisions": Decisions}

# ---------------------------------------------------------------- points


def adopt_orphans():
    """Whatever a killed ghatd leaves running becomes a child of ours."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def reap():
    """Workers of a killed ghatd are ours to wait for: their time counts."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def attempt(kind, tree, point):
    """What broke at this point; "" when all held."""
    open(tree.log, "w").close()
    try:
        tree.fresh()
        day = KINDS[kind](tree)
        day.first(point)
        day.second()
        return ""
    except (Broken, Away, OSError, sqlite3.Error, subprocess.SubprocessError) as e:
        with open(tree.log, errors="replace") as log:
            end = "".join(log.readlines()[-25:])
        return f"{e if isinstance(e, Broken) else repr(e)}\n--- the end of ghatd's log\n{end}"
    finally:
        tree.hang_up()
        if tree.daemon and tree.alive():
            tree.end(signal.SIGKILL)
        reap()


def begin(kind, template, number, failed):
    """A process that tries points."""
    global mine, ours, stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    adopt_orphans()
    with number.get_lock():
        n = number.value
        number.value += 1
    ours, stop = (kind, template, n), failed
    mine = None


def one(point):
    global mine
    kind, template, n = ours
    if stop.value:
        return point, None
    mine = mine or KINDS[kind].tree(template, n)
    return point, attempt(kind, mine, point)


def points_of(modes, n):
    """Each EVERY-th of the numbered steps, in each mode; another sample each time; of those only the shard's, and none that held before."""
    if os.environ.get("GHAT_FAULT_POINTS"):  # those alone, such as "ENOSPC:352 after:7"
        return os.environ["GHAT_FAULT_POINTS"].split()
    every = int(os.environ["EVERY"])
    shard = re.fullmatch(r"(\d+)/(\d+)", os.environ.get("GHAT_FAULT_SHARD", "1/1"))
    if not shard or not 1 <= int(shard[1]) <= int(shard[2]):
        sys.exit("FAILED: GHAT_FAULT_SHARD is i/n, such as 1/8")
    all_ = [f"{mode}:{k}" for mode in modes for k in range(random.randint(1, every), n + 1, every)]
    all_ = all_[int(shard[1]) - 1 :: int(shard[2])]
    log, held = os.environ.get("GHAT_FAULT_LOG"), set()
    if log and os.path.exists(log):
        with open(log) as f:
            held = set(f.read().split("\n"))
    return [p for p in all_ if p not in held]


def tell(text):
    print(text, flush=True)
    if os.environ.get("GHAT_FAULT_TELL"):
        os.write(int(os.environ["GHAT_FAULT_TELL"]), text.encode() + b"\n")


def main(kind, template, modes):
    name = {"kill": "kill-at-every-step", "power": "power-loss-loses-nothing", "retention": "retention-killed-at-every-step", "questions": "questions-killed-at-every-step", "events": "events-killed-at-every-step", "decisions": "decisions-killed-at-every-step"}[kind]
    jobs = int(os.environ.get("GHAT_FAULT_JOBS") or 3)
    log, going = os.environ.get("GHAT_FAULT_LOG"), bool(os.environ.get("GHAT_FAULT_KEEP_GOING"))
    number, failed = multiprocessing.Value("i", 1), multiprocessing.Value("b", 0)
    adopt_orphans()
    tree = KINDS[kind].tree(template, 0)
    try:
        broke = attempt(kind, tree, "")
    finally:
        tree.leave()
    if broke:
        tell(f"FAILED: {name}: no fault: {broke}")
        return 1
    with open(tree.count) as f:
        steps = int(f.read())
    if steps <= 50:
        tell(f"FAILED: {name}: only {steps} durable steps were seen: is the preload loaded?")
        return 1
    points = points_of(modes, steps)
    start = last = time.monotonic()
    held = failures = 0
    pool = multiprocessing.Pool(min(jobs, len(points)) or 1, begin, (kind, template, number, failed))
    try:
        for point, broke in pool.imap_unordered(one, points):
            if broke is None:
                continue
            if broke:
                failures += 1
                failed.value = not going
                tell(f"FAILED: {name}: {point}: {broke}")
            else:
                held += 1
                if log:
                    with open(log, "a") as f:
                        f.write(f"{point}\n")
            now, done = time.monotonic(), held + failures
            if now - last >= 30:
                last = now
                rate = done / (now - start)
                tell(f"{name}: {done} of {len(points)} points, {held} held, {failures} failed, {rate * 60:.0f} a minute, {(len(points) - done) / rate / 60:.0f} min left")
        pool.close()
        pool.join()
    finally:
        pool.terminate()
        for n in range(1, number.value):
            where = os.path.join(TMP, f"w{n}", "g")
            if os.path.ismount(where):
                subprocess.run(["umount", "-l", where])
    took, spent = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (spent.ru_utime + spent.ru_stime) / (held + failures + 1)
    tell(f"{name}: {held + failures} points, {held} held, {failures} failed, in {took:.0f} s, {jobs} at once, {cpu:.2f} CPU-s a point; "
         f"{steps} numbered steps ({' '.join(modes)}), every {os.environ['EVERY']}")
    return 1 if failures else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
