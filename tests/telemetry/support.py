"""Runs of uptake, and a receiver of OTLP that answers as it is told."""

import json
import os
import subprocess
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
    """This environment without what speaks to uptake."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("UPTAKE_", "OTEL_"))}
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


class Receiver:
    """A receiver of OTLP. It answers with a status, rejects data points, or never answers."""

    def __init__(self, status=200, rejected=0, hangs=False):
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
                body = self.rfile.read(int(self.headers["content-length"]))
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

            def log_message(self, *_):
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
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
