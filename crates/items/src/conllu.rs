//! Reading CoNLL-U: documents of words with universal parts of speech, and the running text that
//! they make up.
//!
//! The format is that of <https://universaldependencies.org/format.html>: comments, multiword-token
//! ranges (`3-4`), empty nodes (`5.1`), `SpaceAfter=No` and a missing UPOS (`_`) are all understood.
//! Form, lemma, UPOS and spacing are used.

use crate::document::{Document, Word};
use selectron_run::error::{Error, Result};
use std::ops::Range;
use std::path::Path;

/// Reads the documents of a CoNLL-U file. A `# newdoc` comment begins a document; without any there
/// is one.
///
/// # Errors
/// When a line is not CoNLL-U; the message names it.
pub fn read(text: &str, path: &Path) -> Result<Vec<Document>> {
    let mut reader = Reader {
        path,
        documents: Vec::new(),
        sentence: Sentence::default(),
    };
    for (index, line) in text.lines().enumerate() {
        reader.line(index + 1, line.trim_end_matches('\r'))?;
    }
    reader.end_sentence();
    if reader
        .documents
        .iter()
        .all(|document| document.words.is_empty())
    {
        return Err(Error::input(
            path.display(),
            "the text is empty",
            "give a text with words",
        ));
    }
    Ok(reader.documents)
}

struct Reader<'a> {
    path: &'a Path,
    documents: Vec<Document>,
    sentence: Sentence,
}

/// What has been read of a sentence.
#[derive(Default)]
struct Sentence {
    new_document: bool,
    new_paragraph: bool,
    tokens: Vec<Surface>,
    /// Last id of a multiword token whose words are being read.
    range_end: usize,
    words: usize,
}

/// A surface token: one word, or several that are written together.
struct Surface {
    form: String,
    space_after: bool,
    words: Vec<Tagged>,
}

/// What a word line says of its word.
struct Tagged {
    form: String,
    lemma: Option<String>,
    upos: Option<String>,
}

impl Reader<'_> {
    fn line(&mut self, number: usize, line: &str) -> Result<()> {
        if line.trim().is_empty() {
            self.end_sentence();
            return Ok(());
        }
        if let Some(comment) = line.strip_prefix('#') {
            let comment = comment.trim_start();
            let marks = |key: &str| {
                comment
                    .strip_prefix(key)
                    .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
            };
            self.sentence.new_document |= marks("newdoc");
            self.sentence.new_paragraph |= marks("newpar");
            return Ok(());
        }
        let columns: Vec<_> = line.split('\t').collect();
        let [id, form, lemma, upos, _, _, _, _, _, misc] = columns.as_slice() else {
            return Err(self.error(
                number,
                format!("a word line has {} columns instead of 10", columns.len()),
                "separate ten columns by tabs",
            ));
        };
        if form.is_empty() {
            return Err(self.error(number, "the word has no form", "fill column 2"));
        }
        let given = |value: &str| (value != "_" && !value.is_empty()).then(|| value.to_owned());
        let word = Tagged {
            form: (*form).to_owned(),
            lemma: given(lemma),
            upos: given(upos),
        };
        self.word(
            number,
            id,
            word,
            !misc.split('|').any(|item| item == "SpaceAfter=No"),
        )
    }

    fn word(&mut self, number: usize, id: &str, word: Tagged, space_after: bool) -> Result<()> {
        let expected = self.sentence.words + 1;
        let out_of_order = |reader: &Self| {
            let what = format!("the word has id `{id}` where {expected} comes next");
            reader.error(
                number,
                what,
                "number the words of a sentence from 1, without gaps",
            )
        };
        if let Some((before, _)) = id.split_once('.') {
            // An empty node stands for a word that is not there.
            return if before.parse() == Ok(self.sentence.words) {
                Ok(())
            } else {
                Err(out_of_order(self))
            };
        }
        if let Some((first, last)) = id.split_once('-') {
            let (Ok(first), Ok(last)) = (first.parse::<usize>(), last.parse::<usize>()) else {
                return Err(out_of_order(self));
            };
            if first != expected || last < first || self.sentence.range_end >= first {
                return Err(out_of_order(self));
            }
            self.sentence.range_end = last;
            self.sentence.tokens.push(Surface {
                form: word.form,
                space_after,
                words: Vec::new(),
            });
            return Ok(());
        }
        if id.parse() != Ok(expected) {
            return Err(out_of_order(self));
        }
        self.sentence.words = expected;
        match self.sentence.tokens.last_mut() {
            Some(token) if self.sentence.range_end >= expected => token.words.push(word),
            _ => self.sentence.tokens.push(Surface {
                form: word.form.clone(),
                space_after,
                words: vec![word],
            }),
        }
        Ok(())
    }

    /// Appends the sentence to its document: after a space, or on a new line where a paragraph
    /// begins.
    fn end_sentence(&mut self) {
        let sentence = std::mem::take(&mut self.sentence);
        if sentence.tokens.is_empty() {
            // Comments before the first sentence still count.
            self.sentence.new_document = sentence.new_document;
            self.sentence.new_paragraph = sentence.new_paragraph;
            return;
        }
        if sentence.new_document || self.documents.is_empty() {
            self.documents.push(Document::default());
        }
        let last = self.documents.len() - 1;
        let document = &mut self.documents[last];
        if !document.text.is_empty() {
            if sentence.new_paragraph {
                document.trim_end();
                document.push("\n\n");
            } else if !document.ends_glued {
                document.push(" ");
            }
        }
        let mut spaced = false;
        for (index, token) in sentence.tokens.into_iter().enumerate() {
            if index > 0 && spaced {
                document.push(" ");
            }
            let start = document.length;
            document.push(&token.form);
            let spans = spans(&token, start);
            for (word, span) in token.words.into_iter().zip(spans) {
                document.words.push(Word {
                    span,
                    form: word.form,
                    lemma: word.lemma,
                    upos: word.upos,
                    sentence: document.sentences,
                });
            }
            spaced = token.space_after;
        }
        document.ends_glued = !spaced;
        document.sentences += 1;
    }

    fn error(&self, number: usize, what: impl Into<String>, remedy: &str) -> Error {
        Error::input(
            format_args!("{}, line {number}", self.path.display()),
            what,
            remedy,
        )
    }
}

