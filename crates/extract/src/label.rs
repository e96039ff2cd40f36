//! Which category a word of the text belongs to, whether it was a stimulus, and whether it is
//! scored.

use crate::document::{Document, Placed, Word};
use crate::error::Result;
use crate::int;
use crate::word_list::{Stimulus, read_list};
use selectron_run::Pipeline;
use selectron_run::pipeline::TextSection;
use selectron_tables::rows::TextWordRow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Tells the category of a word.
///
/// In tagged text a category takes the words of its part of speech. A category that has none, or
/// shares it with another, takes the words of its list, as every category does in plain text; the
/// whole list counts there, not only the lines that the pipeline's limit lets be stimuli. A word
/// that more than one category claims belongs to none.
#[derive(Debug)]
pub struct Labels {
    /// The part of speech of each category that goes by it.
    tags: Vec<Option<String>>,
    /// The categories whose lists hold a word.
    listed: BTreeMap<String, BTreeSet<usize>>,
    names: Vec<String>,
    seen: BTreeSet<String>,
    tagged: bool,
}

impl Labels {
    /// Reads the lists of the categories that go by them.
    ///
    /// # Errors
    /// When a list cannot be read.
    pub fn new(pipeline: &Pipeline, stimuli: &[Stimulus], tagged: bool) -> Result<Self> {
        let mut tags: Vec<_> = pipeline.category.iter().map(|c| c.upos()).collect();
        let claims = |tag: &Option<String>| tags.iter().filter(|other| *other == tag).count();
        let alone: Vec<_> = tags.iter().map(|tag| tagged && claims(tag) == 1).collect();
        for (tag, alone) in tags.iter_mut().zip(alone) {
            tag.take_if(|_| !alone);
        }
        let mut listed: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (index, category) in pipeline.category.iter().enumerate() {
            if tags.get(index).is_some_and(Option::is_some) {
                continue;
            }
            for word in read_list(&pipeline.resolve(&category.words))? {
                listed.entry(word.to_lowercase()).or_default().insert(index);
            }
        }
        Ok(Self {
            tags,
            listed,
            names: pipeline.category.iter().map(|c| c.name.clone()).collect(),
            seen: stimuli.iter().map(|s| s.word.to_lowercase()).collect(),
            tagged,
        })
    }

    /// What the labels come from, in the words of the manifest.
    pub fn source(&self) -> &'static str {
        match (
            self.tags.iter().any(Option::is_some),
            self.tags.iter().any(Option::is_none),
        ) {
            (true, false) => "parts of speech",
            (false, _) => "word lists",
            (true, true) => "parts of speech and word lists",
        }
    }

    fn category(&self, word: &Word) -> Option<String> {
        let listed = self.listed.get(&word.form.to_lowercase());
        let claimed = |index: &usize| match self.tags.get(*index) {
            Some(Some(tag)) => word.upos.as_ref() == Some(tag),
            _ => listed.is_some_and(|listed| listed.contains(index)),
        };
        let mut claims = (0..self.names.len()).filter(claimed);
        match (claims.next(), claims.next()) {
            (Some(only), None) => self.names.get(only).cloned(),
            _ => None,
        }
    }

    fn seen(&self, word: &Word) -> bool {
        let was_stimulus = |form: &str| self.seen.contains(&form.to_lowercase());
        was_stimulus(&word.form) || word.lemma.as_deref().is_some_and(was_stimulus)
    }
}

/// A token that a window is the first to hold, and where it stands.
#[derive(Debug, Clone)]
struct Listed {
    /// Its row in `tokens.parquet`.
    row: usize,
    /// The characters it covers.
    span: Range<usize>,
    word: Option<usize>,
    place: Place,
}

/// Where a token stands in its window.
#[derive(Debug, Clone, Copy)]
struct Place {
    position: usize,
    /// Tokens of the document before it.
    before: usize,
}

