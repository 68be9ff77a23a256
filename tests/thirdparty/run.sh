#!/usr/bin/env bash
# The suites against servers that others wrote, at pinned versions, on loopback. servers.yaml lists them; what deviates from the
# protocol's text is waived in NAME-waivers.yaml, with the reason, and everything else must pass. Then come ten seconds of load, and the
# proof: the rules that no mutation of the answers fails are listed in proof.txt, and that list only shrinks.
#
#     tests/thirdparty/run.sh [UPTAKE [STEP...]]
#
# STEP is matrix, load or proof; without one, all of them. `crates` builds the servers of crates.yaml, which takes some minutes, and runs
# the suites against them. `page` writes the comparison into the book instead: docs/src/servers.
# It needs Node 20.19 or newer, and Python 3.11 or newer with venv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
uptake=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/release/uptake}")
[[ -x $uptake ]] || { echo "no binary at $uptake"; exit 2; }
shift || true
steps=("$@")
[[ $# -gt 0 ]] || steps=(matrix load proof)
cd tests/thirdparty

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm ci --silent --no-audit --no-fund
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt
export PATH="$work/venv/bin:$PATH"

# The examples of AWS's own documentation, and the key that s3rver begins with: nobody's.
export S3_ACCESS_KEY=AKIAIOSFODNN7EXAMPLE S3_SECRET_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY S3RVER_KEY=S3RVER

# matrix [PLAN [OPTION...]]: every suite against every server. The exit code is 3 where rules are blocked; verdicts.py says which may be.
matrix() {
    local plan=${1:-servers.yaml} code=0
    shift || true
    timeout 300 "$uptake" matrix "$plan" --fail-on should --report "json=$work/servers.json" "$@" 2> "$work/matrix.log" || code=$?
    [[ $code -eq 0 || $code -eq 3 ]] || { cat "$work/matrix.log"; echo "matrix ended with $code"; return 1; }
    python verdicts.py "$work/servers.json"
}

# What cargo builds; a second run finds it.
crates() {
    local root=${CARGO_TARGET_DIR:-../../target}/thirdparty
    cargo install --quiet --locked --debug --root "$root" --features binary s3s-fs@0.14.1
    PATH="$(realpath "$root")/bin:$PATH" matrix crates.yaml
}

# The comparison as a page of the book, with its badges.
page() {
    local book=../../docs/src
    rm -rf "$book/servers"
    mkdir -p "$book/servers"
    matrix servers.yaml --report "html=$book/servers/matrix.html" --badges "$book/servers"
    python page.py "$work/servers.json" > "$book/servers.md"
}

# with_server COMMAND TEST...: runs the test with the URL of the server behind it; the server ends with its standard input.
with_server() {
    local command=$1 url code=0
    shift
    coproc SERVER { exec $command 2> "$work/server.log"; }
    local pid=$SERVER_PID input=${SERVER[1]}
    read -r -t 60 -u "${SERVER[0]}" url || { echo "$command did not start"; cat "$work/server.log"; kill "$pid"; return 1; }
    "$@" "$url" || code=$?
    exec {input}>&-
    wait "$pid" || true
    return "$code"
}

# placed PROFILE URL: prints the path of the profile with this URL.
placed() {
    sed "s|^base-url:.*|base-url: $2|" "profiles/$1.yaml" > "$work/$1.yaml"
    echo "$work/$1.yaml"
}

# under_load PROFILE SUITE RATE SIZE SEGMENT URL: no upload may fail. Other work on this machine may slow the load down.
under_load() {
    timeout 60 "$uptake" load --suite "$2" --target "$(placed "$1" "$6")" --rate "$3" --size "$4" --segment "$5" --duration 10s \
        --allow-saturated --fail-if 'errors > 0' --fail-if 'uploads < 15'
}

load() {
    echo "== load: @tus/server"
    with_server 'node tus-server.js' under_load tus tus 20/s 1MiB 300KiB
    echo "== load: moto"
    with_server 'python start.py moto' under_load s3 s3-multipart 2/s 11MiB 5MiB
}

# prove NAME PROFILE SUITE UNPROVEN URL: UNPROVEN are the ids with commas between them, or `-`.
prove() {
    local unproven=$4 code=0
    echo "== proof: $1"
    timeout 240 "$uptake" prove --mutate --suite "$3" --waivers "$1-waivers.yaml" --report "json=$work/proof.json" \
        --target "$(placed "$2" "$5")" || code=$?
    [[ $code -le 1 && -s $work/proof.json ]] || { echo "prove ended with $code"; return 1; }
    python - "$work/proof.json" "$unproven" <<'PYTHON'
import json, sys

with open(sys.argv[1]) as file:
    matrix = json.load(file)
expected = set(sys.argv[2].split(",")) - {"-"}
found = {rule["id"] for rule in matrix["rules"] if not rule["proven_by"] and "not_provable" not in rule}
if found != expected or matrix["ending"]["how"] != "completed":
    sys.exit(f"unproven by mutations: {sorted(found)}, expected {sorted(expected)}; it ended: {matrix['ending']['how']}")
PYTHON
}

proof() {
    while read -r -u 9 name profile suite unproven command; do
        [[ -z $name || $name == '#' ]] && continue
        with_server "$command" prove "$name" "$profile" "$suite" "$unproven"
    done 9< proof.txt
}

for step in "${steps[@]}"; do
    case $step in
        matrix | load | proof | crates | page) "$step" ;;
        *) echo "no step $step: matrix, load, proof, crates or page"; exit 2 ;;
    esac
done
