"""Processes that are pinned to a core: the server, and the tools that are measured."""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))


def build():
    command = ["cargo", "build", "--release", "--locked", "--bin", "uptake", "--example", "drain", "--example", "cipher"]
    subprocess.run(command, cwd=ROOT, check=True)


def binary(name):
    return os.path.join(TARGET, "release", name)


class Server:
    """examples/drain.rs with some of its flags."""

    def __init__(self, core, flags=()):
        command = ["taskset", "-c", str(core), binary("examples/drain"), *flags]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def measured(core, command):
    """Runs a command on a core: what it printed, its largest resident memory in bytes, and its processor time in seconds."""
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(["taskset", "-c", str(core), *command], stdout=out, stderr=out)
        peak, over = [0], threading.Event()

        def watch():
            while not over.is_set():
                try:
                    with open(f"/proc/{process.pid}/status") as status:
                        found = re.search(r"VmHWM:\s+(\d+) kB", status.read())
                    if found:
                        peak[0] = max(peak[0], int(found.group(1)) * 1024)
                except OSError:
                    pass
                time.sleep(0.05)

        watcher = threading.Thread(target=watch)
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        over.set()
        watcher.join()
        out.seek(0)
        text = out.read()
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}\nexit code {process.returncode}\n{text}")
    return text, peak[0], usage.ru_utime + usage.ru_stime
