//! The last lines of a run: where the report is, and what was found.

use crate::error::{Error, Result};
use crate::flags::RunFlags;
use crate::stages::root;
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;

/// Prints the report's path, the counts and the two chosen neurons, from `manifest.json`.
pub(crate) fn print(flags: &RunFlags) -> Result<()> {
    let run = run_dir(flags)?;
    let manifest = read_json(&run.join("manifest.json"))?;
    let mut out = std::io::stdout().lock();
    for line in lines(&manifest) {
        let _ = writeln!(out, "{line}");
    }
    let _ = writeln!(out, "report     {}", run.join("report.html").display());
    Ok(())
}

/// The run directory of these flags.
pub(crate) fn run_dir(flags: &RunFlags) -> Result<PathBuf> {
    if let Some(out) = &flags.out {
        return Ok(out.clone());
    }
    Ok(root().join("artifacts/runs").join(pipeline_name(flags)?))
}

/// The name that a pipeline file gives itself.
fn pipeline_name(flags: &RunFlags) -> Result<String> {
    let path = [flags.pipeline.clone(), root().join(&flags.pipeline)]
        .into_iter()
        .find(|path| path.exists())
        .unwrap_or_else(|| flags.pipeline.clone());
    let failed = |what: String| Error::Read {
        path: path.clone(),
        what,
    };
    let text = std::fs::read_to_string(&path).map_err(|error| failed(error.to_string()))?;
    // The stages have parsed the file before; here its first key is enough.
    text.lines()
        .take_while(|line| !line.trim_start().starts_with('['))
        .find_map(|line| {
            line.trim()
                .strip_prefix("name")?
                .trim_start()
                .strip_prefix('=')
        })
        .and_then(|value| value.split(['"', '\'']).nth(1))
        .map(str::to_owned)
        .ok_or_else(|| failed("it has no name".to_owned()))
}

/// Reads a JSON file.
pub(crate) fn read_json(path: &std::path::Path) -> Result<Value> {
    let failed = |what: String| Error::Read {
        path: path.to_owned(),
        what,
    };
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))
}

fn lines(manifest: &Value) -> Vec<String> {
    let stats = &manifest["stats"];
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let statistic = &stats["statistics"][0];
    let layers = stats["layers"].as_array();
    let rows: Vec<_> = layers
        .into_iter()
        .flatten()
        .filter(|row| row["statistic"] == *statistic)
        .collect();
    let sum = |key: &str| rows.iter().filter_map(|row| row[key].as_u64()).sum::<u64>();
    let mut lines = vec![
        String::new(),
        format!(
            "neurons    {} prefer {}, {} prefer {}, {} neither, {} undefined (of {} at {} layers)",
            sum("a"),
            text(&stats["category_a"]),
            sum("b"),
            text(&stats["category_b"]),
            sum("neither"),
            sum("undefined"),
            sum("tests"),
            rows.len(),
        ),
    ];
    for neuron in stats["selected"].as_array().into_iter().flatten() {
        lines.push(format!(
            "{:<10} {} layer {} neuron {}: t = {:.2}{}",
            text(&neuron["category"]),
            text(&neuron["site"]),
            neuron["layer"],
            neuron["neuron"],
            neuron["t"].as_f64().unwrap_or(f64::NAN),
            if neuron["significant"] == true {
                ""
            } else {
                " (not significant)"
            },
        ));
    }
    lines
}
