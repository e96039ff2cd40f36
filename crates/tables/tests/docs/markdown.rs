//! Pieces of Markdown.

/// A comment of the code as running text, fit for a cell of a table.
pub(crate) fn prose(comment: &str) -> String {
    let words: Vec<_> = comment.split_whitespace().collect();
    let prose = words.join(" ").replace('|', "\\|");
    assert!(!prose.is_empty(), "something has no sentence");
    assert!(
        !prose.contains("[`"),
        "a link that only the code's own documentation knows: {prose}"
    );
    prose
}

/// A table.
pub(crate) fn markdown_table(header: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let header: Vec<_> = header.iter().map(|cell| (*cell).to_owned()).collect();
    let rule = vec!["---".to_owned(); header.len()];
    let rows = rows.iter().map(|row| line(row));
    [line(&header), line(&rule)]
        .into_iter()
        .chain(rows)
        .collect()
}

/// Code within a sentence.
pub(crate) fn code(text: &str) -> String {
    format!("`{text}`")
}

/// What the first lines of a generated page say of it.
pub(crate) const GENERATED: &str =
    "<!-- Generated from the code by `cargo xtask docs`; change it there. -->\n\n";
