#!/usr/bin/env bash
# Runs the GitHub Action, the GitLab component, the installer and the pre-commit hook on this machine, with the given binary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $# -eq 1 && -x $1 ]] || { echo "usage: packaging/test-action.sh UPTAKE" >&2; exit 2; }
uptake=$(realpath "$1")
. packaging/python-tools.sh
cd packaging/action
UPTAKE=$uptake PYTHONDONTWRITEBYTECODE=1 python3 -m unittest --buffer test_action
