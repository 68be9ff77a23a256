#!/usr/bin/env bash
# Runs the suite again and again against the reference server, each time in the order of another seed, and demands the same
# verdict for every rule each time. A rule whose verdict depends on the order of scenarios or on which requests meet fails it.
#
#   .ci/equal-verdicts.sh [RUNS] [JOBS]      20 runs with 8 scenarios at a time, unless told otherwise
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

runs=${1:-20}
jobs=${2:-8}
uptake=${UPTAKE:-${CARGO_TARGET_DIR:-target}/release/uptake}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

for ((seed = 1; seed <= runs; seed++)); do
    code=0
    "$uptake" check --jobs "$jobs" --seed "$seed" --report "json=$out/$seed.json" > "$out/output" 2>&1 || code=$?
    [[ -s $out/$seed.json ]] || { cat "$out/output"; echo "run $seed ended with $code and wrote no report"; exit 1; }
done

python3 - "$out" "$runs" <<'PYTHON'
import collections, json, sys
folder, runs = sys.argv[1], int(sys.argv[2])
seen, took = collections.defaultdict(lambda: collections.defaultdict(list)), []
for seed in range(1, runs + 1):
    run = json.load(open(f"{folder}/{seed}.json"))
    took.append(run["took_seconds"])
    for rule in run["rules"]:
        seen[rule["id"]][rule["verdict"]].append(seed)
        if rule["verdict"] == "failed":
            for finding in rule["findings"]:
                if finding["verdict"] == "failed":
                    print(f'seed {seed}: {rule["id"]} failed: {finding["scenario"]}, {finding["observed"]}')
differ = {rule: dict(verdicts) for rule, verdicts in seen.items() if len(verdicts) > 1}
failed = sorted(rule for rule, verdicts in seen.items() if "failed" in verdicts)
took.sort()
print(f"{runs} runs of {len(seen)} rules, {took[0]:.1f} to {took[-1]:.1f} s each, {took[len(took) // 2]:.1f} s in the middle")
for rule, verdicts in differ.items():
    print(f"{rule} has more than one verdict, by seed: {verdicts}")
sys.exit(1 if differ or failed else 0)
PYTHON
