#!/usr/bin/env bash
# Publishes the npm packages of a release: those of the platforms first, since `uptake` depends on them.
#
#   packaging/npm/publish.sh DIRECTORY
set -euo pipefail
[[ $# -eq 1 ]] || { echo "usage: packaging/npm/publish.sh DIRECTORY" >&2; exit 2; }
directory=$(realpath "$1")
# The first npm that registries trust without a token is 11.5.1.
npm=(npx --yes npm@11.6.0)
shopt -s nullglob
platforms=("$directory"/uptake-{linux,darwin,win32}-*.tgz)
[[ ${#platforms[@]} -gt 0 ]] || { echo "publish.sh: no npm packages in $1" >&2; exit 1; }
for package in "${platforms[@]}" "$directory"/uptake-[0-9]*.tgz; do
    "${npm[@]}" publish --access public --provenance "$package"
done
