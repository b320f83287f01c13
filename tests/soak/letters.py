# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server and a webhook that misbehave now and then, and remember each dialogue as far as it went."""
import email, email.policy, http.server, random, socketserver, threading, time

MOODS = ["ok"] * 80 + ["greet:421", "mail:451", "rcpt:450", "rcpt:die", "data:die", "data:451", "body:451", "body:die", "body:die", "body:hang", "greet:hang"]


class Box:
    def __init__(self):
        self.lock = threading.Lock()
        self.mails, self.calls = [], []
        self.calm = False  # the end of the test: all goes well
        self.mail, self.hook = Server(("127.0.0.1", 0), Mail), Server(("127.0.0.1", 0), Hook)
        for server in (self.mail, self.hook):
            server.box = self
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def mood(self):
        return "ok" if self.calm else random.choice(MOODS)


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = daemon_threads = True

    def handle_error(self, *_):
        pass


class Mail(socketserver.StreamRequestHandler):
    timeout = 120

    def say(self, step, line):
        if self.at == step and self.what == "die":
            raise ConnectionError
        if self.at == step and self.what == "hang":
            time.sleep(20)
        refused = self.at == step and self.what.isdigit()
        self.wfile.write((self.what + " as you wish" if refused else line).encode() + b"\r\n")
        return not refused

    def handle(self):
        self.at, _, self.what = self.server.box.mood().partition(":")
        try:
            self.talk()
        except OSError:
            pass

    def talk(self):
        to, kept = [], None
        self.say("greet", "220 soak")
        while line := self.rfile.readline():
            words = line.decode("utf-8", "replace").strip()
            verb = words.split(" ")[0].upper()
            if kept:
                kept["read"] = True  # who sends the next command has read the answer to the last
                kept = None
            if verb == "RCPT":
                to.append(words.partition("<")[2].partition(">")[0])
            if verb == "DATA":
                if not self.say("data", "354 go on"):
                    continue
                body = b""
                while (line := self.rfile.readline()) and line != b".\r\n":
                    body += line
                if not line:
                    raise ConnectionError
                m = email.message_from_bytes(body, policy=email.policy.default)
                text = m.get_content().split("\n-- \n")[0]
                kept = {"at": time.monotonic(), "id": m["message-id"], "to": to, "subject": str(m["subject"]), "lines": text.split("\n"),
                        "accepted": not (self.at == "body" and self.what.isdigit()), "read": False}
                with self.server.box.lock:
                    self.server.box.mails.append(kept)
                self.say("body", "250 kept")
                to = []
            elif verb == "QUIT":
                self.say("quit", "221 bye")
                return
            else:
                self.say(verb.lower(), "250 well")


class Hook(http.server.BaseHTTPRequestHandler):
    timeout = 120

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        mood = self.server.box.mood()
        code = 503 if mood.endswith("51") else 204
        one = {"at": time.monotonic(), "id": self.headers["Ghat-Delivery"], "accepted": code == 204, "read": False}
        with self.server.box.lock:
            self.server.box.calls.append(one)
        if mood == "body:die":
            self.close_connection = True
            self.connection.close()
            return
        if mood == "body:hang":
            time.sleep(5)
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()
        one["read"] = True  # as far as this side can know

    def log_message(self, *_):
        pass
