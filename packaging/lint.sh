#!/usr/bin/env bash
# Lints the workflows, the action and the shell scripts. Any finding fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. packaging/python-tools.sh

# --offline: no server is asked whether a pinned hash belongs to a tag.
zizmor --offline --no-progress --quiet .github/workflows action.yml
actionlint .github/workflows/*.yml
shellcheck --external-sources packaging/*.sh packaging/*/*.sh .ci/run .ci/*.sh .ci/documents .ci/manifests tests/slurm/run.sh tests/s3/run.sh tests/telemetry/run.sh
echo "no findings"
