"""A server of HTTP on loopback that has one answer for everybody."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server:
    """A server on loopback that gives each request the same answer, and keeps what it was asked."""

    def __init__(self, status=200, body=b"<ListAllMyBucketsResult/>"):
        self.asked = asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked.append(dict(self.headers))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, who="key:secret@", options=""):
        return f"http://{who}127.0.0.1:{self.port}/{options}"


def refusal(code, status):
    """What a server of S3 answers that refuses."""
    return status, f"<Error><Code>{code}</Code><Message>so it is</Message></Error>".encode()
