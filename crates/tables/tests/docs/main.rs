//! The reference pages are generated from the code that reads and writes what they describe:
//! `docs/pipeline.md` and `docs/tables.md`. `cargo xtask docs` rewrites them.

// These are tests all through: what fails here fails the test.
#![allow(clippy::unwrap_used)]

mod markdown;
mod pipeline;
mod tables;

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compares a page with what it should be, or writes it where that is asked for.
fn check(page: &str, expected: &str) {
    let path = root().join("docs").join(page);
    if std::env::var_os("SELECTRON_WRITE_DOCS").is_some() {
        std::fs::write(&path, expected).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let lines = found.lines().zip(expected.lines());
    let same = lines.take_while(|(found, expected)| found == expected);
    assert!(
        found == expected,
        "docs/{page} is not what the code says, from line {} on; rewrite it with `cargo xtask docs`",
        same.count() + 1
    );
}

#[test]
fn every_key_of_a_pipeline_is_documented() {
    check("pipeline.md", &pipeline::page());
}

#[test]
fn every_column_of_every_table_is_documented() {
    check("tables.md", &tables::page());
}
