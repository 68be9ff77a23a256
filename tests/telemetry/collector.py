"""An OpenTelemetry collector that others wrote: it receives OTLP, and exports what it understood."""

import os
import subprocess
import time
from pathlib import Path

COLLECTOR = os.environ["COLLECTOR"]
LISTEN = "0A"


def listening(pid, address):
    """The port on which a process listens at an IPv4 address of loopback, read from the kernel; None while there is none."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(link)
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[len("socket:[") : -1])
    wanted = "".join(f"{int(part):02X}" for part in reversed(address.split(".")))
    for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        _, local, _, state, _, _, _, _, _, inode, *_ = line.split()
        host, port = local.split(":")
        if state == LISTEN and host == wanted and inode in inodes:
            return int(port, 16)
    return None


class Collector:
    """Rotel, which receives OTLP over HTTP and exports it, decoded and encoded again, to another receiver."""

    # The two addresses differ, since it takes no two receivers with one address and port 0.
    HTTP, GRPC = "127.0.0.1", "127.0.0.2"

    def __init__(self, to):
        self.child = subprocess.Popen(
            [
                COLLECTOR, "start",
                "--otlp-http-endpoint", f"{self.HTTP}:0", "--otlp-grpc-endpoint", f"{self.GRPC}:0",
                "--exporter", "otlp", "--otlp-exporter-protocol", "http", "--otlp-exporter-endpoint", to,
                "--batch-timeout", "100ms",
            ],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        self.url = None

    def __enter__(self):
        last = time.monotonic() + 30
        while (port := listening(self.child.pid, self.HTTP)) is None:
            if self.child.poll() is not None or time.monotonic() > last:
                raise AssertionError(f"the collector does not listen: {self.stop()}")
            time.sleep(0.02)
        self.url = f"http://{self.HTTP}:{port}"
        return self

    def stop(self):
        """Ends it, after it has exported what it holds; its log."""
        self.child.terminate()
        return self.child.communicate(timeout=30)[0]

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.stop()
