//! A text: its words and its tokens.

use selectron_tables::rows::{TextWordRow, TokenRow};

/// A text, built word by word: what `tokens.parquet` and `text_words.parquet` would hold.
///
/// Numbers of documents, sentences, words, positions and characters are counted here.
///
/// ```
/// use selectron_tables::rows::TextWordRow;
/// use selectron_testkit::Text;
///
/// let mut text = Text::new();
/// text.document();
/// text.sentence();
/// text.word(TextWordRow { form: "tokens".into(), ..TextWordRow::default() }, &["tok", "ens"]);
/// assert_eq!(text.tokens.len(), 3, "a beginning-of-sequence token comes first");
/// assert_eq!(text.words[0].token_rows, [1, 2]);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Text {
    /// Its tokens.
    pub tokens: Vec<TokenRow>,
    /// Its words.
    pub words: Vec<TextWordRow>,
    /// Documents so far.
    documents: usize,
    /// Sentences of the document so far.
    sentences: usize,
    /// Words of the document so far.
    document_words: usize,
    /// Window of the document.
    window: usize,
    /// Position of the next token in the window.
    position: usize,
    /// First character of the next token.
    character: usize,
}

impl Text {
    /// A text without a document.
    pub fn new() -> Self {
        Self::default()
    }

    /// A text of one document and these tokens, side by side, which belong to no word.
    pub fn of_tokens(tokens: &[impl AsRef<str>]) -> Self {
        let mut text = Self::new();
        text.document();
        for token in tokens {
            text.token(TokenRow {
                token: token.as_ref().to_owned(),
                ..TokenRow::default()
            });
        }
        text
    }

    /// Begins a document, with a beginning-of-sequence token.
    pub fn document(&mut self) {
        self.documents += 1;
        (self.sentences, self.document_words) = (0, 0);
        (self.window, self.position, self.character) = (0, 0, 0);
        self.begin();
    }

    /// Begins a further window of the document, with a beginning-of-sequence token.
    pub fn window(&mut self) {
        self.window += 1;
        self.position = 0;
        self.begin();
    }

    fn begin(&mut self) {
        let end = self.character;
        let row = self.token(TokenRow {
            token: "<bos>".to_owned(),
            ..TokenRow::default()
        });
        self.tokens[row].char_end = end;
        self.character = end;
    }

    /// Begins a sentence.
    pub fn sentence(&mut self) {
        self.sentences += 1;
    }

    /// Adds a word that falls into these pieces, and a space after it. Of `row` the form and what is
    /// said of the word are taken (lemma, part of speech, category, whether it was seen or dropped).
    pub fn word(&mut self, row: TextWordRow, pieces: &[impl AsRef<str>]) {
        let (document, word) = (self.document_number(), self.document_words);
        let token_rows: Vec<usize> = pieces
            .iter()
            .map(|piece| {
                self.token(TokenRow {
                    token: piece.as_ref().to_owned(),
                    token_id: 7,
                    word: Some(word),
                    upos: row.upos.clone(),
                    ..TokenRow::default()
                })
            })
            .collect();
        self.character += 1;
        self.document_words += 1;
        self.words.push(TextWordRow {
            document,
            sentence: self.sentences.saturating_sub(1),
            word,
            tokens: token_rows.len(),
            token_rows,
            ..row
        });
    }

    /// Adds a token right after the one before, and returns its row. Where it lies is counted here;
    /// the rest is taken from `row`.
    pub fn token(&mut self, row: TokenRow) -> usize {
        let start = self.character;
        self.character += row.token.chars().count();
        self.tokens.push(TokenRow {
            document: self.document_number(),
            window: self.window,
            position: self.position,
            char_start: start,
            char_end: self.character,
            ..row
        });
        self.position += 1;
        self.tokens.len() - 1
    }

    fn document_number(&self) -> usize {
        assert!(self.documents > 0, "a text begins with a document");
        self.documents - 1
    }

    /// The keys of its tokens' rows in a table of activations.
    pub fn keys(&self) -> Vec<Vec<usize>> {
        let column = |key: fn(&TokenRow) -> usize| self.tokens.iter().map(key).collect();
        vec![
            column(|token| token.document),
            column(|token| token.window),
            column(|token| token.position),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_windows_and_characters_are_counted() {
        let word = |form: &str| TextWordRow {
            form: form.to_owned(),
            upos: Some("NOUN".to_owned()),
            ..TextWordRow::default()
        };
        let mut text = Text::new();
        text.document();
        text.sentence();
        text.word(word("Café"), &["Ca", "fé"]);
        text.window();
        text.sentence();
        text.word(word("open"), &["open"]);
        text.document();
        text.sentence();
        text.word(word("a"), &["a"]);
        let places: Vec<_> = text
            .tokens
            .iter()
            .map(|row| {
                (
                    row.document,
                    row.window,
                    row.position,
                    row.char_start,
                    row.char_end,
                )
            })
            .collect();
        let expected = [
            (0, 0, 0, 0, 0),
            (0, 0, 1, 0, 2),
            (0, 0, 2, 2, 4),
            (0, 1, 0, 5, 5),
            (0, 1, 1, 5, 9),
            (1, 0, 0, 0, 0),
            (1, 0, 1, 0, 1),
        ];
        assert_eq!(places, expected);
        let words: Vec<_> = text
            .words
            .iter()
            .map(|row| (row.document, row.sentence, row.word, row.token_rows.clone()))
            .collect();
        let expected = [
            (0, 0, 0, vec![1, 2]),
            (0, 1, 1, vec![4]),
            (1, 0, 0, vec![6]),
        ];
        assert_eq!(words, expected);
        assert_eq!(text.tokens[1].upos.as_deref(), Some("NOUN"));
    }
}
