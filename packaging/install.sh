#!/bin/sh
# Downloads a release of uptake, checks its SHA-256 sum, and installs the binary. It is configured by the environment:
#
#   UPTAKE_DOWNLOAD_URL  address of the releases, such as https://github.com/OWNER/uptake/releases
#   UPTAKE_VERSION       version, such as 0.1.0, or latest [default: latest]
#   UPTAKE_INSTALL_DIR   directory for the binary [default: ~/.local/bin]
set -eu

fail() {
    echo "install.sh: $*" >&2
    exit 1
}

url=${UPTAKE_DOWNLOAD_URL:-}
version=${UPTAKE_VERSION:-latest}
directory=${UPTAKE_INSTALL_DIR:-$HOME/.local/bin}
[ -n "$url" ] || fail "set UPTAKE_DOWNLOAD_URL to the address of the releases"
case $version in
    latest) from=${url%/}/latest/download ;;
    v[0-9]*) from=${url%/}/download/$version ;;
    [0-9]*) from=${url%/}/download/v$version ;;
    *) fail "invalid version \`$version\`: write it as 0.1.0, or latest" ;;
esac

binary=uptake
extension=tar.gz
system=$(uname -s)
machine=$(uname -m)
case $machine in
    x86_64 | amd64) machine=x86_64 ;;
    aarch64 | arm64) machine=aarch64 ;;
esac
case $system-$machine in
    Linux-x86_64 | Linux-aarch64) target=$machine-unknown-linux-musl ;;
    Darwin-x86_64 | Darwin-aarch64) target=$machine-apple-darwin ;;
    MINGW*-x86_64 | MSYS*-x86_64 | CYGWIN*-x86_64)
        target=x86_64-pc-windows-msvc
        binary=uptake.exe
        extension=zip
        ;;
    *) fail "there is no release for $system on $machine; build it with \`cargo install --locked uptake\`" ;;
esac
archive=uptake-$target.$extension

# download FILE: from the release into the scratch directory. Plain HTTP only where the address says so, as for a mirror.
download() {
    if command -v curl > /dev/null; then
        case $from in http://*) protocols='=http,https' ;; *) protocols='=https' ;; esac
        curl --fail --silent --show-error --location --proto "$protocols" --connect-timeout 30 --max-time 600 --retry 3 \
            --output "$scratch/$1" "$from/$1"
    elif command -v wget > /dev/null; then
        wget -q -T 30 -O "$scratch/$1" "$from/$1"
    else
        fail "curl or wget is needed"
    fi || fail "cannot download $from/$1"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
download SHA256SUMS
download "$archive"

awk -v file="$archive" '$2 == file || $2 == "*" file' "$scratch/SHA256SUMS" > "$scratch/sum"
[ -s "$scratch/sum" ] || fail "SHA256SUMS has no sum for $archive"
(
    cd "$scratch"
    if command -v sha256sum > /dev/null; then sha256sum -c sum; else shasum -a 256 -c sum; fi > /dev/null 2>&1
) || fail "the SHA-256 sum of $archive is not the one in SHA256SUMS; nothing was installed"

case $extension in
    zip) unzip -q "$scratch/$archive" -d "$scratch" ;;
    *) tar -xzf "$scratch/$archive" -C "$scratch" ;;
esac || fail "cannot unpack $archive"
found=$scratch/uptake-$target/$binary
[ -f "$found" ] || fail "$archive does not contain uptake-$target/$binary"
installed=$("$found" --version) || fail "the downloaded binary does not run on this system"
mkdir -p "$directory"
# Replaced in one step, so that an uptake that is running is not written over.
cp "$found" "$directory/.$binary.$$"
chmod 755 "$directory/.$binary.$$"
mv -f "$directory/.$binary.$$" "$directory/$binary"
echo "installed $installed in $directory"
