//! `docs/pipeline.md`: every key of the pipeline file.

use crate::markdown::{GENERATED, code, markdown_table, prose};
use crate::root;
use selectron_run::Pipeline;
use selectron_run::named::Choice;
use selectron_run::pipeline::SECTIONS;
use selectron_run::pipeline::documented::{Key, Value};
use std::collections::BTreeMap;
use std::path::Path;

const INTRODUCTION: &str = "\
# The pipeline file

A pipeline is one experiment, in one [TOML](https://toml.io) file: which words, which model, what to
record, which test. `cargo xtask run-all my-pipeline.toml` runs it. Files that it names are looked for
beside it. A key that is not on this page is refused, with the nearest one that is.

The column *read by* says which stages depend on a key, and so run again when it changes. What a key
does to the results is in [concepts.md](concepts.md) and, for `[text]`, in
[running-text.md](running-text.md).

## An example

This is the default, [`pipelines/grammar.toml`](../pipelines/grammar.toml). To ask another question,
copy it, change `name`, which names the run directory, and go on from there.

";

/// A pipeline with the keys that are needed and no others: those of a section, where it is there.
const NEEDED: &str = r#"
    name = "example"
    [model]
    source = "neo-mini"
    [[category]]
    name = "noun"
    words = "nouns.txt"
    [[category]]
    name = "verb"
    words = "verbs.txt"
    [text]
    source = "essay.conllu"
    [[text.neurons]]
    layer = 0
    neuron = 0
"#;

/// The whole page.
pub(crate) fn page() -> String {
    let example = std::fs::read_to_string(root().join("pipelines/grammar.toml")).unwrap();
    let mut page = format!("{GENERATED}{INTRODUCTION}```toml\n{example}```\n");
    let readers = readers();
    let mut listed = Vec::new();
    for (name, keys) in SECTIONS {
        match key_of(name).map(|key| key.value) {
            // The ways to write one key, which its own section lists.
            Some(Value::Choice(choices)) => {
                for key in *keys {
                    assert!(choices.iter().any(|choice| choice.name.contains(key.name)));
                }
            }
            _ => page.push_str(&section(name, keys, &readers, &mut listed)),
        }
    }
    page
}

/// The key whose value a section is; none of the top of the file.
fn key_of(section: &str) -> Option<&'static Key> {
    let (parent, name) = section.rsplit_once('.').unwrap_or(("", section));
    let (_, keys) = SECTIONS.iter().find(|(section, _)| *section == parent)?;
    keys.iter().find(|key| key.name == name)
}

/// One section: a table of its keys, then the names that may be their values.
fn section(
    name: &str,
    keys: &'static [Key],
    readers: &BTreeMap<String, String>,
    listed: &mut Vec<(&'static [Choice], String)>,
) -> String {
    let title = match key_of(name) {
        None => "\n## The top of the file\n\n".to_owned(),
        Some(key) => {
            let brackets = match key.value {
                Value::List(_) => ("[[", "]]"),
                _ => ("[", "]"),
            };
            let title = code(&format!("{}{name}{}", brackets.0, brackets.1));
            format!("\n## {title}\n\n{}\n\n", prose(key.doc))
        }
    };
    let rows: Vec<_> = keys.iter().map(|key| row(name, key, readers)).collect();
    let header = ["key", "value", "default", "read by", "what it says"];
    let mut section = title + &markdown_table(&header, &rows);
    for key in keys {
        if let Some(choices) = choices_of(key.value) {
            section.push_str(&list(&path(name, key), choices, listed));
        }
    }
    section
}

fn path(section: &str, key: &Key) -> String {
    match section {
        "" => key.name.to_owned(),
        section => format!("{section}.{}", key.name),
    }
}

fn row(section: &str, key: &Key, readers: &BTreeMap<String, String>) -> Vec<String> {
    let path = path(section, key);
    let is_section = matches!(key.value, Value::Section | Value::List(Value::Section));
    let read_by = match readers.get(&path) {
        Some(stages) => stages.clone(),
        None => {
            assert!(is_section, "no stage reads `{path}`");
            String::new()
        }
    };
    vec![
        code(key.name),
        value(key.value, &path),
        default(&path, is_section),
        read_by,
        prose(key.doc),
    ]
}

/// What a key's value may be.
fn value(value: Value, path: &str) -> String {
    match value {
        Value::Text => "text".to_owned(),
        Value::Count => "whole number".to_owned(),
        Value::Number => "number".to_owned(),
        Value::Switch => "`true` or `false`".to_owned(),
        Value::Choice(_) => "name, see below".to_owned(),
        Value::Phrase(phrase) => phrase.to_owned(),
        Value::List(Value::Choice(_)) => "names, see below".to_owned(),
        Value::List(Value::Section) => format!("[tables](#{})", path.replace('.', "")),
        Value::List(_) => "list".to_owned(),
        Value::Section => format!("[section](#{})", path.replace('.', "")),
    }
}

fn choices_of(value: Value) -> Option<&'static [Choice]> {
    match value {
        Value::Choice(choices) => Some(choices),
        Value::List(value) => choices_of(*value),
        _ => None,
    }
}

