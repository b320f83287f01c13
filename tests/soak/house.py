# SPDX-License-Identifier: GPL-3.0-or-later
"""The house under test: a tree of its own, copies of the five programs, each started again after its death as its unit has systemd do."""
import http.client, json, os, random, re, shutil, signal, socket, sqlite3, subprocess, threading, time, urllib.parse

PROGRAMS = ("ghatd", "ghat", "ghat-worker", "ghat-desk", "ghat-post")
AGAIN = {"ghatd": 2, "ghat-desk": 1, "ghat-post": 5}  # RestartSec= of their units
PASSWORD = "eight lamps burn"

CARD = """[department]
folder = {folder}
slug = {slug}
languages = {languages}
[officer]
name = Officer of {slug}
designation = Engineer
mobile = +91 33 2286 10{n:02d}
email = officer.{slug}@example.org
[deputy]
name = Deputy of {slug}
email = deputy.{slug}@example.org
[superior]
name = Superior of {slug}
email = superior.{slug}@example.org
"""
CONF = """[paths]
root = {top}/srv
state = {top}/state
control = {top}/c.sock
profiles = {bin}/profiles
worker = {bin}/ghat-worker
[intake]
quiet = 2s
scan = 5s
reserve = 100M
taken_keep = 1d
notes_keep = 1d
text_wait = 1h
[retention]
originals = 1d
staging = 1d
outbox = 1d
quarantine = 1d
unsupported = 1d
[publish]
undo = 5s
[questions]
duty = daily 00:00-24:00
[desk]
url = https://desk.example.org
second_factor = none
[post]
smtp = smtp://localhost:{smtp}
from = ghat@example.org
tls = off
hours = daily 00:00-24:00
webhook = http://localhost:{hook}/x
"""


class Program:
    """One of them, for as long as the house stands."""

    def __init__(self, house, name, command, env=None, fds=()):
        self.house, self.name, self.command, self.fds = house, name, command, fds
        self.env = dict(os.environ, **(env or {}))
        self.proc, self.began, self.lives, self.murdered, self.alone = None, 0.0, 0, 0, []
        self.thread = threading.Thread(target=self.keep, daemon=True)

    def keep(self):
        while not self.house.closing:
            with open(f"{self.house.top}/log/{self.name}.log", "ab") as log:
                self.proc = subprocess.Popen(self.command, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                             start_new_session=True, pass_fds=self.fds)
            self.began, self.lives = time.monotonic(), self.lives + 1
            murdered = self.murdered
            end = self.proc.wait()
            if self.murdered == murdered and not self.house.closing:
                self.alone.append(end)
                self.house.say(f"{self.name} ended by itself with {end}")
            try:  # what systemd does with the rest of the control group
                os.killpg(self.proc.pid, signal.SIGKILL)
            except OSError:
                pass
            if not self.house.closing:
                time.sleep(AGAIN[self.name])

    def alive(self):
        return self.proc is not None and self.proc.poll() is None

    def murder(self):
        if self.alive():
            self.murdered += 1
            self.proc.kill()
            return True
        return False


