#!/usr/bin/env bash
# Packs a release archive as packaging/install.sh expects it: the binary with completions, man pages and licences.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $# -eq 3 ]] || { echo "usage: packaging/archive.sh TARGET BINARY DIRECTORY" >&2; exit 2; }
name=uptake-$1
binary=$2
out=$(realpath -m "$3")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$out" "$scratch/$name/completions"
cp "$binary" README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "$scratch/$name/"
for shell in bash elvish fish powershell zsh; do
    "$binary" completions "$shell" > "$scratch/$name/completions/uptake.$shell"
done
"$binary" man "$scratch/$name/man"
cd "$scratch"
if [[ $1 == *-windows-* ]]; then 7z a -bso0 "$out/$name.zip" "$name"; else tar -czf "$out/$name.tar.gz" "$name"; fi
