#!/usr/bin/env python3
"""Compares `uptake load` with oha and wrk, row by row, against a server that only drains.

    benches/load_peers.py [--rounds 5] [--seconds 5] [--only segments,tls] [--json FILE] [--markdown FILE]

Server and client are each pinned to a core of their own. Every round runs all tools one after another, so that whatever else the
machine does hits them alike; what counts is the median of the rounds, and the median of the ratios of each round. Large segments over
plain TCP are compared with a bare loop of `sendfile` too, and those over TLS with the rate of the cipher alone: nothing can be faster.
It needs Linux, taskset (util-linux), and whichever of oha (`cargo install oha --locked`) and wrk are to be compared.
"""

import argparse
import json
import os
import statistics
import sys

from peers.growth import crowd, growth
from peers.processes import Server, binary, build, measured
from peers.rows import MIB, ROWS
from peers.tools import TOOLS, present

FURTHER = ["cipher", "growth", "crowd"]


def compare(row, arguments, cores):
    """The medians of each tool, and how many times as much uptake does."""
    there = present(row)
    samples = {tool: [] for tool in there}
    with Server(cores[0], row.flags) as server:
        for _ in range(arguments.rounds):
            for tool in there:
                samples[tool].append(TOOLS[tool](cores[1], row, server.url, arguments.seconds))
    rates = {tool: [rate for rate, _, _ in found] for tool, found in samples.items()}
    tools = {}
    for tool, found in samples.items():
        tools[tool] = {
            "requests_per_second": statistics.median(rates[tool]),
            "lowest": min(rates[tool]),
            "highest": max(rates[tool]),
            "processor_us_each": statistics.median(cost for _, cost, _ in found) * 1e6,
            "resident_mib": max(peak for _, _, peak in found) / MIB,
            "uptake_does": statistics.median(mine / theirs for mine, theirs in zip(rates["uptake"], rates[tool])),
        }
    return {"row": row.key, "title": row.title, "connections": row.connections, "size": row.size, "tools": tools}


def print_row(row, found, arguments):
    print(f"\n{row.title}: {row.connections} at once, medians of {arguments.rounds} rounds of {arguments.seconds} s")
    for tool, figures in found["tools"].items():
        median = row.shown(figures["requests_per_second"])
        spread = f"{row.shown(figures['lowest'])} to {row.shown(figures['highest'])}"
        ratio = "" if tool == "uptake" else f"  uptake does {figures['uptake_does']:.2f} times as much"
        print(
            f"  {tool:9} {median:>14}  ({spread})  {figures['processor_us_each']:8.1f} us of processor each  "
            f"{figures['resident_mib']:5.1f} MiB resident{ratio}",
            flush=True,
        )


def markdown(results):
    """A table for the docs."""
    lines = ["| | uptake | oha | wrk | bare loop |", "| --- | --- | --- | --- | --- |"]
    for row, found in ((row, found) for row in ROWS for found in results["rows"] if found["row"] == row.key):
        cells = []
        for tool in TOOLS:
            figures = found["tools"].get(tool)
            ratio = "" if tool == "uptake" or not figures else f" ({figures['uptake_does']:.2f} x)"
            cells.append(row.shown(figures["requests_per_second"]) + ratio if figures else "-")
        lines.append(f"| {row.title}, {row.connections} at once | " + " | ".join(cells) + " |")
    if "cipher" in results:
        rates = ", ".join(f"{name} {rate:,.0f} MiB/s" for name, rate in results["cipher"].items())
        lines += ["", f"The ciphers alone, on one core: {rates}."]
    if "growth" in results:
        lines += ["", "| uploaders | uploads/s | processor time an upload | resident |", "| --- | --- | --- | --- |"]
        for uploaders, rate, cost, resident in results["growth"]:
            lines.append(f"| {uploaders:,} | {rate:,.0f} | {cost:.1f} us | {resident:.0f} MiB |")
    return "\n".join(lines) + "\n"


def main():
    keys = [row.key for row in ROWS] + FURTHER
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--only", default=",".join(keys), help=f"rows, separated by commas: {', '.join(keys)}")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--markdown", metavar="FILE")
    parser.add_argument("--no-build", action="store_true", help="measure the binaries that are there")
    arguments = parser.parse_args()
    only = arguments.only.split(",")
    if unknown := [key for key in only if key not in keys]:
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(keys)}")
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        sys.exit("two cores are needed: one for the server, one for the client")
    if not arguments.no_build:
        build()

    results = {"rounds": arguments.rounds, "seconds": arguments.seconds, "rows": []}
    for row in ROWS:
        if row.key in only:
            found = compare(row, arguments, cores)
            print_row(row, found, arguments)
            results["rows"].append(found)
    if "cipher" in only:
        text, _, _ = measured(cores[1], [binary("examples/cipher")])
        results["cipher"] = {name: float(rate) for name, rate in (line.split() for line in text.splitlines())}
        print("\nthe ciphers alone, MiB/s:", results["cipher"], flush=True)
    if "growth" in only:
        results["growth"] = growth(cores, arguments.seconds)
        print("\n64 KiB uploads: uploaders, uploads/s, us of processor each, MiB resident")
        for uploaders, rate, cost, resident in results["growth"]:
            print(f"  {uploaders:5} {rate:10,.0f} {cost:10.1f} {resident:8.1f}", flush=True)
    if "crowd" in only:
        goodput, resident = crowd(cores)
        results["crowd"] = {"goodput_mib_per_second": goodput, "resident_mib": resident}
        print(f"\n64 files of 1 GiB in segments of 50 MiB: {goodput:,.0f} MiB/s, {resident:.1f} MiB resident")
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(results, file, indent=2)
    if arguments.markdown:
        with open(arguments.markdown, "w") as file:
            file.write(markdown(results))


if __name__ == "__main__":
    main()
