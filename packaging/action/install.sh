#!/usr/bin/env bash
# First step of the GitHub Action: uses the uptake on PATH, or downloads a release. It reads INPUT_VERSION, INPUT_DOWNLOAD_URL,
# RELEASES and ACTION_REF, and sets the output `uptake`.
set -euo pipefail

fail() {
    echo "::error title=uptake::$*"
    exit 1
}

version=${INPUT_VERSION#v}
if [[ -z $version ]] && found=$(command -v uptake); then
    echo "using $("$found" --version) at $found"
    echo "uptake=$found" >> "$GITHUB_OUTPUT"
    exit 0
fi
if [[ -z $version ]]; then
    # An action that is used by its tag downloads its own release.
    if [[ ${ACTION_REF:-} =~ ^v([0-9]+\.[0-9]+\.[0-9]+.*)$ ]]; then version=${BASH_REMATCH[1]}; else version=latest; fi
fi
directory=$RUNNER_TEMP/uptake-bin
if ! said=$(UPTAKE_DOWNLOAD_URL=${INPUT_DOWNLOAD_URL:-$RELEASES} UPTAKE_VERSION=$version UPTAKE_INSTALL_DIR=$directory \
    sh "$GITHUB_ACTION_PATH/packaging/install.sh" 2>&1); then
    fail "${said//$'\n'/%0A}"
fi
echo "$said"
echo "$directory" >> "$GITHUB_PATH"
echo "uptake=$directory/uptake" >> "$GITHUB_OUTPUT"
