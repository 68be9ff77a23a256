#!/usr/bin/env bash
# Builds the wheel for this machine, installs it into a fresh environment from the local file alone, and runs what was installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
echo "the licences" > "$scratch/licences"
packaging/wheel.sh "$(uname -m)-unknown-linux-musl" "$scratch/licences" "$scratch/wheels"

python3 -m venv "$scratch/environment"
"$scratch/environment/bin/pip" install --quiet --disable-pip-version-check --no-index --find-links "$scratch/wheels" uptake
cd "$scratch"
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' "$OLDPWD/Cargo.toml")
[[ $(environment/bin/uptake --version) == "uptake $version"* ]] || { echo "the wheel contains another version" >&2; exit 1; }
environment/bin/uptake check
licences=(environment/lib/python3*/site-packages/uptake-*.dist-info/licenses/*)
[[ $(basename -a "${licences[@]}" | xargs) == 'LICENSE-APACHE LICENSE-MIT THIRD-PARTY-LICENCES.txt' ]] || {
    echo "the wheel lacks licences: ${licences[*]}" >&2
    exit 1
}
environment/bin/pip uninstall --quiet --yes uptake
[[ ! -e environment/bin/uptake ]] || { echo "uninstalling left the binary behind" >&2; exit 1; }
ls -l wheels
