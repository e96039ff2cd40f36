//! Rows of the tables that the extract stage writes.

use crate::row::table;

table! {
    /// A word that was put before the model.
    WordRow in Words {
        /// Number of the word in this run, from 0; `activations.parquet` refers to it.
        item: usize,
        /// The word's category.
        category: String,
        /// The word itself.
        word: String,
        /// The word's line in its list, from 0.
        rank: usize,
        /// Number of the pair it belongs to, from 0; null for a word without a partner.
        pair: Option<usize>,
        /// The tokens that the model was given for it, a beginning-of-sequence token or carrier included.
        token_ids: Vec<u32>,
        /// Index in `token_ids` of the word's own first token.
        token_start: usize,
        /// Index in `token_ids` after the word's own last token.
        token_end: usize,
    }
}

table! {
    /// A token of the text. Tokens that a window repeats as context for its first ones are not
    /// listed again.
    TokenRow in Tokens {
        /// Number of the document, from 0.
        document: usize,
        /// Window of the document, from 0: a document longer than the model's context is read in
        /// several, which overlap by `text.min_context` tokens.
        window: usize,
        /// The position at which the model saw the token, from 0 at the start of each window. `document`, `window`
        /// and `position` together name a token.
        position: usize,
        /// The text that the token covers; for a beginning-of-sequence token its name.
        token: String,
        /// The token's number in the vocabulary.
        token_id: u32,
        /// First character of the token in the document's text.
        char_start: usize,
        /// The character after its last one; equal to `char_start` for a beginning-of-sequence token.
        char_end: usize,
        /// Number of the word in the document that the token belongs to; null where none.
        word: Option<usize>,
        /// The word's universal part of speech; null where the text has none.
        upos: Option<String>,
    }
}

table! {
    /// A word of the text, and whether it is scored.
    TextWordRow in TextWords {
        /// Number of the document, from 0.
        document: usize,
        /// Number of the sentence in the document, from 0.
        sentence: usize,
        /// Number of the word in the document, from 0; `tokens.parquet` refers to it.
        word: usize,
        /// The word as it is in the text.
        form: String,
        /// Its dictionary form, where the text gives one.
        lemma: Option<String>,
        /// Its universal part of speech; null where the text has none.
        upos: Option<String>,
        /// The pipeline's category that it belongs to; null for any other word.
        category: Option<String>,
        /// Whether its form or lemma was a stimulus, in lower case. Only words never seen count as
        /// generalisation.
        seen: bool,
        /// Tokens that belong to it: those that begin in it.
        tokens: usize,
        /// Rows of `tokens.parquet`, from 0, from which the word's activation is computed: its own
        /// tokens, in order. If it has none of its own, the token that covers its end; so the
        /// second word of `."` in one token.
        token_rows: Vec<usize>,
        /// Why it is not scored; null where it is.
        dropped: Option<String>,
    }
}
