//! Measuring: medians of several runs, with peak memory and the share of the machine's best matrix
//! product, beside PyTorch if wanted.

mod case;
mod process;
mod stage;
mod table;

use crate::error::{Error, Result};
use crate::process::{root, run_to_end};
use crate::programs::{Program, build};
use selectron_run::stage::BACKENDS;
use serde_json::{Value, json};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The flags of `bench`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct BenchFlags {
    /// Measure PyTorch too, alternating with ours, with this Python, which needs torch and
    /// transformers
    #[arg(long, value_name = "PYTHON")]
    torch: Option<PathBuf>,

    /// Runs of each case; the median counts
    #[arg(long, value_name = "N", default_value = "5")]
    runs: NonZeroUsize,

    /// Measure only this case; may be given several times. The table names them
    #[arg(long = "case", value_name = "NAME")]
    cases: Vec<String>,

    /// Where the model computes: `flex`, `ndarray` or `wgpu`
    #[arg(long, value_name = "NAME", default_value = "flex", value_parser = BACKENDS)]
    backend: String,

    /// CPU threads to work with, in place of one a core, for both sides
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// Write everything that was measured, every single run included, to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl BenchFlags {
    /// Whether a case is to be measured.
    fn wants(&self, name: &str, by_default: bool) -> bool {
        match self.cases.as_slice() {
            [] => by_default,
            named => named.iter().any(|wanted| wanted == name),
        }
    }

    /// Our worker.
    fn worker(&self) -> Result<Command> {
        let mut command = Program::Bench.command()?;
        command.args(["--backend", &self.backend]);
        self.with_threads(&mut command);
        Ok(command)
    }

    /// PyTorch's side, if it is wanted.
    fn torch(&self, checkpoint: &Path, what: &str) -> Result<Option<Command>> {
        let Some(python) = &self.torch else {
            return Ok(None);
        };
        let mut command = Command::new(python);
        command.arg(root()?.join("tests/reference/bench/torch_side.py"));
        command.arg(checkpoint).arg(what);
        self.with_threads(&mut command);
        Ok(Some(command))
    }

    fn with_threads(&self, command: &mut Command) {
        if let Some(threads) = self.threads {
            command.arg("--threads").arg(threads.to_string());
        }
    }
}

/// What a case came to.
#[derive(Debug, Clone)]
struct Outcome {
    name: String,
    about: String,
    /// The sides, ours first, with the seconds of every run.
    seconds: Vec<(String, Vec<f64>)>,
    /// Peak memory of each process, ours first.
    peak_bytes: Vec<Option<u64>>,
    /// Operations of the matrix products, where these are what counts.
    flops: Option<f64>,
    /// Relative difference of sampled activations between the sides.
    difference: Option<f64>,
}

/// Measures, prints a table, and writes the JSON file if one is wanted.
pub(crate) fn bench(flags: &BenchFlags) -> Result<()> {
    let mut programs = Program::stages();
    programs.push(Program::Bench);
    build(&programs, &flags.backend)?;
    let folder = target()?.join("bench");
    let checkpoint = prepare(&folder)?;
    let cases = read_json(&checkpoint.join("cases.json"))?;
    let known = known(&cases);
    if let Some(unknown) = flags.cases.iter().find(|name| !known.contains(name)) {
        return Err(Error::new(
            format!("there is no case `{unknown}`"),
            format!("choose among {}", known.join(", ")),
        ));
    }
    let before = products(flags, &checkpoint)?;
    let mut outcomes = Vec::new();
    for case in cases.as_array().into_iter().flatten() {
        let name = case["name"].as_str().unwrap_or_default();
        if flags.wants(name, case["by_default"] == true) {
            outcomes.push(case::measure(flags, &checkpoint, case)?);
            table::progress(outcomes.last());
        }
    }
    for stage in stage::ALL {
        if flags.wants(stage.name, stage.by_default) {
            outcomes.push(stage::measure(flags, &folder, &checkpoint, stage)?);
            table::progress(outcomes.last());
        }
    }
    // The machine's speed varies with what else it does; the better of two looks is nearer the truth.
    let products = before.best_of(products(flags, &checkpoint)?);
    table::print(flags, &products, &outcomes);
    match &flags.json {
        Some(path) => write(path, flags, &products, &outcomes),
        None => Ok(()),
    }
}