/// Where each word of a surface token is. The words of `doesn't`, `does` and `n't`, share it
/// out; where the words do not spell the token, as in `du` for `de le`, each covers all of it.
fn spans(token: &Surface, start: usize) -> Vec<Range<usize>> {
    let whole = start..start + token.form.chars().count();
    let spelt: String = token.words.iter().map(|word| word.form.as_str()).collect();
    let shares = spelt == token.form;
    let mut next = start;
    token
        .words
        .iter()
        .map(|word| {
            let span = next..next + word.form.chars().count();
            next = span.end;
            if shares { span } else { whole.clone() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(id: &str, form: &str, upos: &str, misc: &str) -> String {
        format!("{id}\t{form}\t_\t{upos}\t_\t_\t_\t_\t_\t{misc}\n")
    }

    fn parse(text: &str) -> Result<Vec<Document>> {
        read(text, Path::new("text.conllu"))
    }

    fn words(document: &Document) -> Vec<(String, Option<&str>)> {
        let characters: Vec<_> = document.text.chars().collect();
        let spell = |word: &Word| characters[word.span.clone()].iter().collect();
        document
            .words
            .iter()
            .map(|word| (spell(word), word.upos.as_deref()))
            .collect()
    }

    #[test]
    fn multiword_tokens_empty_nodes_and_spacing_are_understood() {
        let text = [
            "# newdoc id = d\n# newpar\n# text = It doesn't, élan!\n".to_owned(),
            line("1", "It", "PRON", "_"),
            line("2-3", "doesn't", "_", "SpaceAfter=No"),
            line("2", "does", "AUX", "_"),
            line("3", "n't", "PART", "_"),
            line("4", ",", "PUNCT", "_"),
            line("4.1", "have", "VERB", "_"),
            line("5", "élan", "_", "SpaceAfter=No|Note=x"),
            line("6", "!", "PUNCT", "_"),
            "\n".to_owned(),
            line("1-2", "du", "_", "_"),
            line("1", "de", "ADP", "_"),
            line("2", "le", "DET", "_"),
            "\n# newpar\n".to_owned(),
            line("1", "End", "NOUN", "_"),
            "\n# newdoc\n".to_owned(),
            line("1", "Two", "NUM", "_"),
        ]
        .concat();
        let documents = parse(&text).unwrap();
        assert_eq!(documents.len(), 2);
        assert_eq!(documents[0].text, "It doesn't, élan! du\n\nEnd");
        assert_eq!(documents[0].sentences, 3);
        let expected = [
            ("It", Some("PRON")),
            ("does", Some("AUX")),
            ("n't", Some("PART")),
            (",", Some("PUNCT")),
            ("élan", None),
            ("!", Some("PUNCT")),
            ("du", Some("ADP")),
            ("du", Some("DET")),
            ("End", Some("NOUN")),
        ];
        assert_eq!(
            words(&documents[0]),
            expected.map(|(form, upos)| (form.to_owned(), upos))
        );
        assert_eq!(words(&documents[1]), [("Two".to_owned(), Some("NUM"))]);
    }

    #[test]
    fn a_broken_line_is_named() {
        let message = |text: &str| parse(text).unwrap_err().to_string();
        let good = line("1", "It", "PRON", "_");
        assert!(
            message(&format!("{good}2\tis\tbe\n")).contains("line 2: a word line has 3 columns")
        );
        assert!(message(&format!("{good}{good}")).contains("line 2: the word has id `1` where 2"));
        assert!(message(&line("x", "It", "PRON", "_")).contains("the word has id `x`"));
        assert!(message(&line("2-1", "It", "PRON", "_")).contains("id `2-1`"));
        assert!(message(&line("1", "", "PRON", "_")).contains("the word has no form"));
        assert!(message("# only a comment\n\n").contains("the text is empty"));
    }

    /// Pieces from which lines that are nearly CoNLL-U are put together.
    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            "[0-9]{1,3}(-[0-9]{1,3}|\\.[0-9]{1,2})?",
            Just("\t".to_owned()),
            Just("\n".to_owned()),
            Just("_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No\n".to_owned()),
            Just("# newdoc\n".to_owned()),
            Just("18446744073709551615".to_owned()),
            "\\PC{0,6}",
            any::<String>(),
        ]
    }

    proptest! {
        #[test]
        fn whatever_the_file_words_lie_within_the_text(
            pieces in proptest::collection::vec(piece(), 0..40),
        ) {
            if let Ok(documents) = parse(&pieces.concat()) {
                for document in documents {
                    prop_assert_eq!(document.length, document.text.chars().count());
                    let mut last = 0;
                    for word in &document.words {
                        prop_assert!(word.span.start <= word.span.end);
                        prop_assert!(word.span.end <= document.length);
                        prop_assert!(word.span.start >= last);
                        last = word.span.start;
                    }
                }
            }
        }
    }
}
