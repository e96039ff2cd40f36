//! Whole stages, by the programs that a run starts, with all files written.

use super::flags::BenchFlags;
use super::outcome::Outcome;
use super::process;
use crate::error::{Error, Result};
use crate::process::{root, run_to_end};
use crate::programs::{Program, beside};
use selectron_run::Stage;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A stage on an experiment.
#[derive(Debug, Clone, Copy)]
pub(super) struct StageCase {
    pub(super) name: &'static str,
    about: &'static str,
    pub(super) by_default: bool,
    /// What is run.
    work: Work,
    experiment: Experiment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// One stage; those before it are run once without being measured.
    Stage(Stage),
    /// `cargo xtask run-all`.
    RunAll,
}

/// What is run on.
#[derive(Debug, Clone, Copy)]
enum Experiment {
    /// So many words a category on GPT-Neo 125M, and a text of so many tokens; 0 is the text that
    /// ships with the project.
    Made { words: usize, tokens: Option<usize> },
    /// The default pipeline, on the bundled model.
    Default,
}

/// The experiment that Selectron grew from, on every layer.
const ORIGINAL: Experiment = Experiment::Made {
    words: 100,
    tokens: Some(0),
};

const fn case(
    name: &'static str,
    about: &'static str,
    work: Work,
    experiment: Experiment,
) -> StageCase {
    StageCase {
        name,
        about,
        by_default: true,
        work,
        experiment,
    }
}

const fn extract_text(name: &'static str, about: &'static str, tokens: usize) -> StageCase {
    let experiment = Experiment::Made {
        words: 3,
        tokens: Some(tokens),
    };
    StageCase {
        by_default: tokens <= 4096,
        ..case(name, about, Work::Stage(Stage::Extract), experiment)
    }
}

/// Every case, in the order of a run.
pub(super) const ALL: &[StageCase] = &[
    case(
        "extract-words",
        "extract stage, 2,000 words, all layers",
        Work::Stage(Stage::Extract),
        Experiment::Made {
            words: 1000,
            tokens: None,
        },
    ),
    extract_text(
        "extract-text-4096",
        "extract stage, 4,096 tokens, all layers",
        4096,
    ),
    extract_text(
        "extract-text-32768",
        "extract stage, 32,768 tokens, all layers",
        32_768,
    ),
    extract_text(
        "extract-text-262144",
        "extract stage, 262,144 tokens, all layers",
        262_144,
    ),
    case(
        "extract",
        "extract stage, 200 words and the bundled text",
        Work::Stage(Stage::Extract),
        ORIGINAL,
    ),
    case(
        "stats",
        "stats stage with 10,000 max-T permutations",
        Work::Stage(Stage::Stats),
        ORIGINAL,
    ),
    case(
        "render",
        "render stage",
        Work::Stage(Stage::Render),
        ORIGINAL,
    ),
    case(
        "run-all",
        "cargo xtask run-all --force, built before",
        Work::RunAll,
        Experiment::Default,
    ),
];

/// Measures a stage.
pub(super) fn measure(
    flags: &BenchFlags,
    folder: &Path,
    checkpoint: &Path,
    case: &StageCase,
) -> Result<Outcome> {
    let pipeline = pipeline(folder, checkpoint, case.experiment)?;
    let name = pipeline.file_stem().unwrap_or_default();
    let arguments = |mut command: Command| {
        command.arg(&pipeline).arg("--force");
        command.arg("--out").arg(folder.join("runs").join(name));
        command.args(["--backend", &flags.backend]);
        flags.with_threads(&mut command);
        command
    };
    let mut command = match case.work {
        Work::Stage(stage) => {
            for earlier in Stage::ALL.iter().filter(|one| stage.comes_after(**one)) {
                let mut command = arguments(Program::Stage(*earlier).command()?);
                run_to_end(command.stdout(Stdio::null()))?;
            }
            arguments(Program::Stage(stage).command()?)
        }
        Work::RunAll => {
            let mut command = Command::new(beside("selectron-xtask")?);
            // Everything is built: cargo would only say so, once a run.
            command.env("CARGO_TERM_QUIET", "true").arg("run-all");
            arguments(command)
        }
    };
    let (mut seconds, mut peak) = (Vec::new(), None);
    // The first run reads its files from the disk and does not count.
    for run in 0..=flags.runs.get() {
        let (took, held) = process::watch(&mut command)?;
        peak = peak.max(held);
        if run > 0 {
            seconds.push(took);
        }
    }
    Ok(Outcome {
        name: case.name.to_owned(),
        about: case.about.to_owned(),
        seconds: vec![("selectron".to_owned(), seconds)],
        peak_bytes: vec![peak],
        flops: None,
        difference: None,
    })
}

/// Writes the pipeline file of an experiment, and its text.
fn pipeline(folder: &Path, checkpoint: &Path, experiment: Experiment) -> Result<PathBuf> {
    let (words, tokens) = match experiment {
        Experiment::Default => return Ok(root()?.join("pipelines/grammar.toml")),
        Experiment::Made { words, tokens } => (words, tokens),
    };
    let failed = |path: &Path, error| Error::io("write", path, error);
    let stimuli = root()?.join("pipelines/stimuli");
    let pipelines = folder.join("pipelines");
    std::fs::create_dir_all(&pipelines).map_err(|error| failed(&pipelines, error))?;
    let name = match tokens {
        Some(tokens) if tokens > 0 => format!("text-{tokens}"),
        _ => format!("words-{}", 2 * words),
    };
    let text = match tokens {
        None => String::new(),
        Some(0) => text_section(&stimuli.join("randomness.conllu")),
        Some(tokens) => {
            let path = pipelines.join(format!("{name}.txt"));
            if !path.exists() {
                let mut command = Program::Bench.command()?;
                command
                    .arg("text")
                    .arg(checkpoint)
                    .arg(stimuli.join("nouns.txt"));
                run_to_end(command.arg(tokens.to_string()).arg(&path))?;
            }
            text_section(&path)
        }
    };
    let category = |name: &str, list: &str| {
        format!(
            "[[category]]\nname = \"{name}\"\nwords = {}\nlimit = {words}\n",
            quoted(&stimuli.join(list))
        )
    };
    let content = format!(
        "name = \"{name}\"\nseed = 20\n[model]\nsource = {}\n\
         [record]\nsite = \"mlp.pre\"\nlayers = \"all\"\npresentation = \"bos-space\"\n\
         reduce = \"last\"\n{}{}\
         [test]\nstatistic = \"paired-t\"\ncorrection = \"max-t\"\npermutations = 10000\n{text}",
        quoted(checkpoint),
        category("noun", "nouns.txt"),
        category("verb", "verbs.txt"),
    );
    let path = pipelines.join(format!("{name}.toml"));
    std::fs::write(&path, content).map_err(|error| failed(&path, error))?;
    Ok(path)
}

fn text_section(path: &Path) -> String {
    format!("[text]\nsource = {}\n", quoted(path))
}

/// A path as a TOML string.
fn quoted(path: &Path) -> String {
    // JSON's strings are TOML's basic strings, escapes included.
    serde_json::Value::from(path.display().to_string()).to_string()
}
