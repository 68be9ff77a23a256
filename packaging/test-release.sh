#!/usr/bin/env bash
# Packs a release of this machine's target with the given binary, and checks that all who download it find what was packed: the sums, the
# install script, and the names by which `cargo binstall` asks for each target of the release workflow.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $# -eq 1 && -x $1 ]] || { echo "usage: packaging/test-release.sh UPTAKE" >&2; exit 2; }
target=$(uname -m)-unknown-linux-musl
scratch=$(mktemp -d)
server=
clean() {
    [[ -z $server ]] || kill "$server"
    rm -rf "$scratch"
}
trap clean EXIT

dist=$scratch/releases/download/v0.1.0
echo "the licences" > "$scratch/licences"
packaging/archive.sh "$target" "$1" "$scratch/licences" "$dist"
packaging/assemble.sh "$dist" "$scratch/licences" "$scratch/binaries" https://example.invalid/releases
(cd "$dist" && sha256sum --check --quiet SHA256SUMS)

tar -tzf "$dist/uptake-$target.tar.gz" | sed "s|^uptake-$target/||" | LC_ALL=C sort > "$scratch/names"
for file in uptake README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT THIRD-PARTY-LICENCES.txt man/uptake.1 man/uptake-check.1 \
    completions/uptake.{bash,elvish,fish,powershell,zsh}; do
    grep -qxF "$file" "$scratch/names" || { echo "the archive lacks $file" >&2; exit 1; }
done

cargo metadata --no-deps --format-version 1 --locked > "$scratch/metadata"
python3 - "$scratch/metadata" "$dist" "$target" <<'PYTHON'
import json, re, sys, tarfile
metadata, dist, own = sys.argv[1:]
(package,) = (package for package in json.load(open(metadata))["packages"] if package["name"] == "uptake")
binstall = package["metadata"]["binstall"]
targets = re.findall(r"\{ target: (\S+),", open(".github/workflows/release.yml").read())
assert len(targets) == 5, targets
unknown = binstall["overrides"].keys() - set(targets)
assert not unknown, f"binstall overrides targets that are not released: {unknown}"

def filled(template, target):
    settings = {**binstall, **binstall["overrides"].get(target, {})}
    suffix = {"tgz": ".tar.gz", "zip": ".zip"}[settings["pkg-fmt"]]
    values = {"repo": "R", "version": package["version"], "target": target, "archive-suffix": suffix, "bin": "uptake",
              "binary-ext": ".exe" if "windows" in target else ""}
    return re.sub(r"\{ ([a-z-]+) \}", lambda name: values[name[1]], settings[template])

for target in targets:
    # As packaging/archive.sh and packaging/install.sh name it.
    archive = f"uptake-{target}.zip" if "windows" in target else f"uptake-{target}.tar.gz"
    assert filled("pkg-url", target) == f"R/releases/download/v{package['version']}/{archive}", filled("pkg-url", target)
    assert target in open("packaging/npm/pack.py").read(), f"npm has no package for {target}"
with tarfile.open(f"{dist}/uptake-{own}.tar.gz") as archive:
    assert archive.getmember(filled("bin-dir", own)).mode & 0o111 == 0o111
PYTHON

# The install script of the release, which knows the address.
python3 -u -m http.server --bind 127.0.0.1 --directory "$scratch" 0 > "$scratch/server" 2> /dev/null &
server=$!
port=
for ((attempt = 0; attempt < 100 && ${#port} == 0; attempt++)); do
    port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$scratch/server")
    [[ -n $port ]] || sleep 0.1
done
grep -qxF "url=\${UPTAKE_DOWNLOAD_URL:-https://example.invalid/releases}" "$dist/install.sh"
env -i PATH="$PATH" HOME="$scratch/home" UPTAKE_VERSION=0.1.0 UPTAKE_DOWNLOAD_URL="http://127.0.0.1:$port/releases" sh "$dist/install.sh"
"$scratch/home/.local/bin/uptake" check --rule TTL-02
ls -l "$dist"
