#!/usr/bin/env bash
# Builds the container image with the given static binary by buildah, and tests it: size, entry point, user, and two commands of the
# image's own user in its own file system. buildah is installed if it is missing.
#
#   packaging/test-container.sh UPTAKE
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $# -eq 1 && -x $1 ]] || { echo "usage: packaging/test-container.sh UPTAKE" >&2; exit 2; }
readonly MOST_BYTES=$((25 * 1000 * 1000))
case $(uname -m) in x86_64) architecture=amd64 ;; *) architecture=arm64 ;; esac
as=()
[[ $(id -u) -eq 0 ]] || as=(sudo)
if ! command -v buildah > /dev/null; then
    "${as[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as[@]}" apt-get install -y --no-install-recommends buildah
fi

scratch=$(mktemp -d)
# Storage of its own, so that nothing of the machine's is touched; without overlay mounts, so that it works inside a container too.
buildah() {
    "${as[@]}" env BUILDAH_ISOLATION=chroot buildah --storage-driver vfs --root "$scratch/storage" --runroot "$scratch/run" "$@"
}
clean() {
    buildah umount --all > /dev/null 2>&1 || true
    "${as[@]}" rm -rf "$scratch"
}
trap clean EXIT

fail() {
    echo "test-container.sh: $*" >&2
    exit 1
}

echo "the licences" > "$scratch/licences"
packaging/container.sh "$scratch/context" "$scratch/licences" "$architecture=$1"
buildah build --quiet --build-arg "TARGETARCH=$architecture" --tag uptake "$scratch/context" > /dev/null
size=$(buildah images --format '{{.Size}}' uptake)
buildah inspect --type image uptake | python3 -c '
import json, sys
config = json.load(sys.stdin)["OCIv1"]["config"]
assert config["Entrypoint"] == ["/usr/bin/uptake"], config
assert config["User"] == "65532:65532", config
assert config["WorkingDir"] == "/work", config
assert not config.get("Cmd"), config'

# The layers are mounted, and the image's user runs its entry point in them.
container=$(buildah from uptake)
root=$(buildah mount "$container")
as_user() {
    timeout 900 "${as[@]}" env -i "$(command -v chroot)" --userspec=65532:65532 "$root" /usr/bin/uptake "$@"
}
used=$("${as[@]}" du --apparent-size --bytes --summarize "$root" | cut -f1)
[[ $used -lt $MOST_BYTES ]] || fail "the image has $used bytes, more than $MOST_BYTES"
files=$("${as[@]}" find "$root" -type f -printf '%P\n' | LC_ALL=C sort | tr '\n' ' ')
[[ $files == "etc/group etc/passwd licences/LICENSE-APACHE licences/LICENSE-MIT licences/THIRD-PARTY-LICENCES.txt usr/bin/uptake " ]] || fail "the image contains more than it should: $files"
as_user --version
as_user check --report json=/work/run.json
as_user load --uploads 50 --uploaders 4 --size 1MiB --fail-if 'errors > 0%' --allow-saturated
"${as[@]}" test -s "$root/work/run.json" || fail "the user cannot write to /work"
if as_user check --rule TTL-02 --report json=/usr/run.json > "$scratch/denied" 2>&1; then
    fail "the user can write outside /work and /tmp"
fi
echo "the image: $size ($used bytes in files), user 65532, entry point /usr/bin/uptake"
