"""A small fake of the Docker API, on a socket: its containers are processes of `fake_server`."""

import json
import re
import socketserver
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from fake_service import SCRIPT
from ports import free_port


class Engine:
    """What the engine has and did: `images` it has, `containers` by id, and the bodies by which they were `created`."""

    def __init__(self, folder, images=("fake:1",), behaviour="well"):
        self.folder = folder
        self.images = images
        self.behaviour = behaviour
        self.created = {}
        self.processes = {}
        self.ports = {}
        self.asked = []

    def answer(self, method, path, query, body):  # noqa: PLR0911  (one answer for each question)
        self.asked.append(f"{method} {path}")
        if path == "/_ping":
            return 200, "OK"
        if path == "/version":
            return 200, {"ApiVersion": "1.44", "MinAPIVersion": "1.24", "Version": "27.0"}
        if found := re.fullmatch(r"/images/(.+)/json", path):
            if found[1] in self.images:
                return 200, {"Id": "sha256:1", "RepoTags": [found[1]]}
            return 404, {"message": f"No such image: {found[1]}"}
        if path == "/images/create":
            return 404, {"message": "pull access denied for " + query["fromImage"][0]}
        if path == "/containers/create":
            name = f"{len(self.asked):064x}"
            self.created[name] = body
            return 201, {"Id": name, "Warnings": []}
        if path == "/containers/json":
            return 200, self.listed(json.loads(query["filters"][0]))
        if found := re.fullmatch(r"/containers/([0-9a-f]{64})(/\w+)?", path):
            return self.container(method, found[1], found[2])
        return 404, {"message": f"the fake knows no {path}"}

    def listed(self, filters):
        if "id" in filters:
            return [{"Id": name} for name in self.created if name in filters["id"]]
        [label] = filters["label"]
        key, _, value = label.partition("=")
        return [{"Id": name} for name, made in self.created.items() if made["Labels"].get(key) == value]

    def container(self, method, name, what):
        if name not in self.created:
            return 404, {"message": f"No such container: {name}"}
        if method == "DELETE":
            self.end(name)
            del self.created[name]
            return 204, None
        if what == "/start":
            self.start(name)
            return 204, None
        if what == "/logs":
            return 200, framed((self.folder / f"{name}.log").read_bytes())
        process = self.processes.get(name)
        running = process is not None and process.poll() is None
        status = "created" if process is None else "running" if running else "exited"
        return 200, {
            "Id": name,
            "Created": "2026-01-01T00:00:00Z",
            "State": {"Status": status, "Running": running},
            "Config": {"Labels": self.created[name]["Labels"], "Tty": False},
            "HostConfig": {},
            "NetworkSettings": {
                "Ports": {"7/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(self.ports.get(name, 0))}]}
            },
        }

    def start(self, name):
        self.ports[name] = free_port()
        [password] = [
            each.partition("=")[2] for each in self.created[name]["Env"] if each.startswith("FAKE_PASSWORD")
        ]
        data = self.folder / name
        (data / "databases").mkdir(parents=True)
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, SCRIPT, data, str(self.ports[name]), password, self.behaviour],
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def end(self, name):
        process = self.processes.pop(name, None)
        if process is not None:
            process.kill()
            process.wait()


def framed(said):
    """As the API sends what a container says on its standard output."""
    return b"\1\0\0\0" + len(said).to_bytes(4, "big") + said


@contextmanager
def serving(engine, path):
    """Answer for the engine at a socket of this path."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self):
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"null") if length else None
            place = re.sub(r"^/v[\d.]+", "", parts.path)
            code, said = engine.answer(self.command, place, parse_qs(parts.query), body)
            sent = said if isinstance(said, bytes) else b"" if said is None else json.dumps(said).encode()
            self.send_response(code)
            kind = "application/vnd.docker.raw-stream" if isinstance(said, bytes) else "application/json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_DELETE = do_HEAD = handle_any  # noqa: N815  (as http.server calls them)

        def log_message(self, *_):
            pass

        def address_string(self):
            return "socket"

    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True

        def handle_error(self, request, client_address):
            """Who asked an engine that is slow may have gone meanwhile."""
            if not isinstance(sys.exception(), ConnectionError):
                super().handle_error(request, client_address)

    with Server(str(path), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield engine
        finally:
            server.shutdown()
            thread.join()
            for name in list(engine.processes):
                engine.end(name)
