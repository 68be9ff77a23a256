#!/usr/bin/env bash
# Packs a release archive as packaging/install.sh expects it: the binary with completions, man pages and licences.
# LICENCES is what packaging/licences.sh has written.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $# -eq 4 ]] || { echo "usage: packaging/archive.sh TARGET BINARY LICENCES DIRECTORY" >&2; exit 2; }
name=uptake-$1
binary=$2
out=$(realpath -m "$4")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$out" "$scratch/$name/completions"
case $1 in *-windows-*) file=uptake.exe ;; *) file=uptake ;; esac
install -m 755 "$binary" "$scratch/$name/$file"
cp README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "$scratch/$name/"
cp "$3" "$scratch/$name/THIRD-PARTY-LICENCES.txt"
for shell in bash elvish fish powershell zsh; do
    "$binary" completions "$shell" > "$scratch/$name/completions/uptake.$shell"
done
"$binary" man "$scratch/$name/man"
cd "$scratch"
if [[ $1 == *-windows-* ]]; then 7z a -bso0 "$out/$name.zip" "$name"; else tar -czf "$out/$name.tar.gz" "$name"; fi
