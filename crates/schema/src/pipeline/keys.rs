//! Unknown keys are refused with the nearest known one, and every complaint has a line number.

use crate::error::{Error, Result};
use crate::site::suggestion;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// The keys of each table. The structs of the parent module refuse what is not theirs as well, and
/// a test reads a file with all of these, so the two cannot drift apart.
const KNOWN: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "name", "seed", "model", "record", "category", "words", "test", "text", "render",
            "simulate",
        ],
    ),
    ("model", &["source"]),
    ("record", &["site", "layers", "presentation", "reduce"]),
    ("record.presentation", &["carrier"]),
    ("category", &["name", "words", "limit", "upos"]),
    ("words", &["exclude", "exclude_shared", "match"]),
    ("simulate", &["layers", "neurons", "share", "effect"]),
    (
        "test",
        &[
            "statistic",
            "pairing",
            "alpha",
            "correction",
            "family",
            "permutations",
            "nulls",
        ],
    ),
    (
        "text",
        &[
            "source",
            "min_context",
            "drop_first",
            "reduce",
            "neurons",
            "shuffles",
            "resamples",
            "context_gap",
        ],
    ),
    ("text.neurons", &["site", "layer", "neuron"]),
    ("render", &["palette", "scaling"]),
    ("render.palette", &["a", "b"]),
];

/// Refuses syntax errors and unknown keys.
pub(super) fn check(text: &str, path: &Path) -> Result<()> {
    let table = DeTable::parse(text).map_err(|error| syntax_error(&error, text, path))?;
    check_table(table.get_ref(), "", text, path)
}

fn check_table(table: &DeTable<'_>, name: &str, text: &str, path: &Path) -> Result<()> {
    let Some((_, known)) = KNOWN.iter().find(|(section, _)| *section == name) else {
        return Ok(());
    };
    for (key, value) in table.iter() {
        let word = key.get_ref().as_ref();
        if !known.contains(&word) {
            let place = if name.is_empty() {
                "at the top".into()
            } else {
                format!("in [{name}]")
            };
            let hint = suggestion(word, known);
            let hint = hint.strip_prefix(": ").unwrap_or(&hint).trim_start();
            return Err(Error::input(
                format_args!(
                    "{}, line {}",
                    path.display(),
                    line_of(text, key.span().start)
                ),
                format!("unknown key `{word}` {place}"),
                hint,
            ));
        }
        let inner = if name.is_empty() {
            word.to_owned()
        } else {
            format!("{name}.{word}")
        };
        match value.get_ref() {
            DeValue::Table(table) => check_table(table, &inner, text, path)?,
            DeValue::Array(array) => {
                for item in array.iter() {
                    if let DeValue::Table(table) = item.get_ref() {
                        check_table(table, &inner, text, path)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// A TOML error as one sentence with its line.
pub(super) fn syntax_error(error: &toml::de::Error, text: &str, path: &Path) -> Error {
    let what = error.message().trim().replace('\n', " ");
    match error.span() {
        Some(span) => Error::input(
            format_args!("{}, line {}", path.display(), line_of(text, span.start)),
            what,
            "mend that line",
        ),
        None => Error::input(path.display(), what, "mend the file"),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()
        .iter()
        .take(offset)
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}
