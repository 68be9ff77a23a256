#!/bin/sh
# Written by `uptake submit slurm`. Run it where sbatch is: sh FILE. It submits two jobs: the shards, each on a node of its own, and a
# step that depends on them and merges their results. Its exit code is that of the merge. sbatch reads further options from its
# variables, such as SBATCH_ACCOUNT and SBATCH_PARTITION.
set -eu

job=$(sbatch --parsable <<'UPTAKE_SHARDS'
#!/bin/sh
#SBATCH --job-name=%{name}
#SBATCH --nodes=%{shards}
#SBATCH --ntasks=%{shards}
#SBATCH --ntasks-per-node=1
%{cpus}
#SBATCH --output=%{name}-%j.out
export UPTAKE_SHARD=auto
export UPTAKE_RESULTS=%{results}/"$SLURM_JOB_ID"
%{start}
# A shard that failed does not end the others.
srun --kill-on-bad-exit=0%{srun_cpus} %{command}
UPTAKE_SHARDS
)
job=${job%%;*}
echo "job $job runs the shards; they write to %{name}-$job.out" >&2

# afterany: it names the shards that are missing.
code=0
sbatch --wait --quiet --dependency="afterany:$job" --export="ALL,UPTAKE_JOB=$job" --output="%{name}-$job-merge.out" \
    <<'UPTAKE_MERGE' || code=$?
#!/bin/sh
#SBATCH --job-name=%{name}-merge
#SBATCH --nodes=1
#SBATCH --ntasks=1
exec %{merge}
UPTAKE_MERGE
cat "%{name}-$job-merge.out"
exit "$code"