/// Cargo's target folder, which is outside version control: our own program lies in
/// `<target>/debug`.
fn target() -> Result<PathBuf> {
    let program = Program::Bench.path()?;
    match program.ancestors().nth(2) {
        Some(target) => Ok(target.to_owned()),
        None => Ok(root()?.join("target")),
    }
}

/// Makes the checkpoint and the cases, unless they are there.
fn prepare(folder: &Path) -> Result<PathBuf> {
    let checkpoint = folder.join("gpt-neo-125m");
    let failed = |path: &Path, error| Error::io("write", path, error);
    // The cases are written last and renamed into place last: if they are there, all is.
    let making = folder.join("making");
    if !checkpoint.join("cases.json").exists() {
        let _ = std::fs::remove_dir_all(&making);
        std::fs::create_dir_all(&making).map_err(|error| failed(&making, error))?;
        run_to_end(Program::Bench.command()?.arg("checkpoint").arg(&making))?;
        let bundled = root()?.join("artifacts/models/neo-mini");
        for name in ["tokenizer.json", "tokenizer_config.json"] {
            std::fs::copy(bundled.join(name), making.join(name))
                .map_err(|error| failed(&bundled.join(name), error))?;
        }
        run_to_end(Program::Bench.command()?.arg("cases").arg(&making))?;
        let _ = std::fs::remove_dir_all(&checkpoint);
        std::fs::rename(&making, &checkpoint).map_err(|error| failed(&checkpoint, error))?;
    }
    // The ids may have changed with the program.
    run_to_end(Program::Bench.command()?.arg("cases").arg(&checkpoint))?;
    Ok(checkpoint)
}

fn known(cases: &Value) -> Vec<String> {
    let cases = cases.as_array().into_iter().flatten();
    let names = cases.filter_map(|case| case["name"].as_str());
    names
        .chain(stage::ALL.iter().map(|stage| stage.name))
        .map(str::to_owned)
        .collect()
}

/// The best float32 matrix products, in operations a second.
#[derive(Debug, Clone, Copy)]
struct Products {
    ours: f64,
    torch: Option<f64>,
}

impl Products {
    fn best_of(self, other: Self) -> Self {
        Self {
            ours: self.ours.max(other.ours),
            torch: self.torch.zip(other.torch).map(|(a, b)| a.max(b)),
        }
    }
}

fn products(flags: &BenchFlags, checkpoint: &Path) -> Result<Products> {
    let flops = |line: Value| line["flops"].as_f64().unwrap_or(f64::NAN);
    let mut ours = flags.worker()?;
    ours.arg("product");
    let ours = flops(process::output(ours)?);
    let torch = match flags.torch(checkpoint, "product")? {
        Some(torch) => Some(flops(process::output(torch)?)),
        None => None,
    };
    Ok(Products { ours, torch })
}

/// Reads a JSON file that the worker has written.
fn read_json(path: &Path) -> Result<Value> {
    let bytes = std::fs::read(path).map_err(|error| Error::io("read", path, error))?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let what = format!("{}: not readable ({error})", path.display());
        Error::new(
            what,
            "remove its folder, and `cargo xtask bench` makes it again",
        )
    })
}

/// The middle of the runs.
fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    if sorted.len().is_multiple_of(2) {
        (at(middle.saturating_sub(1)) + at(middle)) / 2.0
    } else {
        at(middle)
    }
}

fn write(path: &Path, flags: &BenchFlags, products: &Products, outcomes: &[Outcome]) -> Result<()> {
    let cases: Vec<_> = outcomes
        .iter()
        .map(|outcome| {
            let sides: Vec<_> = outcome
                .seconds
                .iter()
                .map(|(side, seconds)| {
                    json!({"side": side, "median": median(seconds), "seconds": seconds})
                })
                .collect();
            json!({
                "case": outcome.name,
                "about": outcome.about,
                "sides": sides,
                "peak_bytes": outcome.peak_bytes,
                "flops": outcome.flops,
                "difference": outcome.difference,
            })
        })
        .collect();
    let all = json!({
        "backend": flags.backend,
        "threads": flags.threads,
        "product_flops": {"selectron": products.ours, "torch": products.torch},
        "cases": cases,
    });
    std::fs::write(path, format!("{all:#}\n")).map_err(|error| Error::io("write", path, error))
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_the_middle_one_or_between_the_two_middle_ones() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
    }
}
