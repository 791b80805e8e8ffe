"""A server for tests of the machinery: `fake_server.py DATA PORT PASSWORD BEHAVIOUR`.

A client says the password in one line, then one command: `hello`, `pid`, `list`, `create NAME`, `drop NAME`. Databases are
files in DATA. It waits before it listens (`slow`), ends at once (`die`), or accepts and says nothing (`mute`).
"""

import os
import socketserver
import sys
import time
from pathlib import Path

DATA, PORT, PASSWORD, BEHAVIOUR = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        if BEHAVIOUR == "mute":
            self.rfile.read()
            return
        if self.rfile.readline().decode().strip() != PASSWORD:
            self.say("wrong password")
            return
        command, _, name = self.rfile.readline().decode().strip().partition(" ")
        match command:
            case "hello":
                self.say("Fake 1.0")
            case "pid":
                self.say(os.getpid())
            case "list":
                self.say(" ".join(sorted(path.name for path in (DATA / "databases").iterdir())))
            case "create":
                (DATA / "databases" / name).touch(exist_ok=False)
                self.say("ok")
            case "drop":
                (DATA / "databases" / name).unlink(missing_ok=True)
                self.say("ok")

    def say(self, what):
        self.wfile.write(f"{what}\n".encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


sys.stdout.write("starting\n")
sys.stdout.flush()
if BEHAVIOUR == "die":
    sys.stdout.writelines(f"line {number}\n" for number in range(60))
    sys.exit(3)
if BEHAVIOUR == "slow":
    time.sleep(0.3)
if not (DATA / "databases").is_dir():
    sys.exit("these data were not initialised")
with Server(("127.0.0.1", PORT), Handler) as server:
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    server.serve_forever()
