//! Slurm: a script that submits the shards and a step that depends on them.

use std::time::Duration;

use super::args::SlurmArgs;
use super::template::fill;
use super::work::Work;

/// All tasks of a job are launched within this time, mostly.
const START_IN: Duration = Duration::from_secs(20);
/// How long a shared file system may take to show a result on another node.
const WAIT: Duration = Duration::from_secs(60);

/// The script.
pub(super) fn text(args: &SlurmArgs, work: &Work) -> String {
    let common = &args.common;
    let start_in = common.start_in.unwrap_or(START_IN).as_secs();
    // One instant for all tasks, computed where the job begins. Both GNU's and BusyBox's date read seconds like this.
    let start = if work.starts_together() {
        format!(
            "UPTAKE_START_AT=$(date -u -d \"@$(($(date +%s) + {start_in}))\" +%Y-%m-%dT%H:%M:%SZ)\nexport UPTAKE_START_AT"
        )
    } else {
        String::new()
    };
    let location = format!("{}/\"$UPTAKE_JOB\"", args.results.to_string().trim_end_matches('/'));
    let values = [
        ("name", common.name.clone().unwrap_or_else(|| "uptake".to_owned())),
        ("shards", common.shards.to_string()),
        ("cpus", args.cpus.map_or_else(String::new, |cpus| format!("#SBATCH --cpus-per-task={cpus}"))),
        // Since Slurm 22.05, srun does not take it over from sbatch.
        ("srun_cpus", args.cpus.map_or_else(String::new, |cpus| format!(" --cpus-per-task={cpus}"))),
        ("results", args.results.to_string().trim_end_matches('/').to_owned()),
        ("start", start),
        ("command", work.shell()),
        ("merge", work.merge_shell(&location, common.shards, common.wait.unwrap_or(WAIT))),
    ];
    fill(include_str!("slurm.sh"), &values)
}
