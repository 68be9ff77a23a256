# shellcheck shell=bash
# Sourced by the scripts of this directory: puts the Python tools that requirements.txt names on PATH, in an environment of their own.
tools=$(realpath -m "${CARGO_TARGET_DIR:-target}/packaging-tools")
bin=$tools/bin
[[ $OSTYPE != msys* ]] || bin=$tools/Scripts
if ! cmp -s packaging/requirements.txt "$tools/installed.txt"; then
    rm -rf "$tools"
    python3 -m venv "$tools"
    "$bin/pip" install --quiet --disable-pip-version-check --requirement packaging/requirements.txt
    cp packaging/requirements.txt "$tools/installed.txt"
fi
export PATH="$bin:$PATH"
