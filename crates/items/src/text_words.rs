//! The words of a text: which tokens make each, which category it has, and whether it is scored.

use crate::document::{Document, Word};
use crate::label::Labels;
use crate::windows::Window;
use selectron_run::pipeline::TextSection;
use selectron_tables::rows::TextWordRow;
use std::ops::Range;

/// A token that a window is the first to hold, and where it is.
#[derive(Debug, Clone)]
struct Listed {
    /// Its row in `tokens.parquet`.
    row: usize,
    /// The characters it covers.
    span: Range<usize>,
    word: Option<usize>,
    /// Its position in its window.
    position: usize,
    /// Tokens of the document before it in its window.
    before: usize,
}

/// The tokens of a document that are listed, in order, without those that a frame adds.
fn listed(first_row: usize, windows: &[Window]) -> Vec<Listed> {
    let mut listed = Vec::new();
    let mut row = first_row;
    for window in windows {
        let mut before = 0;
        for (position, placed) in window.tokens.iter().enumerate() {
            if placed.special.is_none() && !placed.repeated {
                listed.push(Listed {
                    row,
                    span: placed.token.span.clone(),
                    word: placed.word,
                    position,
                    before,
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
        if let Some(word) = token.word {
            own[word].push(token);
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

/// The rows of `text_words.parquet`: the words of all documents, whose windows these are, in order.
pub fn text_word_rows(
    documents: &[Document],
    windows: &[Window],
    labels: &Labels,
    text: &TextSection,
) -> Vec<TextWordRow> {
    let mut rows = Vec::new();
    let mut first_row = 0;
    let mut by_document = windows.chunk_by(|a, b| a.document == b.document).peekable();
    for (number, document) in documents.iter().enumerate() {
        // A document without tokens may have no window.
        let windows = by_document.next_if(|windows| windows[0].document == number);
        let windows = windows.unwrap_or_default();
        rows.extend(document_rows(
            number, document, first_row, windows, labels, text,
        ));
        let counts = windows.iter().map(|window| window.new_tokens().count());
        first_row += counts.sum::<usize>();
    }
    assert!(
        by_document.next().is_none(),
        "a window of no document, or out of order"
    );
    rows
}

/// The rows of one document, whose windows begin at row `first_row` of `tokens.parquet`.
fn document_rows(
    number: usize,
    document: &Document,
    first_row: usize,
    windows: &[Window],
    labels: &Labels,
    text: &TextSection,
) -> Vec<TextWordRow> {
    let listed = listed(first_row, windows);
    let tokens = tokens_of_words(document, &listed);
    let words = document.words.iter().zip(tokens).enumerate();
    words
        .map(|(index, (word, tokens))| TextWordRow {
            document: number,
            sentence: word.sentence,
            word: index,
            form: word.form.clone(),
            lemma: word.lemma.clone(),
            upos: word.upos.clone(),
            category: labels.category(word),
            seen: labels.seen(word),
            tokens: tokens
                .iter()
                .filter(|token| token.word == Some(index))
                .count(),
            token_rows: tokens.iter().map(|token| token.row).collect(),
            dropped: dropped(word, tokens.first().copied(), labels.tagged(), text)
                .map(str::to_owned),
        })
        .collect()
}

/// Why a word is not scored; `first` is the first of its tokens.
fn dropped(
    word: &Word,
    first: Option<&Listed>,
    tagged: bool,
    text: &TextSection,
) -> Option<&'static str> {
    let Some(first) = first else {
        return Some("no token covers it");
    };
    if tagged && word.upos.is_none() {
        Some("no part of speech")
    } else if first.position < text.drop_first {
        Some("among the first positions of a window")
    } else if first.before < text.min_context {
        Some("too few tokens before it")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::Placed;
    use selectron_model::tokenizer::Token;
    use selectron_run::Pipeline;
    use std::path::Path;

    #[test]
    fn every_word_is_scored_or_dropped_with_a_reason() {
        let pipeline = "name = \"t\"\n[model]\nsource = \"m\"\n\
                        [[category]]\nname = \"noun\"\nwords = \"nouns.txt\"\n\
                        [[category]]\nname = \"verb\"\nwords = \"verbs.txt\"\n\
                        [text]\nsource = \"t.conllu\"\nmin_context = 2\ndrop_first = 1\n";
        let pipeline = Pipeline::parse(pipeline, Path::new("t.toml")).unwrap();
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
                form: "x".to_owned(),
                lemma: None,
                upos: upos.map(str::to_owned),
                sentence: 0,
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
        let window = |(number, tokens)| Window {
            document: 1,
            window: number,
            tokens,
        };
        let windows: Vec<_> = windows.into_iter().enumerate().map(window).collect();
        let labels = Labels::new(&pipeline, &[], true).unwrap();
        // A document without words or windows takes no rows.
        let documents = [Document::default(), document];
        let rows = text_word_rows(&documents, &windows, &labels, text);
        let shown: Vec<_> = rows
            .iter()
            .map(|row| (row.token_rows.clone(), row.tokens, row.dropped.as_deref()))
            .collect();
        let few = Some("too few tokens before it");
        let expected = [
            (vec![1], 1, few),
            (vec![2], 1, few),
            (vec![3], 1, None),
            (vec![5], 1, None),
            (vec![5], 0, None),
            (vec![6], 1, Some("no part of speech")),
        ];
        assert_eq!(shown, expected);
    }
}
