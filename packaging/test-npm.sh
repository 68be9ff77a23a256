#!/usr/bin/env bash
# Packs the npm packages with the given binary, installs them from a local registry into a fresh project, and runs what was installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $# -eq 1 && -x $1 ]] || { echo "usage: packaging/test-npm.sh UPTAKE" >&2; exit 2; }
uptake=$(realpath "$1")
cd packaging/npm
UPTAKE=$uptake PYTHONDONTWRITEBYTECODE=1 python3 -m unittest --buffer test_npm
