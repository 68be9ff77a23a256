#!/usr/bin/env bash
# The suites against servers that others wrote, at pinned versions, on loopback. What deviates from the protocol's text is waived in
# this directory, with the reason; everything else must pass. Then the rules are proven by mutations of these servers' answers:
# those that none fails are listed here, and the list only shrinks.
#
#     tests/thirdparty/run.sh [UPTAKE]
#
# It needs Node 20.19 or newer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
uptake=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/release/uptake}")
[[ -x $uptake ]] || { echo "no binary at $uptake"; exit 2; }
cd tests/thirdparty
npm ci --silent --no-audit --no-fund

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# with_server SCRIPT COMMAND...: runs the command with the URL of the server behind it; the server ends with its standard input.
with_server() {
    local script=$1 url code=0
    shift
    coproc SERVER { exec node "$script"; }
    local pid=$SERVER_PID input=${SERVER[1]}
    read -r -t 30 -u "${SERVER[0]}" url || { echo "$script did not start"; kill "$pid"; return 1; }
    "$@" "$url" || code=$?
    exec {input}>&-
    wait "$pid" || true
    return "$code"
}

tus() {
    local suite=../../scenarios/tus waivers=tus-node-waivers.yaml
    timeout 120 "$uptake" check --suite "$suite" --waivers "$waivers" --fail-on should --report "json=$work/tus.json" --target "$1" || return
    local code=0
    timeout 240 "$uptake" prove --mutate --suite "$suite" --waivers "$waivers" --report "json=$work/proof.json" --target "$1" || code=$?
    [[ $code -le 1 && -s $work/proof.json ]] || { echo "prove ended with $code"; return 1; }
    python3 - "$work/proof.json" <<'PYTHON'
import json, sys

# Its request is repeated until it is answered as wished, so that one changed answer is not enough.
UNPROVEN = {"TUS-23"}
with open(sys.argv[1]) as file:
    matrix = json.load(file)
found = {rule["id"] for rule in matrix["rules"] if not rule["proven_by"] and "not_provable" not in rule}
if found != UNPROVEN or matrix["ending"]["how"] != "completed":
    sys.exit(f"unproven by mutations: {sorted(found)}, expected {sorted(UNPROVEN)}; it ended: {matrix['ending']['how']}")
PYTHON
}

with_server tus-node.js tus
