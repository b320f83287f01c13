#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""letterbox.py DIR [CERT KEY]: a mail server (DIR/smtp.port) and a webhook (DIR/hook.port) on localhost that behave as files say.

DIR/smtp.mode, read at each connection: ok | STEP:die | STEP:hang | STEP:CODE, where STEP is greet, ehlo, mail, rcpt, data or body (the
message was given). What was accepted lies in DIR/mail/N.eml, every line of the dialogues in DIR/smtp.log. With CERT and KEY it offers STARTTLS.
DIR/hook.mode: ok | late | never | redirect | CODE. Every request lies in DIR/hook/N.json with its headers in DIR/hook/N.headers.
"""
import http.server, os, socketserver, ssl, sys, threading, time

folder = sys.argv[1]
cert = sys.argv[2:4]
lock = threading.Lock()
for name in ("mail", "hook"):
    os.makedirs(os.path.join(folder, name), exist_ok=True)


def mode(which):
    try:
        with open(os.path.join(folder, which + ".mode")) as f:
            return f.read().strip()
    except OSError:
        return "ok"


def keep(kind, ends):
    with lock:
        n = len(os.listdir(os.path.join(folder, kind))) // len(ends) + 1
        for end, data in ends.items():
            path = os.path.join(folder, kind, "%d%s" % (n, end))
            with open(path + ".new", "wb") as f:
                f.write(data)
            os.rename(path + ".new", path)


class Mail(socketserver.StreamRequestHandler):
    def log(self, text):
        with lock, open(os.path.join(folder, "smtp.log"), "a") as f:
            f.write(text + "\n")

    def say(self, step, line):
        at, _, what = mode("smtp").partition(":")
        if at == step and what == "die":
            raise ConnectionError
        if at == step and what == "hang":
            time.sleep(600)
        if at == step:
            line = what + " as you wish"
        self.log("< " + line)
        self.wfile.write(line.encode() + b"\r\n")
        return not (at == step)

    def handle(self):
        try:
            self.talk()
        except (OSError, ConnectionError):
            self.log("died")

    def talk(self):
        self.say("greet", "220 letterbox")
        while line := self.rfile.readline():
            words = line.decode("ascii").strip()
            verb = words.split(" ")[0].upper()
            self.log("> " + words)
            if verb == "EHLO":
                if cert and not isinstance(self.connection, ssl.SSLSocket):
                    self.wfile.write(b"250-letterbox\r\n")
                    self.say("ehlo", "250 STARTTLS")
                else:
                    self.say("ehlo", "250 letterbox")
            elif verb == "STARTTLS":
                self.wfile.write(b"220 go on\r\n")
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(*cert)
                self.connection = context.wrap_socket(self.connection, server_side=True)
                self.rfile = self.connection.makefile("rb")
                self.wfile = self.connection.makefile("wb", buffering=0)
            elif verb == "DATA":
                if not self.say("data", "354 go on"):
                    continue
                body = b""
                while (line := self.rfile.readline()) and line != b".\r\n":
                    body += line
                if not line:
                    raise ConnectionError
                at, _, what = mode("smtp").partition(":")
                if at != "body" or not what.isdigit():
                    keep("mail", {".eml": body})
                self.say("body", "250 kept")
            elif verb == "QUIT":
                self.say("quit", "221 bye")
                return
            else:
                self.say(verb.lower(), "250 well")


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        keep("hook", {".json": data, ".headers": str(self.headers).encode()})
        what = mode("hook")
        if what == "late":
            time.sleep(3)
        if what == "never":
            time.sleep(600)
        if what == "redirect":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:%d/elsewhere" % hook.server_address[1])
        else:
            self.send_response(int(what) if what.isdigit() else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


class Threads(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True


mail = Threads(("127.0.0.1", 0), Mail)
hook = Threads(("127.0.0.1", 0), Hook)
for name, server in (("smtp", mail), ("hook", hook)):
    path = os.path.join(folder, name + ".port")
    with open(path + ".new", "w") as f:
        f.write(str(server.server_address[1]))
    os.rename(path + ".new", path)
threading.Thread(target=mail.serve_forever, daemon=True).start()
hook.serve_forever()
