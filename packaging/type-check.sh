#!/usr/bin/env bash
# Type-checks uptake for Windows and macOS from Linux; zig compiles the C code of the dependencies for them. Other targets may be named.
# A target whose standard library rustup cannot install here is named and left out, unless it was asked for by its name.
#
#   packaging/type-check.sh [TARGET...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. packaging/python-tools.sh

targets=("$@")
[[ ${#targets[@]} -gt 0 ]] || targets=(x86_64-pc-windows-gnu x86_64-apple-darwin)
for target in "${targets[@]}"; do
    if ! rustup target list --installed | grep -qx "$target" && ! rustup target add "$target"; then
        [[ $# -eq 0 ]] || exit 1
        echo "not checked: $target, because rustup cannot install its standard library"
        continue
    fi
    cargo-zigbuild check --locked --package uptake --target "$target"
done
