#!/usr/bin/env bash
# A load run on a Slurm cluster on loopback: four nodes, each with a task that sends its shard to the reference server, and a dependent
# step that merges. Thresholds decide the exit code of that step; when a task is killed midway, the step names its shard and fails.
#
#     tests/slurm/run.sh [UPTAKE]
#
# Debian's slurm-wlm and munge are installed where they are missing. All daemons are stopped at the end, by their process ids.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
uptake=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/release/uptake}")
[[ -x $uptake ]] || { echo "no binary at $uptake"; exit 2; }

missing=()
command -v slurmctld > /dev/null || missing+=(slurm-wlm)
command -v munged > /dev/null || missing+=(munge)
if [[ ${#missing[@]} -gt 0 ]]; then
    as=()
    [[ $(id -u) -eq 0 ]] || as=(sudo)
    "${as[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
fi
# slurmd starts tasks for other users, so it runs as root.
[[ $(id -u) -eq 0 ]] || exec sudo --preserve-env=PATH "$0" "$uptake"

work=$(mktemp -d)
daemons=()
cleanup() {
    local code=$?
    if [[ $code -ne 0 ]]; then
        tail -n 20 "$work"/*.log "$work"/*.out 2> /dev/null || true
    fi
    # Tasks outlive the daemons that started them.
    if [[ -n ${SLURM_CONF:-} ]]; then
        timeout 10 scancel --user="$(id -un)" 2> /dev/null || true
        until_holds 10 no_jobs || true
    fi
    # The last one started is the first to end.
    local at
    for ((at = ${#daemons[@]} - 1; at >= 0; at--)); do
        kill "${daemons[at]}" 2> /dev/null || true
    done
    for at in "${daemons[@]}"; do
        wait "$at" 2> /dev/null || true
    done
    rm -rf "$work"
    exit "$code"
}
trap cleanup EXIT

# start NAME COMMAND...: a daemon in the foreground of its own process, with a log.
start() {
    local name=$1
    shift
    "$@" > "$work/$name.log" 2>&1 &
    daemons+=("$!")
}

# until_holds SECONDS COMMAND...: asks until the command succeeds.
until_holds() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" > /dev/null 2>&1; do
        if ((SECONDS >= deadline)); then
            echo "this did not happen in time: $*"
            return 1
        fi
        sleep 0.1
    done
}

no_jobs() { [[ -z $(timeout 10 squeue --noheader) ]]; }

# Ports that are free now, one for each daemon of Slurm.
mapfile -t ports < <(python3 - <<'PYTHON'
import socket
sockets = [socket.socket() for _ in range(5)]
for one in sockets:
    one.bind(("127.0.0.1", 0))
for one in sockets:
    print(one.getsockname()[1])
PYTHON
)

dd if=/dev/urandom of="$work/munge.key" bs=1024 count=1 status=none
chmod 400 "$work/munge.key"
start munged munged --foreground --force --key-file "$work/munge.key" --socket "$work/munge.socket" \
    --pid-file "$work/munge.pid" --log-file "$work/munge.log" --seed-file "$work/munge.seed"
until_holds 20 test -S "$work/munge.socket"

mkdir "$work/state"
{
    cat <<CONF
ClusterName=uptake
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CredType=cred/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool-%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SlurmdParameters=config_overrides
ReturnToService=2
MpiDefault=none
SchedulerParameters=sched_interval=1
MinJobAge=300
CONF
    for node in 1 2 3 4; do
        echo "NodeName=node$node NodeHostname=$(hostname) NodeAddr=127.0.0.1 Port=${ports[node]} CPUs=2 State=UNKNOWN"
    done
    echo "PartitionName=all Nodes=node[1-4] Default=YES MaxTime=INFINITE State=UP"
} > "$work/slurm.conf"
echo "CgroupPlugin=cgroup/v1" > "$work/cgroup.conf"
export SLURM_CONF=$work/slurm.conf
start slurmctld slurmctld -D -c -f "$work/slurm.conf"
for node in 1 2 3 4; do
    mkdir "$work/spool-node$node"
    start "slurmd-node$node" slurmd -D -N "node$node" -f "$work/slurm.conf"
done
all_idle() { [[ $(sinfo --noheader --format='%D %t') == '4 idle' ]]; }
until_holds 40 all_idle

start serve "$uptake" serve --listen 127.0.0.1:0 --discard --write-profile "$work/target.yaml"
until_holds 20 test -s "$work/target.yaml"

# What `uptake submit slurm` prints is run by this uptake; each task says which process it is.
mkdir "$work/bin" "$work/tasks"
cat > "$work/bin/uptake" <<SCRIPT
#!/bin/sh
echo \$\$ > "$work/tasks/\$SLURM_JOB_NAME-\$SLURM_PROCID"
exec "$uptake" "\$@"
SCRIPT
chmod +x "$work/bin/uptake"
export PATH=$work/bin:$PATH
cd "$work"

declare -A submitted
# submit NAME SECONDS CONDITION: four tasks that load the server, and the step that merges, as users run them.
submit() {
    "$uptake" submit slurm --shards 4 --cpus 1 --name "$1" --start-in 5s --wait 1s --results "results-$1" -- \
        load --target target.yaml --rate 40/s --arrivals poisson --size 16KiB..64KiB --duration "$2s" --allow-saturated \
        --fail-if "$3" > "$1.sh"
    sh "$1.sh" > "$1.log" 2>&1 &
    submitted[$1]=$!
}

# ends NAME CODE: the script must end with this exit code, which is that of the merge.
ends() {
    local got=0
    wait "${submitted[$1]}" || got=$?
    echo "== $1: ended with $got"
    cat "$1.log"
    [[ $got -eq $2 ]] || { echo "$1: the merge ended with $got, not $2"; return 1; }
}

submit holds 4 'errors > 0'
submit killed 12 'errors > 0'
submit breaks 4 'uploads > 10'

# After its first line of progress, which comes once it has sent for five seconds, task 2 is in the middle of its part.
sends() { grep -q '5/12 s' killed-*.out; }
until_holds 90 sends
kill -KILL "$(cat tasks/killed-2)"

ends holds 0
grep -q 'all 4 shards sent at once' holds.log
! grep -q 'did not agree on a start' holds.log || { echo "the tasks of one job started at different instants"; exit 1; }
grep -q 'uploads *[0-9]* completed' holds.log
ends breaks 1
grep -q 'failed: uploads' breaks.log
ends killed 3
grep -q 'shard 3/4 has no result' killed.log

echo "Slurm: all held"
