#!/usr/bin/env bash
# The suites against servers that others wrote, at pinned versions, on loopback. What deviates from the protocol's text is waived in
# NAME-waivers.yaml, with the reason; everything else must pass. Then the rules are proven by mutations of these servers' answers:
# those that none fails are listed in servers.txt, and the list only shrinks.
#
#     tests/thirdparty/run.sh [UPTAKE [NAME...]]
#
# It needs Node 20.19 or newer, and Python 3.10 or newer with venv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
uptake=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/release/uptake}")
[[ -x $uptake ]] || { echo "no binary at $uptake"; exit 2; }
shift || true
chosen=" $* "
cd tests/thirdparty

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm ci --silent --no-audit --no-fund
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt

# The examples of AWS's own documentation: nobody's key.
export S3_ACCESS_KEY=AKIAIOSFODNN7EXAMPLE S3_SECRET_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY

# profile NAME URL: writes a target profile, and prints its path.
profile() {
    cat > "$work/$1.yaml" <<YAML
target: $1
base-url: $2
credentials: { access-key: { env: S3_ACCESS_KEY }, secret-key: { env: S3_SECRET_KEY } }
capabilities: detected
YAML
    echo "$work/$1.yaml"
}

# test_server NAME SUITE UNPROVEN URL: UNPROVEN are the ids with commas between them, or `-`.
test_server() {
    local name=$1 suite=../../scenarios/$2 unproven=$3 waivers=$1-waivers.yaml code=0 target
    target=$(profile "$name" "$4")
    echo "== $name: $2"
    timeout 120 "$uptake" check --suite "$suite" --waivers "$waivers" --fail-on should --target "$target" || return
    timeout 240 "$uptake" prove --mutate --suite "$suite" --waivers "$waivers" --report "json=$work/proof.json" \
        --target "$target" || code=$?
    [[ $code -le 1 && -s $work/proof.json ]] || { echo "prove ended with $code"; return 1; }
    python3 - "$work/proof.json" "$unproven" <<'PYTHON'
import json, sys

with open(sys.argv[1]) as file:
    matrix = json.load(file)
expected = set(sys.argv[2].split(",")) - {"-"}
found = {rule["id"] for rule in matrix["rules"] if not rule["proven_by"] and "not_provable" not in rule}
if found != expected or matrix["ending"]["how"] != "completed":
    sys.exit(f"unproven by mutations: {sorted(found)}, expected {sorted(expected)}; it ended: {matrix['ending']['how']}")
PYTHON
}

# with_server COMMAND TEST...: runs the test with the URL of the server behind it; the server ends with its standard input.
with_server() {
    local command=$1 url code=0
    shift
    coproc SERVER { exec env PATH="$work/venv/bin:$PATH" $command 2>"$work/server.log"; }
    local pid=$SERVER_PID input=${SERVER[1]}
    read -r -t 60 -u "${SERVER[0]}" url || { echo "$command did not start"; cat "$work/server.log"; kill "$pid"; return 1; }
    "$@" "$url" || code=$?
    exec {input}>&-
    wait "$pid" || true
    return "$code"
}

while read -r -u 9 name suite unproven command; do
    [[ -z $name || $name == '#' ]] && continue
    [[ $chosen == '  ' || $chosen == *" $name "* ]] || continue
    with_server "$command" test_server "$name" "$suite" "$unproven"
done 9< servers.txt