/// The tokens of a document that are listed, in order, without those that a frame adds.
fn listed(first_row: usize, windows: &[&[Placed]]) -> Vec<Listed> {
    let mut listed = Vec::new();
    let mut row = first_row;
    for window in windows {
        let mut before = 0;
        for (position, placed) in window.iter().enumerate() {
            if placed.special.is_none() && !placed.repeated {
                listed.push(Listed {
                    row,
                    span: placed.token.span.clone(),
                    word: placed.word,
                    place: Place { position, before },
                });
            }
            row += usize::from(!placed.repeated);
            before += usize::from(placed.special.is_none());
        }
    }
    listed
}

/// The tokens of each word: those that begin in it, or the one that covers its last character.
fn tokens_of_words<'a>(document: &Document, listed: &'a [Listed]) -> Vec<Vec<&'a Listed>> {
    let mut own = vec![Vec::new(); document.words.len()];
    for token in listed {
        if let Some(tokens) = token.word.and_then(|word| own.get_mut(word)) {
            tokens.push(token);
        }
    }
    let mut next = 0;
    for (word, tokens) in document.words.iter().zip(&mut own) {
        let Some(last) = word.span.end.checked_sub(1) else {
            continue;
        };
        while listed.get(next).is_some_and(|token| token.span.end <= last) {
            next += 1;
        }
        let covering = listed.get(next).filter(|token| token.span.contains(&last));
        if tokens.is_empty() {
            tokens.extend(covering);
        }
    }
    own
}

/// The rows of `text_words.parquet` of one document, whose windows begin at row `first_row` of
/// `tokens.parquet`.
///
/// # Errors
/// When a number does not fit its column.
pub fn word_rows(
    number: usize,
    document: &Document,
    first_row: usize,
    windows: &[&[Placed]],
    labels: &Labels,
    text: &TextSection,
) -> Result<Vec<TextWordRow>> {
    let listed = listed(first_row, windows);
    let tokens = tokens_of_words(document, &listed);
    let mut rows = Vec::with_capacity(tokens.len());
    for (index, (word, tokens)) in document.words.iter().zip(tokens).enumerate() {
        let own = tokens.iter().filter(|token| token.word == Some(index));
        rows.push(TextWordRow {
            document: int(number)?,
            sentence: int(word.sentence)?,
            word: int(index)?,
            form: word.form.clone(),
            lemma: word.lemma.clone(),
            upos: word.upos.clone(),
            category: labels.category(word),
            seen: labels.seen(word),
            tokens: int(own.count())?,
            token_rows: tokens
                .iter()
                .map(|token| int(token.row))
                .collect::<Result<_>>()?,
            dropped: dropped(
                word,
                tokens.first().map(|token| token.place),
                labels.tagged,
                text,
            )
            .map(str::to_owned),
        });
    }
    Ok(rows)
}

