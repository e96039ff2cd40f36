//! A text as a person reads it: documents and the words in them.

use std::ops::Range;

/// A word of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The characters of the document's text that it covers.
    pub span: Range<usize>,
    /// The word itself; `de` where the text has `du` for `de le`.
    pub form: String,
    /// Its dictionary form.
    pub lemma: Option<String>,
    /// Its universal part of speech.
    pub upos: Option<String>,
    /// The sentence that it is in, from 0 within the document.
    pub sentence: usize,
}

/// A document of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// Its running text.
    pub text: String,
    /// Length of the text in characters.
    pub length: usize,
    /// Its words in order.
    pub words: Vec<Word>,
    /// Number of sentences.
    pub sentences: usize,
    /// Whether the last token wants no space after it.
    pub(crate) ends_glued: bool,
}

impl Document {
    /// Appends text.
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.length += text.chars().count();
    }

    /// Drops white space at the end.
    pub(crate) fn trim_end(&mut self) {
        let kept = self.text.trim_end().len();
        self.text.truncate(kept);
        self.length = self.text.chars().count();
    }
}
