#!/usr/bin/env bash
# Results of shards in an S3-compatible store (moto, from PyPI, on loopback): four shards merged from the store have the same counts as
# merged from a folder; a bucket that is missing, a key that is refused, and a store that hangs or is gone are told within a bound.
#
#     tests/s3/run.sh UPTAKE
#
# UPTAKE is a binary with the Cargo feature `object-store`. It needs Python 3 and curl. All servers are stopped at the end.
set -euo pipefail
uptake=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
python=$(realpath -m "${CARGO_TARGET_DIR:-target}/ci/moto")
[[ -x $python/bin/moto_server ]] || { python3 -m venv "$python" && "$python/bin/pip" install --quiet --disable-pip-version-check 'moto[server,s3]==5.2.5'; }

work=$(mktemp -d)
servers=()
cleanup() {
    local code=$? server
    [[ $code -eq 0 ]] || tail -n 20 "$work"/*.log 2> /dev/null || true
    for server in "${servers[@]}"; do
        kill "$server" 2> /dev/null || true
        wait "$server" 2> /dev/null || true
    done
    rm -rf "$work"
    exit "$code"
}
trap cleanup EXIT
cd "$work"

"$python/bin/moto_server" -H 127.0.0.1 -p 0 > moto.log 2>&1 &
servers+=("$!")
moto=$!
deadline=$((SECONDS + 60))
until endpoint=$(grep -so 'http://127.0.0.1:[0-9]*' moto.log); do
    ((SECONDS < deadline)) || { echo "moto did not start"; exit 1; }
    sleep 0.2
done
unset "${!AWS_@}"
export AWS_ENDPOINT_URL=$endpoint AWS_ACCESS_KEY_ID=key AWS_SECRET_ACCESS_KEY=secret AWS_REGION=us-east-1
curl --silent --fail --output /dev/null -X PUT "$endpoint/bucket"

# run LOCATION: four shards at once.
run() {
    local shard shards=()
    for shard in 1 2 3 4; do
        timeout 120 "$uptake" load --rate 40/s --arrivals poisson --size 1KiB..9KiB --duration 2s --allow-saturated --quiet \
            --fail-if 'errors > 0' --shard "$shard/4" --results "$1" &
        shards+=("$!")
    done
    for shard in "${shards[@]}"; do
        wait "$shard"
    done
}

echo "== the same from a store as from a folder"
run folder
run s3://bucket/runs/1
timeout 60 "$uptake" report merge folder --expect 4 --report json=folder.json --quiet
timeout 60 "$uptake" report merge s3://bucket/runs/1 --expect 4 --wait 5s --report json=store.json --quiet
python3 - <<'PYTHON'
import json
def counts(path):
    run = json.load(open(path))
    phases = {name: phase["count"] for name, phase in run["phases"].items() if name in ("upload", "service", "segment", "token")}
    return [run["summary"][key] for key in ("started", "uploads", "errors", "segments", "goodput_bytes")], phases
folder, store = counts("folder.json"), counts("store.json")
assert folder == store and folder[0][1] > 0, (folder, store)
print(store)
PYTHON

# told CODE SECONDS HINT COMMAND...: it ends with this exit code within this time, and says this.
told() {
    local code=$1 most=$2 hint=$3 got=0
    shift 3
    timeout "$most" "$@" > told.log 2>&1 || got=$?
    tail -n 1 told.log
    [[ $got -eq $code ]] && grep -q "$hint" told.log && return
    echo "exit code $got, not $code within $most s, or not: $hint"
    return 1
}
load=("$uptake" load -n 1 --size 1KiB --allow-saturated --shard 1/1 --results)

echo "== what is wrong is told"
told 3 20 'create the bucket' "${load[@]}" s3://missing/run
told 3 20 'create the bucket' "$uptake" report merge s3://missing/run --expect 4
told 3 20 'shards 1/4, 2/4, 3/4 and 4/4 have no result' "$uptake" report merge s3://bucket/runs/2 --expect 4 --wait 1s
run s3://bucket/runs/1
told 2 20 'has two results' "$uptake" report merge s3://bucket/runs/1 --expect 4
# From now on moto checks keys.
curl --silent --fail --output /dev/null --header 'Content-Type: text/plain' --data 0 "$endpoint/moto-api/reset-auth"
told 3 20 'check AWS_ACCESS_KEY_ID' "${load[@]}" s3://bucket/run
told 3 20 'check AWS_ACCESS_KEY_ID' "$uptake" report merge s3://bucket/runs/1 --expect 4
kill "$moto"
wait "$moto" 2> /dev/null || true
told 3 60 'check the network and AWS_ENDPOINT_URL' "$uptake" report merge s3://bucket/runs/1 --expect 4
told 2 20 's3://BUCKET/PREFIX' "${load[@]}" http://bucket/run

# A store that accepts connections and says nothing.
python3 -u - > hanging.log <<'PYTHON' &
import socket
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1])
held = []
while True:
    held.append(server.accept())
PYTHON
servers+=("$!")
deadline=$((SECONDS + 20))
until [[ -s hanging.log ]]; do
    ((SECONDS < deadline)) || { echo "the hanging store did not start"; exit 1; }
    sleep 0.1
done
AWS_ENDPOINT_URL=http://127.0.0.1:$(cat hanging.log)
told 3 60 'check the network and AWS_ENDPOINT_URL' "${load[@]}" s3://bucket/run

echo "S3: all held"