/// The names that may be a key's value; where an earlier key has the same, a reference to it.
fn list(
    path: &str,
    choices: &'static [Choice],
    listed: &mut Vec<(&'static [Choice], String)>,
) -> String {
    if let Some((_, earlier)) = listed.iter().find(|(known, _)| *known == choices) {
        return format!(
            "\n{} takes the same names as {}.\n",
            code(path),
            code(earlier)
        );
    }
    listed.push((choices, path.to_owned()));
    let items = choices
        .iter()
        .map(|choice| format!("- {}: {}\n", code(choice.name), prose(choice.doc)));
    format!(
        "\nThe names for {}:\n\n{}",
        code(path),
        items.collect::<String>()
    )
}

/// Which stages read each key.
fn readers() -> BTreeMap<String, String> {
    let pipeline = parse(&NEEDED.parse().unwrap()).unwrap();
    let settings = pipeline.settings().into_iter();
    settings
        .map(|setting| {
            let names = setting.key.split('.');
            // Without the numbers of tables in a list.
            let names: Vec<_> = names
                .filter(|name| name.parse::<usize>().is_err())
                .collect();
            let stages: Vec<_> = setting.read_by.iter().map(|stage| stage.name()).collect();
            let read_by = match stages.as_slice() {
                [] => "`run-all`".to_owned(),
                stages => stages.join(", "),
            };
            (names.join("."), read_by)
        })
        .collect()
}

/// A key's value where the file does not give one.
fn default(path: &str, is_section: bool) -> String {
    let mut file: toml::Table = NEEDED.parse().unwrap();
    let was_there = remove(&mut file, path);
    let Ok(pipeline) = parse(&file) else {
        assert!(was_there, "`{path}` is needed");
        return "**needed**".to_owned();
    };
    let mut value = serde_json::to_value(&pipeline).unwrap();
    for name in path.split('.') {
        value = match value {
            serde_json::Value::Array(mut items) => items.remove(0),
            value => value,
        };
        value = value.get(name).cloned().unwrap_or_default();
    }
    match value {
        serde_json::Value::Null => "none".to_owned(),
        _ if is_section => String::new(),
        // JSON's texts, numbers and lists are TOML's.
        value => code(&value.to_string()),
    }
}

/// Removes a key; of a list of tables from the first. Returns whether it was there.
fn remove(table: &mut toml::Table, path: &str) -> bool {
    let Some((section, rest)) = path.split_once('.') else {
        return table.remove(path).is_some();
    };
    match table.get_mut(section) {
        Some(toml::Value::Table(table)) => remove(table, rest),
        Some(toml::Value::Array(items)) => match items.first_mut() {
            Some(toml::Value::Table(table)) => remove(table, rest),
            _ => false,
        },
        _ => false,
    }
}

fn parse(file: &toml::Table) -> selectron_run::Result<Pipeline> {
    Pipeline::parse(&file.to_string(), Path::new("example.toml"))
}
