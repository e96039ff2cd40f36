//! Reading word lists.

use selectron_run::error::{Error, Result};
use selectron_run::files::read_text;
use std::path::Path;

/// Most characters of a word. No word of any language has more; what has was not meant as one, and
/// tokenizers take long over it.
const LONGEST: usize = 1000;

/// The words of a list, most frequent first. Blank lines and lines that begin with `# ` do not
/// count.
///
/// # Errors
/// When the file cannot be read, is not UTF-8, or a line contains a control character or is too long
/// for a word.
pub fn read_list(path: &Path) -> Result<Vec<String>> {
    let text = read_text(path)?;
    let mut words = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let word = line.trim();
        if word.is_empty() || word == "#" || word.starts_with("# ") {
            continue;
        }
        if word.chars().any(char::is_control) {
            return Err(Error::input(
                format_args!("{}, line {}", path.display(), number + 1),
                "the word contains a control character",
                "write one word a line, as plain text",
            ));
        }
        let length = word.chars().count();
        if length > LONGEST {
            return Err(Error::input(
                format_args!("{}, line {}", path.display(), number + 1),
                format!("the word has {length} characters, more than {LONGEST}"),
                "write one word a line",
            ));
        }
        words.push(word.to_owned());
    }
    Ok(words)
}
