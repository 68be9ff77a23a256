//! Which shard this process is, by the variables that schedulers and launchers set.

use uptake_outcome::Shard;

/// How an engine numbers its processes.
struct Engine {
    name: &'static str,
    /// The variable with the number of this process.
    index: &'static str,
    /// The variable with the number of processes, where there is one.
    count: Option<&'static str>,
    /// The number of the first process.
    first: u64,
}

/// In the order in which they are asked: a launcher that runs inside a job of another engine comes first.
const ENGINES: [Engine; 6] = [
    Engine { name: "Kubernetes", index: "JOB_COMPLETION_INDEX", count: None, first: 0 },
    Engine {
        name: "AWS Batch",
        index: "AWS_BATCH_JOB_ARRAY_INDEX",
        count: Some("AWS_BATCH_JOB_ARRAY_SIZE"),
        first: 0,
    },
    Engine { name: "Open MPI", index: "OMPI_COMM_WORLD_RANK", count: Some("OMPI_COMM_WORLD_SIZE"), first: 0 },
    Engine { name: "MPI", index: "PMI_RANK", count: Some("PMI_SIZE"), first: 0 },
    Engine { name: "Slurm", index: "SLURM_PROCID", count: Some("SLURM_NTASKS"), first: 0 },
    Engine { name: "GitLab", index: "CI_NODE_INDEX", count: Some("CI_NODE_TOTAL"), first: 1 },
];

/// The number of a process, from 0, and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Position {
    index: u64,
    count: Option<u64>,
}

/// The shard of this process. `count` says how many shards there are where no variable does.
pub(super) fn shard(count: Option<u64>, variable: &dyn Fn(&str) -> Option<String>) -> Result<Shard, String> {
    let (name, position) = position(variable)?;
    let count = match (position.count, count) {
        (Some(known), Some(given)) if known != given => {
            return Err(format!(
                "--shard says that there are {given} shards, but {name} runs {known} processes"
            ));
        }
        (Some(count), _) | (None, Some(count)) => count,
        (None, None) => {
            return Err(format!(
                "{name} does not say how many processes there are: write --shard auto/COUNT"
            ));
        }
    };
    Shard::new(position.index + 1, count).ok_or_else(|| {
        format!("{name} says that this is process {} (from 0), but there are {count} shards", position.index)
    })
}

fn position(variable: &dyn Fn(&str) -> Option<String>) -> Result<(&'static str, Position), String> {
    let array = slurm_array(variable)?;
    for engine in &ENGINES {
        let Some(index) = number(engine.index, variable)? else { continue };
        let count = engine.count.map(|name| number(name, variable)).transpose()?.flatten();
        let index = index.checked_sub(engine.first).ok_or_else(|| {
            format!("{}={index} is not valid: it counts from {}", engine.index, engine.first)
        })?;
        let tasks = Position { index, count };
        let position = match array {
            Some(array) if engine.name == "Slurm" => tasks_of_array(array, tasks),
            _ => tasks,
        };
        return Ok((engine.name, position));
    }
    match array {
        Some(array) => Ok(("Slurm", array)),
        None => Err("--shard auto found no variable of Kubernetes, AWS Batch, MPI, Slurm or GitLab: write --shard NUMBER/COUNT"
            .to_owned()),
    }
}

/// Each task of each element of an array is a shard of its own.
fn tasks_of_array(array: Position, tasks: Position) -> Position {
    let each = tasks.count.unwrap_or(1);
    Position {
        index: array.index.saturating_mul(each).saturating_add(tasks.index),
        count: array.count.map(|elements| elements.saturating_mul(each)),
    }
}

