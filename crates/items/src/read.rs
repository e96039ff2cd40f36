//! Reading a text, in whatever format it is.

use crate::conllu;
use crate::document::Document;
use crate::plain;
use selectron_run::error::{Error, Result};
use selectron_run::files::read_text;
use std::path::Path;

/// Reads a text: `.conllu` as such, anything else as one plain document.
///
/// # Errors
/// When the file cannot be read, is not UTF-8, is empty, or is not valid CoNLL-U.
pub fn read(path: &Path) -> Result<Vec<Document>> {
    let text = read_text(path)?;
    if path
        .extension()
        .is_some_and(|extension| extension == "conllu")
    {
        return conllu::read(&text, path);
    }
    if text.trim().is_empty() {
        return Err(Error::input(
            path.display(),
            "the text is empty",
            "give a text with words",
        ));
    }
    Ok(vec![plain::document(&text)])
}
