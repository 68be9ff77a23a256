#!/usr/bin/env bash
# Changes the reference server in one place after the other (cargo-mutants), and runs the suite against each changed server. A change
# that no rule notices is a gap in the suite, or changes nothing that the contract fixes: those stand in mutants-unseen.txt beside this
# file, each with the reason. Ends with 1 where the suite notices less than 95 % of the others.
#
#   cargo install cargo-mutants
#   benches/mutants.sh 0/200      the first of 200 shards: a few changes from all over the server, a few minutes
#   benches/mutants.sh            all of them, in a night
#
# IN_PLACE=1 changes the source files where they are, and so builds with what is compiled already; commit before.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo mutants --version > /dev/null || { echo "cargo-mutants is missing: cargo install cargo-mutants"; exit 2; }
out=${MUTANTS_OUT:-target/mutants}
mkdir -p "$out"

# Left out is what no client of the API can reach: the defects themselves and what they are told, storage on disk, the control
# surface, TLS, and how the server is configured and described.
options=(
    --package uptake-reference --test-package uptake-prove
    --exclude 'crates/reference/src/defects/**' --exclude 'crates/reference/src/database/**'
    --exclude 'crates/reference/src/store.rs' --exclude 'crates/reference/src/state/restore.rs'
    --exclude 'crates/reference/src/control.rs' --exclude 'crates/reference/src/server/tls.rs'
    --exclude 'crates/reference/src/config.rs' --exclude 'crates/reference/src/error.rs'
    --exclude 'crates/reference/src/policy/facts.rs'
    --exclude-re 'impl (fmt::)?(Debug|Display) for' --exclude-re 'restore'
    --baseline skip --sharding round-robin --timeout 180 --build-timeout 900 --no-shuffle --output "$out"
)
[[ -n ${1:-} ]] && options+=(--shard "$1")
[[ -n ${IN_PLACE:-} ]] && options+=(--in-place)

# cargo-mutants would try the unchanged tree with the tests of the server's own crate.
cargo test --package uptake-prove --test faithful
code=0
cargo mutants "${options[@]}" -- --test faithful || code=$?
# 2: some were missed, 3: some timed out. Both are for the count below.
[[ $code == 0 || $code == 2 || $code == 3 ]] || exit "$code"

python3 - "$out/mutants.out" benches/mutants-unseen.txt <<'PYTHON'
import re, sys
folder, unseen = sys.argv[1:]
def read(name):
    with open(f"{folder}/{name}.txt") as file:
        return [line.strip() for line in file if line.strip()]
def known(line):
    """Lines move: a change is known by its file, by what it does, and by the text of its line."""
    path, number, change = re.fullmatch(r"([^:]+):(\d+):\d+: (.*)", line).groups()
    with open(path) as source:
        return f"{path}: {change} | {source.read().splitlines()[int(number) - 1].strip()}"
with open(unseen) as file:
    excused = {line.split("  # ")[0].strip() for line in file if line.strip() and not line.startswith("#")}
seen = len(read("caught")) + len(read("timeout"))
missed = [line for line in read("missed") if known(line) not in excused]
unchanged = len(read("missed")) - len(missed)
for line in missed:
    print(f"not noticed: {line}")
total = seen + len(missed)
share = 100 * seen / total if total else 100
print(f"{seen} of {total} changes noticed ({share:.1f} %); {unchanged} more change nothing that the contract fixes, "
      f"{len(read('unviable'))} do not compile")
sys.exit(0 if share >= 95 else 1)
PYTHON
