"""Runs of uptake, and a receiver of OTLP that answers as it is told."""

import gzip
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

UPTAKE = os.environ["UPTAKE"]
SECRET = "correct-horse"


def environment(**more):
    """This environment without what speaks to uptake, and without proxies."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("UPTAKE_", "OTEL_")) and not name.lower().endswith("_proxy")
    }
    kept.pop("CI", None)
    return kept | more


def start(*arguments, **more):
    """A load run, started."""
    command = [UPTAKE, "load", "--allow-saturated", *arguments]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(**more)
    )


class Run:
    """A load run that has ended: its output, its report, and what it took."""

    def __init__(self, *arguments, **more):
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            began = time.monotonic()
            child = start(*arguments, "--report", f"json={report}", **more)
            self.stdout, self.stderr = child.communicate(timeout=90)
            self.seconds = time.monotonic() - began
            self.code = child.returncode
            self.text = report.read_text() if report.exists() else ""
            self.report = json.loads(self.text) if self.text else None


class Server(ThreadingHTTPServer):
    """A server on a free port, which keeps quiet about handshakes that its clients give up."""

    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ssl.SSLError):
            super().handle_error(request, client_address)


class Receiver:
    """
    A receiver of OTLP. It answers with a status, rejects data points, or never answers; with a certificate it speaks TLS.
    """

    def __init__(self, status=200, rejected=0, hangs=False, certificate=None):
        self.requests = []
        self.headers = []
        self.paths = []
        self.asked = threading.Event()
        self.released = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            """One connection."""

            protocol_version = "HTTP/1.1"

            def do_POST(self):
                """A push."""
                if self.headers["transfer-encoding"]:
                    body = b"".join(self.chunks())
                else:
                    body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers["content-encoding"] == "gzip":
                    body = gzip.decompress(body)
                receiver.headers.append(self.headers)
                receiver.paths.append(self.path)
                receiver.requests.append(ExportMetricsServiceRequest.FromString(body))
                receiver.asked.set()
                if hangs:
                    receiver.released.wait()
                    return
                answer = ExportMetricsServiceResponse()
                answer.partial_success.rejected_data_points = rejected
                answer = answer.SerializeToString()
                self.send_response(status)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def chunks(self):
                """The chunks of a body, without their sizes."""
                while size := int(self.rfile.readline(), 16):
                    yield self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()

            def log_message(self, *_):
                """Says nothing."""

        self.server = Server(Handler)
        self.port = self.server.server_port
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


def attributes(owner):
    """Attributes by name."""
    return {pair.key: pair.value.string_value for pair in owner.attributes}


def metrics(request):
    """The metrics of a push by name."""
    (resource,) = request.resource_metrics
    (scope,) = resource.scope_metrics
    return {metric.name: metric for metric in scope.metrics}


class Tunnel:
    """A proxy that accepts CONNECT alone, and leads every tunnel to one port of this machine, whatever host was asked for."""

    def __init__(self, port):
        self.hosts = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            """One connection."""

            def do_CONNECT(self):
                """A tunnel, until either side closes it."""
                proxy.hosts.append(self.path)
                with socket.create_connection(("127.0.0.1", port)) as behind:
                    self.send_response(200)
                    self.end_headers()
                    back = threading.Thread(target=copy, args=(behind, self.connection), daemon=True)
                    back.start()
                    copy(self.connection, behind)
                    back.join()

            def log_message(self, *_):
                """Says nothing."""

        self.server = Server(Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def copy(source, sink):
    """Copies bytes until the source ends."""
    try:
        while part := source.recv(65536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass
