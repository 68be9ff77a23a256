#!/usr/bin/env python3
"""Compares `uptake load` with oha and wrk, pair by pair, against a server that only drains.

    benches/load_peers.py [--rounds 5] [--seconds 5] [--only segments,small,crowd]

Server and client are each pinned to a core of their own. Every round runs all tools one after another, so that whatever else
the machine does hits them alike; what counts is the median of the rounds, and the median of the ratios of each round. It needs
Linux, taskset (util-linux), and whichever of oha (`cargo install oha --locked`) and wrk are to be compared.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
MIB = 1 << 20
BOUNDARY = "uptake-0123456789abcdef"


def build():
    command = ["cargo", "build", "--release", "--locked", "--bin", "uptake", "--example", "drain"]
    subprocess.run(command, cwd=ROOT, check=True)


def body(size):
    """The form that uptake sends, with as many bytes of a file."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="load.mp4"\r\n'
        "Content-Type: video/mp4\r\n\r\n"
    )
    return head.encode() + os.urandom(size) + f"\r\n--{BOUNDARY}--\r\n".encode()


class Server:
    def __init__(self, core):
        command = ["taskset", "-c", str(core), os.path.join(TARGET, "release/examples/drain")]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def measured(core, command):
    """Runs a command on a core: what it printed, the most memory that was resident, and its processor time."""
    out = tempfile.TemporaryFile("w+")
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


def uptake(core, url, seconds, connections, size):
    command = [
        os.path.join(TARGET, "release/uptake"), "load", "--target", url, "--upload-token", "anything",
        "--uploaders", str(connections), "--size", str(size), "--duration", f"{seconds}s", "--report", "json=-",
    ]
    out, peak, spent = measured(core, command)
    summary = json.loads(out[out.index("{"):])["summary"]
    if summary["errors"]:
        sys.exit(f"uptake: {summary['errors']} errors")
    return summary["uploads_per_second"], spent / summary["uploads"], peak


def oha(core, url, seconds, connections, size):
    with tempfile.NamedTemporaryFile() as file:
        file.write(body(size))
        file.flush()
        command = [
            "oha", "--no-tui", "--output-format", "json", "-z", f"{seconds}s", "-c", str(connections), "-m", "POST",
            "-T", f"multipart/form-data; boundary={BOUNDARY}", "-D", file.name, f"{url}/upload?token=anything",
        ]
        out, peak, spent = measured(core, command)
    result = json.loads(out)
    number = sum(result["statusCodeDistribution"].values())
    return result["summary"]["requestsPerSec"], spent / number, peak


def wrk(core, url, seconds, connections, size):
    with tempfile.NamedTemporaryFile() as file, tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        file.write(body(size))
        file.flush()
        script.write(
            f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "multipart/form-data; boundary={BOUNDARY}"\n'
            f'local file = io.open("{file.name}", "rb")\nwrk.body = file:read("*a")\nfile:close()\n'
        )
        script.flush()
        command = [
            "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script.name, "--timeout", "10s",
            f"{url}/upload?token=anything",
        ]
        out, peak, spent = measured(core, command)
    number = int(re.search(r"(\d+) requests in", out).group(1))
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), spent / number, peak


TOOLS = {"uptake": uptake, "oha": oha, "wrk": wrk}


def compare(name, connections, size, arguments, cores, shown):
    there = [tool for tool in TOOLS if tool == "uptake" or shutil.which(tool)]
    rates, costs, peaks = {tool: [] for tool in there}, {tool: [] for tool in there}, {tool: 0 for tool in there}
    server = Server(cores[0])
    try:
        for _ in range(arguments.rounds):
            for tool in there:
                rate, cost, peak = TOOLS[tool](cores[1], server.url, arguments.seconds, connections, size)
                rates[tool].append(rate)
                costs[tool].append(cost)
                peaks[tool] = max(peaks[tool], peak)
    finally:
        server.stop()
    print(f"\n{name}: {connections} connections, medians of {arguments.rounds} rounds of {arguments.seconds} s")
    for tool in there:
        ratios = [mine / theirs for mine, theirs in zip(rates["uptake"], rates[tool])]
        ratio = "" if tool == "uptake" else f"  uptake does {statistics.median(ratios):.2f} times as much"
        median = shown(statistics.median(rates[tool]))
        spread = f"{shown(min(rates[tool]))} to {shown(max(rates[tool]))}"
        cost = statistics.median(costs[tool]) * 1e6
        print(f"  {tool:7} {median:>16}  ({spread})  {cost:8.1f} us of processor each  {peaks[tool] / MIB:5.1f} MiB resident{ratio}")


def crowd(arguments, cores):
    server = Server(cores[0])
    try:
        command = [
            os.path.join(TARGET, "release/uptake"), "load", "--target", server.url, "--upload-token", "anything",
            "--uploaders", "64", "--uploads", "64", "--size", "1GiB", "--segment", "50MiB", "--report", "json=-",
        ]
        out, peak, _ = measured(cores[1], command)
    finally:
        server.stop()
    run = json.loads(out[out.index("{"):])
    summary = run["summary"]
    print(
        f"\n64 uploaders, files of 1 GiB in segments of 50 MiB: {summary['uploads']} uploads, {summary['errors']} errors, "
        f"{summary['goodput_bytes_per_second'] / MIB:.0f} MiB/s, {max(peak, run['generator']['resident_bytes']) / MIB:.1f} MiB resident"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--only", default="segments,small,crowd")
    parser.add_argument("--no-build", action="store_true", help="measure the binaries that are there")
    arguments = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        sys.exit("two cores are needed: one for the server, one for the client")
    if not arguments.no_build:
        build()
    only = arguments.only.split(",")
    if "segments" in only:
        compare("5 MiB multipart segments", 8, 5 * MIB, arguments, cores, lambda rate: f"{rate * 5:.0f} MiB/s")
    if "small" in only:
        compare("1 KiB uploads", 32, 1024, arguments, cores, lambda rate: f"{rate:.0f} requests/s")
    if "crowd" in only:
        crowd(arguments, cores)


if __name__ == "__main__":
    main()
