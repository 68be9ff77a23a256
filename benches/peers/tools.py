"""The tools side by side. Each sends the same form, and returns requests a second, processor seconds for each, and resident bytes."""

import json
import os
import re
import shutil
import sys
import tempfile

from .form import BOUNDARY, HEAD, TAIL
from .processes import HERE, binary, measured


def body(size):
    return HEAD + os.urandom(size) + TAIL


def load(core, row, url, options):
    """The JSON result of `uptake load`, its resident bytes and its processor seconds."""
    command = [binary("uptake"), "load", "--target", url, "--upload-token", "anything", "--report", "json=-", *options]
    if row.tls:
        command.append("--insecure")
    if row.http2:
        command.append("--http2")
    out, peak, spent = measured(core, command)
    run = json.loads(out[out.index("{"):])
    if run["summary"]["errors"]:
        sys.exit(f"uptake: {run['summary']['errors']} errors")
    return run, max(peak, run["generator"]["resident_bytes"]), spent


def uptake(core, row, url, seconds):
    options = ["--uploaders", str(row.connections), "--size", str(row.size), "--duration", f"{seconds}s", "--threads", "1"]
    run, peak, spent = load(core, row, url, options)
    return run["summary"]["uploads_per_second"], spent / run["summary"]["uploads"], peak


def oha(core, row, url, seconds):
    # Over HTTP/2 uptake shares a connection too.
    connections = ["-c", "1", "-p", str(row.connections), "--http2"] if row.http2 else ["-c", str(row.connections)]
    with tempfile.NamedTemporaryFile() as file:
        file.write(body(row.size))
        file.flush()
        command = [
            "oha", "--no-tui", "--output-format", "json", "-z", f"{seconds}s", *connections, "-m", "POST", "--insecure",
            "-T", f"multipart/form-data; boundary={BOUNDARY}", "-D", file.name, f"{url}/upload?token=anything",
        ]
        out, peak, spent = measured(core, command)
    result = json.loads(out)
    number = sum(result["statusCodeDistribution"].values())
    return result["summary"]["requestsPerSec"], spent / number, peak


def wrk(core, row, url, seconds):
    with tempfile.NamedTemporaryFile() as file, tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        file.write(body(row.size))
        file.flush()
        script.write(
            f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "multipart/form-data; boundary={BOUNDARY}"\n'
            f'local file = io.open("{file.name}", "rb")\nwrk.body = file:read("*a")\nfile:close()\n'
        )
        script.flush()
        command = [
            "wrk", "-t1", f"-c{row.connections}", f"-d{seconds}s", "-s", script.name, "--timeout", "10s",
            f"{url}/upload?token=anything",
        ]
        out, peak, spent = measured(core, command)
    number = int(re.search(r"(\d+) requests in", out).group(1))
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), spent / number, peak


def bare(core, row, url, seconds):
    command = [sys.executable, os.path.join(HERE, "bare.py"), url, str(row.connections), str(row.size), str(seconds)]
    out, peak, spent = measured(core, command)
    number, took = out.split()
    return int(number) / float(took), spent / int(number), peak


TOOLS = {"uptake": uptake, "oha": oha, "wrk": wrk, "bare loop": bare}


def present(row):
    """The tools that can send the row and are there."""
    there = ["uptake"]
    if shutil.which("oha"):
        there.append("oha")
    if shutil.which("wrk") and not row.http2:
        there.append("wrk")
    # A loop in Python keeps up where the kernel does the work, which takes large segments.
    if not row.tls and not row.http2 and row.size >= 1 << 20:
        there.append("bare loop")
    return there
