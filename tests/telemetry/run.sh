#!/usr/bin/env bash
# The figures of a run in the programs that read them: a receiver of OTLP made of OpenTelemetry's Python messages, a collector that
# others wrote (both from PyPI), and Debian's Prometheus with native histograms. All on loopback; all are stopped at the end.
#
#     tests/telemetry/run.sh UPTAKE
#
# UPTAKE is a binary with the Cargo feature `telemetry`. It needs Python 3.11 and Prometheus 2.40 or later.
set -euo pipefail
uptake=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
python=$(realpath -m "${CARGO_TARGET_DIR:-target}/ci/otlp")
[[ -x $python/bin/python ]] || python3 -m venv "$python"
"$python/bin/pip" install --quiet --disable-pip-version-check --requirement tests/telemetry/requirements.txt
collector=$("$python/bin/python" -c 'import pathlib, rotel; print(pathlib.Path(rotel.__file__).with_name("rotel-agent"))')
UPTAKE="$uptake" COLLECTOR="$collector" timeout 300 "$python/bin/python" -m unittest discover --verbose \
    --start-directory tests/telemetry --pattern 'test_*.py'
