"""A passage to MiniStack over plain HTTP on the loopback, which notes each request.

The functions and the tool reach AWS by one passage. A second one is the address of the
API: it gives MiniStack the host name that the API has in the stack.
"""

import http.server
import threading
from dataclasses import dataclass

# Headers of one connection only.
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass
class Noted:
    """A request that went through, with its answer's status."""

    method: str
    path: str
    headers: dict
    body: bytes
    status: int
    answer: bytes


class Passage:
    """Serves on 127.0.0.1, from now on, at `url`. `host` is the host that MiniStack is asked
    for, if it is not the caller's own."""

    def __init__(self):
        self.noted, self.cloud, self.host = [], None, None
        passage = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def carry(self):
                passage.carry(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_HEAD = carry

            def log_message(self, *_):
                """Nothing is logged: the requests are noted."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def carry(self, handler):
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        sent = {name: value for name, value in headers.items() if name not in HOP}
        if self.host:
            sent["host"] = self.host
        connection = self.cloud.connect()
        try:
            connection.request(handler.command, handler.path, body or None, sent)
            response = connection.getresponse()
            answer = response.read()
            handler.send_response(response.status)
            for name, value in response.getheaders():
                if name.lower() not in HOP | {"date", "server"}:
                    handler.send_header(name, value)
            handler.send_header("content-length", str(len(answer)))
            handler.end_headers()
            if handler.command != "HEAD":
                handler.wfile.write(answer)
        finally:
            connection.close()
        self.noted.append(Noted(handler.command, handler.path, headers, body,
                                response.status, answer))

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
