#!/usr/bin/env bash
# Writes the licences of everything that the binary contains, with cargo-about, and checks that no crate is missing.
#
#   packaging/licences.sh FILE
#
# cargo-about is installed into the target directory if it is missing, which takes minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $# -eq 1 ]] || { echo "usage: packaging/licences.sh FILE" >&2; exit 2; }
readonly VERSION=0.9.3

tools=$(realpath -m "${CARGO_TARGET_DIR:-target}/tools")
export PATH="$tools/bin:$PATH"
if [[ $(cargo about --version 2> /dev/null) != "cargo-about $VERSION" ]]; then
    CARGO_TARGET_DIR=$tools/build \
        cargo install --quiet --locked --features cli --root "$tools" "cargo-about@$VERSION"
    rm -rf "$tools/build"
fi
cargo about generate --locked --features object-store,telemetry --fail --config packaging/about.toml --output-file "$1" packaging/about.hbs

# What cargo itself says is linked, on the released targets.
linked() {
    grep -oE '"[a-z0-9_]+-[a-z0-9-]+"' packaging/about.toml | grep -E 'linux|darwin|windows' | tr -d '"' | while read -r triple; do
        cargo tree --locked --features object-store,telemetry --package uptake --edges normal,no-proc-macro --target "$triple" \
            --prefix none --format '{p}' | awk '{ sub(/^v/, "", $2); print $1, $2 }'
    done | sort -u
}
missing=$(linked | while read -r name version; do
    grep -qE "^  $name ${version//./\\.}( |$)" "$1" || echo "$name $version"
done)
[[ -z $missing ]] || { echo "licences.sh: $1 lacks these crates:" >&2; echo "$missing" >&2; exit 1; }
echo "$1: $(grep -cE '^  [a-z0-9_-]+ [0-9]' "$1") crates, $(stat -c %s "$1") bytes"