/// The position in a job array of Slurm, whose ids may begin anywhere and have a step.
fn slurm_array(variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Position>, String> {
    let Some(id) = number("SLURM_ARRAY_TASK_ID", variable)? else { return Ok(None) };
    let read = |name| number(name, variable);
    let (min, max) = (read("SLURM_ARRAY_TASK_MIN")?.unwrap_or(0), read("SLURM_ARRAY_TASK_MAX")?);
    let step = read("SLURM_ARRAY_TASK_STEP")?.filter(|step| *step > 0).unwrap_or(1);
    let count = read("SLURM_ARRAY_TASK_COUNT")?;
    let is_regular = max.zip(count).is_none_or(|(max, count)| max.saturating_sub(min) / step + 1 == count);
    if !is_regular || id < min || (id - min) % step != 0 {
        return Err("the ids of this Slurm array are not evenly spaced: use --array=0-N, or write --shard NUMBER/COUNT".to_owned());
    }
    Ok(Some(Position { index: (id - min) / step, count }))
}

fn number(name: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<u64>, String> {
    let Some(text) = variable(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    text.trim()
        .parse()
        .map(Some)
        .map_err(|_| format!("{name}={text} is not a whole number; write --shard NUMBER/COUNT"))
}

#[cfg(test)]
mod tests {
    use super::shard;

    /// The variables of an engine, how many shards are wanted, and what comes of them.
    type Case<'a> = (&'a [(&'a str, &'a str)], Option<u64>, &'a str);

    fn found(variables: &[(&str, &str)], count: Option<u64>) -> Result<String, String> {
        let get = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        shard(count, &get).map(|shard| shard.to_string())
    }

    #[test]
    fn each_engine_says_which_shard_a_process_is() {
        let array = [
            ("SLURM_ARRAY_TASK_ID", "7"),
            ("SLURM_ARRAY_TASK_MIN", "1"),
            ("SLURM_ARRAY_TASK_MAX", "7"),
            ("SLURM_ARRAY_TASK_STEP", "3"),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
        ];
        let mut tasks_of_array = array.to_vec();
        tasks_of_array.extend([("SLURM_PROCID", "1"), ("SLURM_NTASKS", "2")]);
        let cases: [Case; 9] = [
            (&[("JOB_COMPLETION_INDEX", "0")], Some(4), "1/4"),
            (&[("AWS_BATCH_JOB_ARRAY_INDEX", "3"), ("AWS_BATCH_JOB_ARRAY_SIZE", "10")], None, "4/10"),
            (
                &[
                    ("OMPI_COMM_WORLD_RANK", "2"),
                    ("OMPI_COMM_WORLD_SIZE", "3"),
                    ("SLURM_PROCID", "0"),
                    ("SLURM_NTASKS", "1"),
                ],
                None,
                "3/3",
            ),
            (&[("PMI_RANK", "0"), ("PMI_SIZE", "2")], None, "1/2"),
            (&[("SLURM_PROCID", "3"), ("SLURM_NTASKS", "4")], Some(4), "4/4"),
            (&array, None, "3/3"),
            (&tasks_of_array, None, "6/6"),
            (&[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "5")], None, "1/5"),
            (&[("JOB_COMPLETION_INDEX", ""), ("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "5")], None, "2/5"),
        ];
        for (variables, count, wanted) in cases {
            assert_eq!(found(variables, count).as_deref(), Ok(wanted), "{variables:?}");
        }
    }

    #[test]
    fn what_an_engine_leaves_open_is_explained() {
        let cases: [Case; 6] = [
            (&[], None, "write --shard NUMBER/COUNT"),
            (&[("JOB_COMPLETION_INDEX", "1")], None, "write --shard auto/COUNT"),
            (&[("JOB_COMPLETION_INDEX", "4")], Some(4), "process 4 (from 0), but there are 4 shards"),
            (
                &[("SLURM_PROCID", "1"), ("SLURM_NTASKS", "4")],
                Some(8),
                "8 shards, but Slurm runs 4 processes",
            ),
            (&[("CI_NODE_INDEX", "zero")], None, "CI_NODE_INDEX=zero is not a whole number"),
            (
                &[
                    ("SLURM_ARRAY_TASK_ID", "5"),
                    ("SLURM_ARRAY_TASK_MIN", "1"),
                    ("SLURM_ARRAY_TASK_MAX", "9"),
                    ("SLURM_ARRAY_TASK_COUNT", "3"),
                ],
                None,
                "not evenly spaced",
            ),
        ];
        for (variables, count, hint) in cases {
            let why = found(variables, count).expect_err(hint);
            assert!(why.contains(hint), "{why}");
        }
    }
}
