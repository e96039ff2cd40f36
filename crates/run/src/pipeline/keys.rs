//! Unknown keys are refused with the nearest known one, and every complaint has a line number.

use super::documented::Key;
use crate::error::{Error, Result};
use crate::spelling::suggestion;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// Refuses syntax errors and unknown keys.
pub(super) fn check(text: &str, path: &Path, sections: &[(&str, &[Key])]) -> Result<()> {
    let table = DeTable::parse(text).map_err(|error| syntax_error(&error, text, path))?;
    let file = File {
        text,
        path,
        sections,
    };
    check_table(table.get_ref(), "", file)
}

/// What every complaint needs.
#[derive(Clone, Copy)]
struct File<'a> {
    text: &'a str,
    path: &'a Path,
    sections: &'a [(&'a str, &'a [Key])],
}

fn check_table(table: &DeTable<'_>, name: &str, file: File<'_>) -> Result<()> {
    let File {
        text,
        path,
        sections,
    } = file;
    let Some((_, keys)) = sections.iter().find(|(section, _)| *section == name) else {
        return Ok(());
    };
    let known: Vec<&str> = keys.iter().map(|key| key.name).collect();
    for (key, value) in table.iter() {
        let word = key.get_ref().as_ref();
        if !known.contains(&word) {
            let place = if name.is_empty() {
                "at the top".into()
            } else {
                format!("in [{name}]")
            };
            let hint = suggestion(word, &known);
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
            DeValue::Table(table) => check_table(table, &inner, file)?,
            DeValue::Array(array) => {
                for item in array.iter() {
                    if let DeValue::Table(table) = item.get_ref() {
                        check_table(table, &inner, file)?;
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
            "correct that line",
        ),
        None => Error::input(path.display(), what, "correct the file"),
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
