#!/usr/bin/env bash
# Prepares the build context of the container image.
#
#   packaging/container.sh DIRECTORY LICENCES ARCHITECTURE=BINARY...      such as context licences.txt amd64=target/static/x86_64/uptake
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $# -ge 3 ]] || { echo "usage: packaging/container.sh DIRECTORY LICENCES ARCHITECTURE=BINARY..." >&2; exit 2; }
context=$1
licences=$2
shift 2
mkdir -p "$context"/{rootfs/tmp,rootfs/etc,work,licences}
chmod 1777 "$context/rootfs/tmp"
echo 'uptake:x:65532:65532:uptake:/work:/usr/bin/uptake' > "$context/rootfs/etc/passwd"
echo 'uptake:x:65532:' > "$context/rootfs/etc/group"
cp packaging/container/Dockerfile "$context/"
cp LICENSE-APACHE LICENSE-MIT "$context/licences/"
cp "$licences" "$context/licences/THIRD-PARTY-LICENCES.txt"
for word in "$@"; do
    case ${word%%=*} in
        amd64 | arm64) install -D -m 755 "${word#*=}" "$context/${word%%=*}/uptake" ;;
        *) echo "container.sh: unknown architecture \`${word%%=*}\`: amd64 or arm64" >&2; exit 2 ;;
    esac
done