/// Why a word is not scored.
fn dropped(
    word: &Word,
    place: Option<Place>,
    tagged: bool,
    text: &TextSection,
) -> Option<&'static str> {
    let Some(place) = place else {
        return Some("no token covers it");
    };
    if tagged && word.upos.is_none() {
        Some("no part of speech")
    } else if place.position < text.drop_first {
        Some("among the first positions of a window")
    } else if place.before < text.min_context {
        Some("too few tokens before it")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use selectron_model::tokenizer::Token;

    fn pipeline(text: &str) -> (Pipeline, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("nouns.txt"), "time\nwork\ndog\n").unwrap();
        std::fs::write(folder.path().join("verbs.txt"), "go\nWork\n").unwrap();
        let text = format!(
            "name = \"t\"\n[model]\nsource = \"m\"\n\
             [[category]]\nname = \"noun\"\nwords = \"nouns.txt\"\nlimit = 1\n\
             [[category]]\nname = \"verb\"\nwords = \"verbs.txt\"\n{text}"
        );
        let path = folder.path().join("t.toml");
        (Pipeline::parse(&text, &path).unwrap(), folder)
    }

    fn word(form: &str, lemma: &str, upos: Option<&str>) -> Word {
        Word {
            span: 0..form.len(),
            form: form.to_owned(),
            lemma: Some(lemma.to_owned()),
            upos: upos.map(str::to_owned),
            sentence: 0,
        }
    }

    #[test]
    fn tags_decide_in_tagged_text_and_lists_in_plain_text() {
        let (pipeline, _folder) = pipeline("");
        let stimuli = crate::word_list::select(&pipeline).unwrap().stimuli;
        let tagged = Labels::new(&pipeline, &stimuli, true).unwrap();
        assert_eq!(tagged.source(), "parts of speech");
        let noun = |labels: &Labels, form, upos| labels.category(&word(form, form, upos));
        assert_eq!(noun(&tagged, "work", Some("NOUN")).as_deref(), Some("noun"));
        assert_eq!(noun(&tagged, "dog", Some("PROPN")), None);
        assert!(tagged.seen(&word("Times", "time", Some("NOUN"))));
        assert!(!tagged.seen(&word("dog", "dog", Some("NOUN"))));

        let plain = Labels::new(&pipeline, &stimuli, false).unwrap();
        assert_eq!(plain.source(), "word lists");
        // The whole list counts, not only the stimuli; a word of two lists is of neither.
        assert_eq!(noun(&plain, "Dog", None).as_deref(), Some("noun"));
        assert_eq!(noun(&plain, "go", None).as_deref(), Some("verb"));
        assert_eq!(noun(&plain, "work", None), None);
    }

    #[test]
    fn categories_of_one_part_of_speech_go_by_their_lists() {
        let (pipeline, _folder) =
            pipeline("[[category]]\nname = \"name\"\nwords = \"nouns.txt\"\nupos = \"NOUN\"\n");
        let labels = Labels::new(&pipeline, &[], true).unwrap();
        assert_eq!(labels.source(), "parts of speech and word lists");
        assert_eq!(labels.category(&word("time", "time", Some("NOUN"))), None);
        let verb = labels.category(&word("time", "time", Some("VERB")));
        assert_eq!(verb, None, "claimed by two lists and a tag");
        let verb = labels.category(&word("run", "run", Some("VERB")));
        assert_eq!(verb.as_deref(), Some("verb"));
    }

    #[test]
    fn every_word_is_scored_or_dropped_with_a_reason() {
        let (pipeline, _folder) =
            pipeline("[text]\nsource = \"t.conllu\"\nmin_context = 2\ndrop_first = 1\n");
        let text = pipeline.text.as_ref().unwrap();
        let mut document = Document::default();
        document.push("a b c.\"d");
        let spans = [0..1, 2..3, 4..5, 5..6, 6..7, 7..8];
        let tags = [Some("X"), Some("X"), Some("X"), Some("X"), Some("X"), None];
        document.words = spans
            .into_iter()
            .zip(tags)
            .map(|(span, upos)| Word {
                span,
                ..word("x", "x", upos)
            })
            .collect();
        let placed = |span: Range<usize>, word, repeated| Placed {
            token: Token { id: 0, span },
            special: None,
            word,
            repeated,
        };
        let bos = Placed {
            special: Some("<s>".to_owned()),
            ..placed(0..0, None, false)
        };
        let windows = [
            vec![
                bos.clone(),
                placed(0..1, Some(0), false),
                placed(1..3, Some(1), false),
                placed(3..5, Some(2), false),
            ],
            // One token for the full stop and the quotation mark.
            vec![
                bos,
                placed(1..3, Some(1), true),
                placed(3..5, Some(2), true),
                placed(5..7, Some(3), false),
                placed(7..8, Some(5), false),
            ],
        ];
        let windows: Vec<_> = windows.iter().map(Vec::as_slice).collect();
        let labels = Labels::new(&pipeline, &[], true).unwrap();
        let rows = word_rows(0, &document, 10, &windows, &labels, text).unwrap();
        let shown: Vec<_> = rows
            .iter()
            .map(|row| (row.token_rows.clone(), row.tokens, row.dropped.as_deref()))
            .collect();
        let few = Some("too few tokens before it");
        let expected = [
            (vec![11], 1, few),
            (vec![12], 1, few),
            (vec![13], 1, None),
            (vec![15], 1, None),
            (vec![15], 0, None),
            (vec![16], 1, Some("no part of speech")),
        ];
        assert_eq!(shown, expected);
    }
}
