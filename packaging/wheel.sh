#!/usr/bin/env bash
# Builds the wheel of one target: the same build as the static binary, packed by maturin.
#
#   packaging/wheel.sh TARGET LICENCES DIRECTORY      such as x86_64-unknown-linux-musl licences.txt dist
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $# -eq 3 ]] || { echo "usage: packaging/wheel.sh TARGET LICENCES DIRECTORY" >&2; exit 2; }
. packaging/python-tools.sh

# pyproject.toml takes all licences from the root.
trap 'rm -f THIRD-PARTY-LICENCES.txt' EXIT
cp "$2" THIRD-PARTY-LICENCES.txt
options=()
case $1 in
    # The binary needs no C library, so one wheel is for systems with glibc and for those with musl.
    *-linux-musl) options=(--zig --compatibility manylinux2014 musllinux_1_1) ;;
esac
maturin build --target "$1" --out "$3" "${options[@]}"
