#!/usr/bin/env bash
# The figures of a run in the programs that read them: a receiver of OTLP made of OpenTelemetry's Python messages (from PyPI), and
# Debian's Prometheus with native histograms. Both on loopback; all are stopped at the end.
#
#     tests/telemetry/run.sh UPTAKE
#
# UPTAKE is a binary with the Cargo feature `telemetry`. It needs Python 3 and Prometheus 2.40 or later.
set -euo pipefail
uptake=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
python=$(realpath -m "${CARGO_TARGET_DIR:-target}/ci/otlp")
[[ -x $python/bin/python ]] || python3 -m venv "$python"
"$python/bin/python" -c 'import opentelemetry.proto' 2> /dev/null \
    || "$python/bin/pip" install --quiet --disable-pip-version-check opentelemetry-proto==1.45.2
UPTAKE="$uptake" timeout 300 "$python/bin/python" -m unittest discover --verbose --start-directory tests/telemetry --pattern 'test_*.py'
