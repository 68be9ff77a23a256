"""Starts a server that others wrote on a free port of loopback, with an empty bucket where it has buckets, and prints the URL that the suite begins at.

    python start.py moto|rclone|gcs-emulator|resumable-upload

It ends with its standard input.
"""

import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

BUCKET = "uptake"
BIN = pathlib.Path(sys.executable).parent


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def moto(port, _):
    return [BIN / "moto_server", "-H", "127.0.0.1", "-p", str(port)], f"/{BUCKET}"


def rclone(port, folder):
    (folder / BUCKET).mkdir()
    key = f"{os.environ['S3_ACCESS_KEY']},{os.environ['S3_SECRET_KEY']}"
    command = [BIN / "rclone", "serve", "s3", "--config", os.devnull, "--addr", f"127.0.0.1:{port}"]
    return [*command, "--auth-key", key, "--vfs-cache-mode", "off", folder], f"/{BUCKET}"


def gcs_emulator(port, _):
    command = [BIN / "gcp-storage-emulator", "start", "--host", "127.0.0.1", "--port", str(port)]
    return [*command, "--in-memory", "--default-bucket", BUCKET], ""


def resumable_upload(port, folder):
    command = [BIN / "resumable-upload", "serve", "--host", "127.0.0.1", "--port", str(port)]
    store = ["--upload-dir", folder / "uploads", "--db-path", folder / "uploads.db"]
    return [*command, *store, "--max-size", str(64 << 20), "--upload-expiry", "3600", "--log-level", "ERROR"], ""


def answers(url, method):
    try:
        urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=2).close()
    except urllib.error.HTTPError:
        pass
    except OSError:
        return False
    return True


def main():
    servers = {"moto": moto, "rclone": rclone, "gcs-emulator": gcs_emulator, "resumable-upload": resumable_upload}
    start = servers[sys.argv[1]]
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command, path = start(port, pathlib.Path(folder))
        server = subprocess.Popen(command, stdout=sys.stderr, stdin=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            deadline = time.monotonic() + 30
            # moto makes the bucket by this request; the others have it.
            while not answers(url + path, "PUT" if start is moto else "GET"):
                if server.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"{sys.argv[1]} did not start")
                time.sleep(0.1)
            print(url + path, flush=True)
            sys.stdin.read()
        finally:
            server.terminate()
            server.wait(10)


main()
