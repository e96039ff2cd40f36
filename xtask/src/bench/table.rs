//! The table that `bench` prints.

use super::flags::BenchFlags;
use super::outcome::{Outcome, median};
use super::products::Products;
use std::io::Write;

/// The columns.
const HEADER: [&str; 9] = [
    "case",
    "what",
    "seconds",
    "GFLOP/s",
    "of peak",
    "peak MiB",
    "PyTorch s",
    "ratio",
    "notebook ratio",
];

/// A line on the standard error when a case is done: all of them take minutes.
pub(super) fn progress(outcome: Option<&Outcome>) {
    if let Some(outcome) = outcome {
        let seconds = seconds(outcome, "selectron")
            .map(number)
            .unwrap_or_default();
        let _ = writeln!(
            std::io::stderr().lock(),
            "measured {}: {seconds} s",
            outcome.name
        );
    }
}

/// Prints the table, in Markdown.
pub(super) fn print(flags: &BenchFlags, products: &Products, outcomes: &[Outcome]) {
    let mut out = std::io::stdout().lock();
    let threads = match flags.threads {
        Some(threads) => threads.get(),
        None => std::thread::available_parallelism().map_or(0, std::num::NonZeroUsize::get),
    };
    let _ = writeln!(
        out,
        "{} on {threads} threads, medians of {} runs; best float32 matrix product {:.0} GFLOP/s{}\n",
        flags.backend,
        flags.runs,
        products.ours / 1e9,
        match products.torch {
            Some(torch) => format!(", PyTorch's {:.0}", torch / 1e9),
            None => String::new(),
        }
    );
    let mut rows = vec![HEADER.map(str::to_owned), HEADER.map(|_| "---".to_owned())];
    rows.extend(outcomes.iter().map(|outcome| row(products, outcome)));
    let with_torch = outcomes.iter().any(|outcome| outcome.seconds.len() > 1);
    let columns = if with_torch { HEADER.len() } else { 6 };
    let mut widths = [0; HEADER.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in &rows {
        let cells: Vec<_> = row
            .iter()
            .zip(widths)
            .take(columns)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    let differences = outcomes.iter().filter_map(|outcome| outcome.difference);
    if let Some(largest) = differences.reduce(f64::max) {
        let _ = writeln!(
            out,
            "\nBoth sides' activations were compared in every case: they differ by {largest:.0e} of \
             their size at most."
        );
    }
}

fn row(products: &Products, outcome: &Outcome) -> [String; 9] {
    let ours = seconds(outcome, "selectron");
    let flops = outcome.flops.zip(ours).map(|(flops, ours)| flops / ours);
    let batched = seconds(outcome, "batched");
    let ratio = |theirs: Option<f64>| {
        let ratio = theirs.zip(ours).map(|(theirs, ours)| theirs / ours);
        ratio
            .map(|ratio| format!("{ratio:.1} x"))
            .unwrap_or_default()
    };
    let peak = outcome.peak_bytes.first().copied().flatten();
    [
        outcome.name.clone(),
        outcome.about.clone(),
        ours.map(number).unwrap_or_default(),
        flops
            .map(|flops| format!("{:.0}", flops / 1e9))
            .unwrap_or_default(),
        flops
            .map(|flops| format!("{:.0} %", 100.0 * flops / products.ours))
            .unwrap_or_default(),
        peak.map(|peak| format!("{:.0}", peak as f64 / f64::from(1 << 20)))
            .unwrap_or_default(),
        batched.map(number).unwrap_or_default(),
        ratio(batched),
        ratio(seconds(outcome, "notebook")),
    ]
}

/// The median of a side's runs, if it has any.
fn seconds(outcome: &Outcome, side: &str) -> Option<f64> {
    let found = outcome.seconds.iter().find(|(name, _)| name == side);
    found.map(|(_, seconds)| median(seconds))
}

/// Three significant digits.
fn number(seconds: f64) -> String {
    match seconds {
        _ if seconds >= 100.0 => format!("{seconds:.0}"),
        _ if seconds >= 10.0 => format!("{seconds:.1}"),
        _ if seconds >= 1.0 => format!("{seconds:.2}"),
        _ => format!("{seconds:.3}"),
    }
}
