"""What more uploaders cost: processor time an upload, and memory."""

from .processes import Server
from .rows import MIB, Row
from .tools import load

UPLOADERS = [1, 8, 64, 512, 4096]


def growth(cores, seconds):
    """Rows of uploaders, uploads a second, microseconds of processor time an upload, and MiB resident."""
    rows = []
    for uploaders in UPLOADERS:
        row = Row("growth", "", uploaders, 64 * 1024)
        with Server(cores[0]) as server:
            options = ["--uploaders", str(uploaders), "--size", str(row.size), "--duration", f"{seconds}s", "--threads", "1"]
            run, peak, spent = load(cores[1], row, server.url, options)
        summary = run["summary"]
        rows.append((uploaders, summary["uploads_per_second"], spent / summary["uploads"] * 1e6, peak / MIB))
    return rows


def crowd(cores):
    """64 files of 1 GiB at once: goodput in MiB a second, and MiB resident."""
    row = Row("crowd", "", 64, 1024 * MIB)
    with Server(cores[0]) as server:
        options = ["--uploaders", "64", "--uploads", "64", "--size", "1GiB", "--segment", "50MiB"]
        run, peak, _ = load(cores[1], row, server.url, options)
    return run["summary"]["goodput_bytes_per_second"] / MIB, peak / MIB
