"""Prints the page of the book that shows a comparison: python page.py SERVERS.json"""

import json
import re
import sys

LEVELS = ["must", "should"]
SUITES = {"tus": "tus 1.0.0", "s3-multipart": "S3 multipart uploads", "gcs-resumable": "GCS resumable uploads"}

HEAD = """# Results of other servers

<!-- Written by `tests/thirdparty/run.sh UPTAKE page`. -->

The results of the built-in suites against servers by other authors. Each row shows how many of the rules that apply to a server it passes.
[The full comparison](servers/matrix.html) shows every rule, and for each deviation the request that reproduces it.

Tested on {date} with uptake {uptake}, with each server in the version shown, on loopback.

| server | version | suite | must | should | badge |
| --- | --- | --- | --- | --- | --- |
"""

TAIL = """
The scores are not a ranking. A server may omit what its users do not need, and the emulators replace a service in tests. Rules that need an
extension that the server does not offer do not count.

`tests/thirdparty` contains the plan, the versions, and a reason for each deviation. To compare servers yourself, see
[Comparing servers](matrix.md).
"""


def score(run, level):
    rules = [rule["verdict"] for rule in run["rules"] if rule["level"] == level and rule["verdict"] != "not-applicable"]
    return f"{sum(verdict in ('passed', 'tolerated') for verdict in rules)}/{len(rules)}"


def badge(entry):
    return re.sub(r"[^A-Za-z0-9.]", "-", f"{entry['server']}-{entry['suite']}").lstrip("-.") + ".svg"


def row(entry):
    run = entry["run"]
    scores = [score(run, level) for level in LEVELS]
    image = f"![{entry['suite']}: {scores[0]} of must](servers/{badge(entry)})"
    return " | ".join(["", entry["server"], entry["version"], SUITES[entry["suite"]], *scores, image, ""]).strip()


def main():
    with open(sys.argv[1]) as file:
        servers = json.load(file)
    print(HEAD.format(date=servers["started_at"][:10], uptake=servers["uptake"]), end="")
    for entry in servers["entries"]:
        print(row(entry))
    print(TAIL, end="")


main()
