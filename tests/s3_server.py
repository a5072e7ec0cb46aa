"""An S3 on the loopback, whose requests can be seen, and a line to it that can be bad."""

from __future__ import annotations

import contextlib
import logging
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import get_canned_acl, s3_backends
from werkzeug.serving import make_server

from cloudtrail_mfa import S3

_ACCOUNT = "123456789012"  # moto's own


@dataclass
class Trouble:
    """What is answered instead, to requests that look so, how many times."""

    pattern: str
    status: int
    code: str
    times: int

    @property
    def archived(self) -> bool:
        """Whether S3 has to be asked to restore it."""
        return self.code == "InvalidObjectState"


@dataclass
class Server:
    """An S3; what it was asked, as ``GET /bucket/key?query``, by which access key, and who pays for it."""

    requests: list[str] = field(default_factory=list)
    signers: list[str] = field(default_factory=list)
    payers: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    before: Callable[[str], None] | None = None
    buckets: int = 0
    port: int = 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request, as WSGI has it."""
        query = environ["QUERY_STRING"]
        asked = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}" + (f"?{query}" * bool(query))
        signed = re.search(r"Credential=(\w+)", environ.get("HTTP_AUTHORIZATION", ""))
        self.requests.append(asked)
        self.signers.append(signed[1] if signed else "nobody")
        self.payers.append(environ.get("HTTP_X_AMZ_REQUEST_PAYER", "the owner"))
        if self.before:
            self.before(asked)
        for trouble in self.troubles:
            if trouble.times and re.search(trouble.pattern, asked):
                trouble.times -= 1
                return _refuse(trouble, start)
        answer: Iterable[bytes] = _S3(environ, start)
        return answer

    def trouble(self, pattern: str, status: int, code: str = "", times: int = 1 << 30) -> None:
        """Answer requests that look so with an error."""
        self.troubles.append(Trouble(pattern, status, code, times))

    def listed(self) -> list[str]:
        """Return the prefixes that were listed."""
        found = (re.search(r"prefix=([^&]*)", asked) for asked in self.requests)
        return [match[1].replace("%2F", "/") for match in found if match]


@dataclass(frozen=True)
class Bucket:
    """A bucket of the server's, of its own for each test."""

    name: str
    server: Server

    @property
    def s3(self) -> S3:
        """How it is reached."""
        return S3(endpoint=f"http://127.0.0.1:{self.server.port}")

    def url(self, key: str = "") -> str:
        """Return a place in it."""
        return f"s3://{self.name}/{key}"

    def put(self, key: str, body: bytes = b"{}") -> str:
        """Put an object; return its place."""
        s3_backends[_ACCOUNT]["aws"].put_object(self.name, key, body)
        return self.url(key)

    def publish(self, key: str) -> None:
        """Let everybody read an object."""
        backend = s3_backends[_ACCOUNT]["aws"]
        found = backend.get_object(self.name, key)
        assert found is not None
        found.set_acl(get_canned_acl("public-read"))

    def remove(self, key: str) -> None:
        """Remove an object."""
        s3_backends[_ACCOUNT]["aws"].delete_object(self.name, key)


def _refuse(trouble: Trouble, start: Callable[..., Any]) -> list[bytes]:
    words = "The operation is not valid for the object's storage class" * trouble.archived or "no"
    body = f"<Error><Code>{trouble.code}</Code><Message>{words}</Message></Error>".encode()
    start(f"{trouble.status} No", [("Content-Length", str(len(body)))])
    return [body]


_S3 = DomainDispatcherApplication(create_backend_app)


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """Run a server, in threads of this process."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = Server()
    http = make_server("127.0.0.1", 0, server, threaded=True)
    server.port = http.server_port
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def new_bucket(server: Server) -> Bucket:
    """Return an empty bucket, and forget what was asked before."""
    server.requests.clear()
    server.signers.clear()
    server.payers.clear()
    server.troubles.clear()
    server.before = None
    server.buckets += 1
    name = f"example-trail-{server.buckets}"
    s3_backends[_ACCOUNT]["aws"].create_bucket(name, "us-east-1")
    return Bucket(name, server)


class Line:
    """A line to the server that breaks: each connection as the next of `breaks` says.

    ``reset`` cuts it before anything is answered, ``truncate`` in the middle of the answer; when
    there is no more, it holds.
    """

    def __init__(self, server: Server, *breaks: str) -> None:
        self._server = server
        self._breaks = list(breaks)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.s3 = S3(endpoint=f"http://127.0.0.1:{self._listening.getsockname()[1]}")
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    @property
    def broken(self) -> bool:
        """Whether it broke as often as it was to."""
        return not self._breaks

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._carry, args=(connection,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", self._server.port)) as far:
            while request := _until_blank_line(near):
                far.sendall(request)
                how = self._breaks.pop(0) if self._breaks and b"GET " in request[:4] else ""
                if how == "reset":
                    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                if not self._answer(near, far, request, cut=how == "truncate"):
                    return

    @staticmethod
    def _answer(near: socket.socket, far: socket.socket, request: bytes, *, cut: bool) -> bool:
        head = _until_blank_line(far)
        near.sendall(head)
        length = re.search(rb"(?i)content-length: (\d+)", head)
        left = int(length[1]) if length and not request.startswith(b"HEAD") else 0
        left -= left // 2 * cut
        while left:
            some = far.recv(min(left, 1 << 16))
            near.sendall(some)
            left -= len(some)
        return not cut


def _until_blank_line(connection: socket.socket) -> bytes:
    read = b""
    with contextlib.suppress(OSError):
        while not read.endswith(b"\r\n\r\n") and (one := connection.recv(1)):
            read += one
    return read