class House:
    def __init__(self, build, root, top, smtp, hook, plant=""):
        self.top, self.bin, self.closing, self.mercy = top, f"{top}/bin", False, False
        self.murders = []  # (monotonic, name)
        self.lock = threading.Lock()
        for folder in ("bin", "log", "etc/departments", "etc/profiles", "srv/drop", "state", "made"):
            os.makedirs(f"{top}/{folder}")
        for name in PROGRAMS:
            shutil.copy2(f"{build}/{name}", self.bin)
        shutil.copy2(f"{build}/tests/faults.so", self.bin)
        shutil.copytree(f"{root}/profiles", f"{self.bin}/profiles")
        self.departments = {"water": "Water", "roads": "রাস্তা বিভাগ", "parks": "Parks and Gardens"}
        for n, (slug, folder) in enumerate(self.departments.items()):
            os.makedirs(f"{top}/srv/drop/{folder}")
            with open(f"{top}/etc/departments/{slug}.conf", "w") as f:
                f.write(CARD.format(folder=folder, slug=slug, n=n, languages="bn,en" if slug == "roads" else "en"))
        self.conf = f"{top}/etc/ghat.conf"
        with open(self.conf, "w") as f:
            f.write(CONF.format(top=top, bin=self.bin, smtp=smtp, hook=hook))
        self.ahead, self.jumps = 0, []
        self.clock(0)
        self.listening = socket.socket()
        self.listening.bind(("127.0.0.1", 0))
        self.listening.listen(512)
        self.port = self.listening.getsockname()[1]
        fd = self.listening.fileno()
        preload = f"{self.bin}/faults.so" + (f":{plant}" if plant else "")
        self.programs = {p.name: p for p in (
            Program(self, "ghatd", [f"{self.bin}/ghatd", "-c", self.conf], {"LD_PRELOAD": preload, "GHAT_FAULT_CLOCK": f"{top}/clock"}),
            Program(self, "ghat-desk", ["bash", "-c", f'exec 3<&{fd}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "-",
                                        f"{self.bin}/ghat-desk", "-c", self.conf, "-l", "en"], fds=(fd,)),
            Program(self, "ghat-post", [f"{self.bin}/ghat-post", "-c", self.conf]))}
        self.jar = {}

    def say(self, text):
        with self.lock, open(f"{self.top}/log/soak.log", "a") as f:
            f.write(time.strftime("%H:%M:%S ") + text + "\n")

    def clock(self, ahead):
        """ghatd's wall clock is so many seconds ahead, so that a day of retention passes in minutes."""
        self.jumps.append(f"{ahead} {int(time.time())}\n" if self.jumps else f"{ahead}\n")
        with open(f"{self.top}/.clock", "w") as f:
            f.writelines(self.jumps)
        os.rename(f"{self.top}/.clock", f"{self.top}/clock")
        self.ahead = ahead

    def now(self):
        return time.time() + self.ahead

    def begin(self):
        self.programs["ghatd"].thread.start()
        end = time.monotonic() + 120
        while not self.ghat("status")[0]:
            if time.monotonic() > end:
                raise SystemExit("ghatd does not start")
            time.sleep(0.2)
        for name in ("ghat-desk", "ghat-post"):
            self.programs[name].thread.start()
        for name, role in (("rina", "approver"), ("agni", "agency")):
            ok, said = self.ghat("user", "add", name, "--role", role, "--email", f"{name}@example.org", "--language", "en")
            link = re.search(r"/first/[0-9a-f]+", said)
            self.form(name, link[0], password=PASSWORD, password_again=PASSWORD)

    def end(self):
        """All stop as they are told to; whether each did, and well."""
        self.closing = True
        well = []
        for name in ("ghat-post", "ghat-desk", "ghatd"):
            p = self.programs[name]
            if p.alive():
                p.proc.terminate()
            try:
                well.append((name, p.proc.wait(30)))
            except subprocess.TimeoutExpired:
                p.proc.kill()
                well.append((name, "does not stop"))
        return well

    # ---- asking

    def ghat(self, *args, timeout=90):
        """(went well, what it said)"""
        try:
            done = subprocess.run([f"{self.bin}/ghat", "-c", self.conf, *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=timeout)
        except subprocess.TimeoutExpired:
            return False, "timeout"
        return done.returncode == 0, done.stdout.decode(errors="replace")

    def ghat_json(self, *args):
        ok, said = self.ghat(*args, "--json")
        try:
            return json.loads(said) if ok else None
        except ValueError:
            return None

    def sql(self, text, *args):
        for _ in range(200):
            try:
                db = sqlite3.connect(f"file:{self.top}/state/ledger.db?mode=ro", uri=True, timeout=30)
                db.text_factory = lambda b: b.decode("utf-8", "surrogateescape")
                try:
                    return db.execute(text, args).fetchall()
                finally:
                    db.close()
            except sqlite3.OperationalError:
                time.sleep(0.3)  # ghatd is being started
        raise RuntimeError("the ledger cannot be read")

    # ---- people at the desk

    def http(self, who, path, form=None):
        """(status, body); 0: nobody answered."""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        head = {"Sec-Fetch-Site": "same-origin"}
        if who in self.jar:
            head["Cookie"] = "__Host-ghat=" + self.jar[who]
        try:
            if form is None:
                c.request("GET", path, headers=head)
            else:
                head["Content-Type"] = "application/x-www-form-urlencoded"
                c.request("POST", path, urllib.parse.urlencode(form, doseq=True), head)
            r = c.getresponse()
            body = r.read().decode(errors="replace")
            for cookie in r.msg.get_all("Set-Cookie") or ():
                found = re.match(r"__Host-ghat=([0-9a-f]+)", cookie)
                if found:
                    self.jar[who] = found[1]
            return r.status, body
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            c.close()

    def page(self, who, path):
        """As that person sees it, who logs in anew where the session is over."""
        status, body = self.http(who, path)
        if status == 303:
            self.jar.pop(who, None)
            self.http(who, "/login", {"name": who, "password": PASSWORD})
            status, body = self.http(who, path)
        return status, body

    def form(self, who, path, **fields):
        if who in self.jar:
            status, me = self.page(who, "/me")
            token = re.search(r'name="csrf" value="([0-9a-f]+)"', me)
            if not token:
                return 0
            fields["csrf"] = token[1]
        return self.http(who, path, fields)[0]
