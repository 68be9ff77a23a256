#!/usr/bin/env bash
# Checks that Cargo.toml fits a release: it has the version of the tag, and the repository that `cargo binstall` downloads from.
#
#   packaging/check-release.sh TAG REPOSITORY
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $# -eq 2 ]] || { echo "usage: packaging/check-release.sh TAG REPOSITORY" >&2; exit 2; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cargo metadata --no-deps --format-version 1 --locked > "$scratch/metadata"
python3 - "$1" "$2" "$scratch/metadata" <<'PYTHON'
import json, sys
tag, repository, metadata = sys.argv[1:]
wrong = []
for package in json.load(open(metadata))["packages"]:
    if "v" + package["version"] != tag:
        wrong.append("%s has version %s, but the tag is %s" % (package["name"], package["version"], tag))
    if package["name"] == "uptake" and (package["repository"] or "").removesuffix(".git").rstrip("/") != repository:
        wrong.append("Cargo.toml: set `repository` of [package] to \"%s\"; it is %s" % (repository, package["repository"]))
for line in wrong:
    print(line, file=sys.stderr)
sys.exit(1 if wrong else 0)
PYTHON
