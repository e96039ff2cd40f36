//! Measuring: medians of several runs, with peak memory and the share of the machine's best matrix
//! product, beside PyTorch if wanted.

mod case;
mod flags;
mod outcome;
mod process;
mod products;
mod stage;
mod table;

pub(crate) use flags::BenchFlags;

use crate::error::{Error, Result};
use crate::process::{root, run_to_end};
use crate::programs::{Program, build};
use case::Case;
use outcome::{Outcome, median};
use products::{Products, products};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Measures, prints a table, and writes the JSON file if one is wanted.
pub(crate) fn bench(flags: &BenchFlags) -> Result<()> {
    let mut programs = Program::stages();
    programs.push(Program::Bench);
    build(&programs, &flags.backend)?;
    let folder = target()?.join("bench");
    let checkpoint = prepare(&folder)?;
    let cases = read_cases(&checkpoint.join("cases.json"))?;
    let known = known(&cases);
    if let Some(unknown) = flags.cases.iter().find(|name| !known.contains(name)) {
        return Err(Error::new(
            format!("there is no case `{unknown}`"),
            format!("choose among {}", known.join(", ")),
        ));
    }
    let before = products(flags, &checkpoint)?;
    let mut outcomes = Vec::new();
    for case in &cases {
        if flags.wants(&case.name, case.by_default) {
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

fn known(cases: &[Case]) -> Vec<String> {
    let names = cases.iter().map(|case| case.name.as_str());
    names
        .chain(stage::ALL.iter().map(|stage| stage.name))
        .map(str::to_owned)
        .collect()
}

/// Reads the cases that the worker has written.
fn read_cases(path: &Path) -> Result<Vec<Case>> {
    let bytes = std::fs::read(path).map_err(|error| Error::io("read", path, error))?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let what = format!("{}: not readable ({error})", path.display());
        Error::new(
            what,
            "remove its folder, and `cargo xtask bench` makes it again",
        )
    })
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
