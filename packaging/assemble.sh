#!/usr/bin/env bash
# Completes a release in DIRECTORY, which contains the archives and wheels of all targets: unpacks their binaries to BINARIES, packs the
# npm packages from these, adds the install script, which then downloads from RELEASES unless told otherwise, and writes SHA256SUMS.
#
#   packaging/assemble.sh DIRECTORY LICENCES BINARIES RELEASES
set -euo pipefail
[[ $# -eq 4 ]] || { echo "usage: packaging/assemble.sh DIRECTORY LICENCES BINARIES RELEASES" >&2; exit 2; }
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
directory=$1
licences=$2
binaries=$3

packages=()
for archive in "$directory"/uptake-*.tar.gz "$directory"/uptake-*.zip; do
    [[ -e $archive ]] || continue
    target=$(basename "$archive")
    target=${target#uptake-}
    target=${target%.tar.gz}
    target=${target%.zip}
    mkdir -p "$binaries/$target"
    case $archive in
        *.zip) unzip -q -j "$archive" "uptake-$target/uptake.exe" -d "$binaries/$target" ;;
        *) tar -xzf "$archive" -C "$binaries/$target" --strip-components=1 "uptake-$target/uptake" ;;
    esac
    packages+=("$target=$(echo "$binaries/$target"/uptake*)")
done
[[ ${#packages[@]} -gt 0 ]] || { echo "assemble.sh: $directory contains no archive" >&2; exit 1; }
"$here/npm/pack.py" "$directory" "$licences" "${packages[@]}"
sed "s|^url=.*|url=\${UPTAKE_DOWNLOAD_URL:-$4}|" "$here/install.sh" > "$directory/install.sh"
grep -qF "$4" "$directory/install.sh" || { echo "assemble.sh: cannot write the address into install.sh" >&2; exit 1; }
cd "$directory"
rm -f SHA256SUMS
sums=$(sha256sum -- *)
echo "$sums" > SHA256SUMS
