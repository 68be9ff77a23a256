#!/usr/bin/env bash
# Packages every crate of the workspace as for crates.io, and checks that what the crates embed is in the packages: a file outside a
# crate's directory is silently left out. With --build, each package is also built from its own files alone, which takes minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

verify=(--no-verify)
case "${1:-}" in
    '') ;;
    --build) verify=() ;;
    *) echo "usage: packaging/test-crates.sh [--build]" >&2; exit 2 ;;
esac

target=${CARGO_TARGET_DIR:-target}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
rm -f "$target"/package/uptake*.crate
# Uncommitted work is packaged too: this is a test, not a release.
if ! cargo package --workspace --locked --allow-dirty "${verify[@]}" > "$scratch/log" 2>&1; then
    cat "$scratch/log" >&2
    exit 1
fi

# has CRATE FILE: the package contains the file.
has() {
    local package
    package=$(echo "$target/package/$1"-[0-9]*.crate)
    tar -tzf "$package" | sed 's|^[^/]*/||' > "$scratch/names"
    grep -qxF "$2" "$scratch/names" || { echo "$1 lacks $2" >&2; exit 1; }
}

members=$(cargo metadata --no-deps --format-version 1 --locked | python3 -c '
import json, sys
for package in json.load(sys.stdin)["packages"]:
    assert package["publish"] is None, package["name"] + " cannot be published"
    print(package["name"])')
for member in $members; do
    has "$member" Cargo.toml
done
git ls-files scenarios fixtures/media | grep -E '\.(yaml|json|mp4)$' > "$scratch/embedded"
while read -r file; do
    has uptake-suite "$file"
done < "$scratch/embedded"
for file in docs/src/contract.md LICENSE-APACHE LICENSE-MIT README.md src/main.rs; do
    has uptake "$file"
done
echo "packaged $(wc -w <<< "$members") crates; uptake-suite contains the $(wc -l < "$scratch/embedded") files of the built-in suites"
