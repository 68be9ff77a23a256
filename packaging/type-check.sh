#!/usr/bin/env bash
# Type-checks uptake for Windows and macOS from Linux; zig compiles the C code of the dependencies for them. Other targets may be named.
#
#   packaging/type-check.sh [TARGET...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. packaging/python-tools.sh

targets=("$@")
[[ ${#targets[@]} -gt 0 ]] || targets=(x86_64-pc-windows-gnu x86_64-apple-darwin)
for target in "${targets[@]}"; do
    rustup target list --installed | grep -qx "$target" || rustup target add "$target"
    cargo-zigbuild check --locked --package uptake --target "$target"
done
