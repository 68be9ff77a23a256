"""Starts a server that others wrote on a free port of loopback, with an empty bucket where it has buckets, and prints the URL that the suite begins at.

    python start.py NAME [PORT]

It ends with its standard input, and by SIGTERM. The binary of s3s-fs, a crate, must be in PATH.
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

BUCKET = "uptake"
BIN = pathlib.Path(sys.executable).parent
HERE = pathlib.Path(__file__).parent
MAX_SIZE = 64 << 20


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def moto(port, _):
    return [sys.executable, HERE / "moto_bucket.py", BUCKET, "-H", "127.0.0.1", "-p", str(port)], f"/{BUCKET}"


def rclone(port, folder):
    (folder / BUCKET).mkdir()
    key = f"{os.environ['S3_ACCESS_KEY']},{os.environ['S3_SECRET_KEY']}"
    command = [BIN / "rclone", "serve", "s3", "--config", os.devnull, "--addr", f"127.0.0.1:{port}"]
    return [*command, "--auth-key", key, "--vfs-cache-mode", "off", folder], f"/{BUCKET}"


def gcp_storage_emulator(port, _):
    command = [BIN / "gcp-storage-emulator", "start", "--host", "127.0.0.1", "--port", str(port)]
    return [*command, "--in-memory", "--default-bucket", BUCKET], ""


def resumable_upload(port, folder):
    command = [BIN / "resumable-upload", "serve", "--host", "127.0.0.1", "--port", str(port)]
    store = ["--upload-dir", folder / "uploads", "--db-path", folder / "uploads.db"]
    return [*command, *store, "--max-size", str(MAX_SIZE), "--upload-expiry", "3600", "--log-level", "ERROR"], ""


def asgi(name):
    def command(port, folder):
        os.environ["UPLOADS"] = str(folder)
        return [BIN / "uvicorn", "--factory", f"asgi:{name}", "--port", str(port), "--log-level", "error", "--app-dir", HERE], ""

    return command


def s3rver(port, folder):
    command = ["node", HERE / "node_modules/s3rver/bin/s3rver.js", "--address", "127.0.0.1", "--port", str(port)]
    return [*command, "--directory", folder, "--configure-bucket", BUCKET, "--silent"], f"/{BUCKET}"


def s3s_fs(port, folder):
    (folder / BUCKET).mkdir()
    keys = ["--access-key", os.environ["S3_ACCESS_KEY"], "--secret-key", os.environ["S3_SECRET_KEY"]]
    return ["s3s-fs", "--host", "127.0.0.1", "--port", str(port), *keys, folder], f"/{BUCKET}"


SERVERS = {
    "gcp-storage-emulator": gcp_storage_emulator,
    "moto": moto,
    "rclone": rclone,
    "resumable-upload": resumable_upload,
    "s3rver": s3rver,
    "s3s-fs": s3s_fs,
    "tuspyserver": asgi("tuspyserver"),
    "tussi": asgi("tussi"),
}


def answers(url):
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except urllib.error.HTTPError:
        pass
    except OSError:
        return False
    return True


def main():
    name = sys.argv[1]
    port = int(sys.argv[2]) if len(sys.argv) > 2 else free_port()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory() as folder:
        command, path = SERVERS[name](port, pathlib.Path(folder))
        server = subprocess.Popen(command, stdout=sys.stderr, stdin=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}{path}"
            deadline = time.monotonic() + 30
            while not answers(url):
                if server.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"{name} did not start")
                time.sleep(0.1)
            print(url, flush=True)
            sys.stdin.read()
        finally:
            server.terminate()
            try:
                server.wait(3)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


main()
