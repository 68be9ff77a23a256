#!/usr/bin/env bash
# Builds the static binaries for Linux, and tests each: its size, that it loads no library, and a whole `uptake check` in a chroot that
# contains nothing else. The binary for ARM64 runs under qemu. The binaries are left in TARGET_DIRECTORY/static/ARCHITECTURE/uptake.
#
#   packaging/static.sh [x86_64] [aarch64]      both, unless told otherwise
#
# It needs rustup, Python, binutils and root (or sudo), and installs zig from PyPI and qemu from Debian's packages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. packaging/python-tools.sh

readonly MOST_BYTES=$((20 * 1000 * 1000))
out=$(realpath -m "${CARGO_TARGET_DIR:-target}")
as=()
[[ $(id -u) -eq 0 ]] || as=(sudo)
architectures=("$@")
[[ ${#architectures[@]} -gt 0 ]] || architectures=(x86_64 aarch64)

fail() {
    echo "static.sh: $*" >&2
    exit 1
}

# build ARCHITECTURE: the C code of the dependencies is compiled by zig, which has a C library for every target.
build() {
    local triple=$1-unknown-linux-musl
    rustup target list --installed | grep -qx "$triple" || rustup target add "$triple"
    cargo zigbuild --profile dist --locked --features object-store,telemetry --package uptake --bin uptake --target "$triple"
    install -D "$out/$triple/dist/uptake" "$out/static/$1/uptake"
}

# is_static BINARY: `ldd` cannot tell for other architectures, so the headers are read: no interpreter, no needed library, no symbols.
is_static() {
    local headers
    headers=$(readelf --wide --program-headers --dynamic --section-headers "$1") || return
    ! grep -E 'INTERP|\(NEEDED\)|\.symtab|\.debug_' <<< "$headers" >&2
}

# emulator ARCHITECTURE: path of what runs its programs here; empty if the processor does.
emulator() {
    if [[ $1 != "$(uname -m)" ]]; then
        if ! command -v "qemu-$1-static"; then
            { "${as[@]}" apt-get update -qq \
                && DEBIAN_FRONTEND=noninteractive "${as[@]}" apt-get install -y --no-install-recommends qemu-user-static; } >&2
            command -v "qemu-$1-static"
        fi
    fi
}

# in_chroot ARCHITECTURE BINARY: the version, a whole check and some load where there is nothing but the binary.
in_chroot() {
    local root emulator run
    root=$(mktemp -d)
    trap 'rm -rf "$root"' RETURN
    cp "$2" "$root/uptake"
    run=("${as[@]}" env -i "$(command -v chroot)" "$root")
    emulator=$(emulator "$1")
    if [[ -n $emulator ]]; then
        cp "$emulator" "$root/emulator"
        run+=(/emulator)
    fi
    timeout 60 "${run[@]}" /uptake --version || return
    timeout 900 "${run[@]}" /uptake check || return
    timeout 120 "${run[@]}" /uptake load --uploads 50 --uploaders 4 --size 1MiB --fail-if 'errors > 0%' --allow-saturated || return
}

for architecture in "${architectures[@]}"; do
    case $architecture in x86_64 | aarch64) ;; *) fail "unknown architecture \`$architecture\`: x86_64 or aarch64" ;; esac
done
for architecture in "${architectures[@]}"; do
    build "$architecture"
    binary=$out/static/$architecture/uptake
    size=$(stat -c %s "$binary")
    [[ $size -lt $MOST_BYTES ]] || fail "$binary has $size bytes, more than $MOST_BYTES"
    is_static "$binary" || fail "$binary is not static, or not stripped"
    if [[ $architecture == "$(uname -m)" ]]; then
        linked=$(ldd "$binary" 2>&1 || true)
        grep -qE 'not a dynamic executable|statically linked' <<< "$linked" || fail "ldd: $linked"
        echo "ldd: $linked"
    fi
    in_chroot "$architecture" "$binary" || fail "$binary does not run in an empty chroot"
    echo "$binary: $size bytes, static; it passes in an empty chroot"
done
