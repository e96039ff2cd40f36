//! The text as it is shown: its tokens with the spaces and line breaks between them.

use crate::numbers::count;
use crate::sanitize::{clean, visible_space};
use selectron_tables::rows::TokenRow;
use std::ops::Range;

/// Tokens of a text that is shown whole, at most. It keeps the report small enough for any browser.
const MOST_TOKENS: usize = 4_000;

/// Tokens that are shown of a longer text, at most: its beginning, to the end of a document or a
/// sentence, where the numbers say more than the picture.
const OF_LONG: usize = 1_000;

/// A token, or several that share a character, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// White space before it: what lies between the tokens, and what the token begins with.
    pub before: String,
    /// The text that is painted; never empty, and without white space at its ends.
    pub body: String,
    /// White space after it that belongs to the token.
    pub after: String,
    /// Number of the token among the run's tokens. Where a character is split over several tokens
    /// this is the last of them, at which the model has read the whole character.
    pub token: usize,
    /// The universal part of speech of its word, if the text has any.
    pub upos: Option<String>,
    /// A beginning-of-sequence token, which is shown and not painted.
    pub is_bos: bool,
}

/// A document's pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its number, from 0.
    pub number: usize,
    /// Its pieces in reading order.
    pub pieces: Vec<Piece>,
}

/// The documents that are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The documents, in order.
    pub documents: Vec<Document>,
    /// Tokens that are shown.
    pub tokens: usize,
    /// Tokens that are left out because the text is too long.
    pub left_out: usize,
}

impl Shown {
    /// What is left out, as a sentence; none if nothing is.
    pub fn note(&self) -> Option<String> {
        (self.left_out > 0).then(|| {
            format!(
                "The text is long: the first {} of its {} tokens are shown.",
                count(self.tokens),
                count(self.tokens + self.left_out)
            )
        })
    }
}

/// Puts the text together from its tokens.
///
/// The characters that no token covers are white space, for the tables say only how many there
/// are: one is shown as a space, more as a new paragraph. `sentence` is the number of a token's
/// sentence in its document, where that is known.
pub(super) fn pieces(
    tokens: &[TokenRow],
    is_bos: impl Fn(&TokenRow) -> bool,
    sentence: impl Fn(&TokenRow) -> Option<usize>,
) -> Shown {
    let mut documents: Vec<Document> = Vec::new();
    let end = end(tokens, sentence);
    let mut first = 0;
    for rows in tokens[..end].chunk_by(|one, next| one.document == next.document) {
        documents.push(Document {
            number: rows[0].document,
            pieces: pieces_of_document(tokens, first..first + rows.len(), &is_bos),
        });
        first += rows.len();
    }
    Shown {
        documents,
        tokens: end,
        left_out: tokens.len() - end,
    }
}

/// The pieces of the tokens of one document.
fn pieces_of_document(
    tokens: &[TokenRow],
    own: Range<usize>,
    is_bos: impl Fn(&TokenRow) -> bool,
) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut covered = tokens[own.start].char_start;
    for index in own {
        let token = &tokens[index];
        if is_bos(token) {
            pieces.push(bos(pieces.is_empty(), tokens, index));
        } else if let Some(text) = visible(token, covered) {
            let mut piece = split(&text, token.char_start.saturating_sub(covered));
            piece.token = index;
            piece.upos.clone_from(&token.upos);
            pieces.push(piece);
            covered = token.char_end;
        } else if let Some(last) = pieces.last_mut().filter(|last| !last.is_bos)
            && tokens[last.token].char_start <= token.char_start
        {
            // A further part of the character that the last piece shows. Anything else that adds
            // no text is context which a later window reads again.
            last.token = index;
        }
    }
    pieces
}

/// How many tokens are shown: all, or up to the end of a document; where the documents are too long
/// for that, of a sentence.
fn end(tokens: &[TokenRow], sentence: impl Fn(&TokenRow) -> Option<usize>) -> usize {
    if tokens.len() <= MOST_TOKENS {
        return tokens.len();
    }
    let mut ends = (0, 0);
    let mut last: Option<(usize, usize)> = None;
    for (index, pair) in tokens.windows(2).enumerate().take(OF_LONG) {
        let (one, two) = (&pair[0], &pair[1]);
        if one.document != two.document {
            ends = (index + 1, index + 1);
        }
        last = sentence(one)
            .map(|sentence| (one.document, sentence))
            .or(last);
        let next = sentence(two).map(|sentence| (two.document, sentence));
        if next.is_some() && last.is_some() && next != last {
            ends.1 = index + 1;
        }
    }
    let enough = |end: &usize| *end > OF_LONG / 2;
    let ends = [ends.0, ends.1];
    ends.into_iter().find(enough).unwrap_or(OF_LONG)
}

/// What a token adds to the text up to `covered`; `None` if nothing.
fn visible(token: &TokenRow, covered: usize) -> Option<String> {
    let known = covered.saturating_sub(token.char_start);
    let text: String = token.token.chars().skip(known).collect();
    (token.char_end > covered && !text.is_empty()).then_some(text)
}

fn bos(is_first: bool, tokens: &[TokenRow], token: usize) -> Piece {
    let before = if is_first { "" } else { " " };
    let next = tokens
        .get(token + 1)
        .and_then(|next| next.token.chars().next());
    let after = if next.is_some_and(char::is_whitespace) {
        ""
    } else {
        " "
    };
    Piece {
        before: before.to_owned(),
        body: special_name(&tokens[token]),
        after: after.to_owned(),
        token,
        upos: None,
        is_bos: true,
    }
}

/// What a special token is shown as: a name in brackets, such as BERT's `[SEP]`, as it is; any other
/// that begins a sequence, such as `<|endoftext|>`, by its role.
fn special_name(token: &TokenRow) -> String {
    if token.position == 0 && !token.token.starts_with('[') {
        return "[BOS]".to_owned();
    }
    clean(&token.token)
}

/// Tells the white space around a token's text from the text, after `gap` characters of it.
fn split(text: &str, gap: usize) -> Piece {
    let text = clean(text);
    let between = match gap {
        0 => "",
        1 => " ",
        _ => "\n\n",
    };
    let body = text.trim();
    let (lead, body, after) = if body.is_empty() {
        // White space that is a token of its own is painted as a sign; its line breaks remain.
        let breaks: String = text.chars().filter(|c| matches!(c, '\n' | '\r')).collect();
        (String::new(), visible_space(&text), breaks)
    } else {
        let lead = text.len() - text.trim_start().len();
        let (lead, rest) = text.split_at(lead);
        (
            lead.to_owned(),
            body.to_owned(),
            rest[body.len()..].to_owned(),
        )
    };
    let before = format!("{between}{lead}");
    Piece {
        before,
        body,
        after,
        token: 0,
        upos: None,
        is_bos: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens at these places, each with its text.
    fn tokens(list: &[(usize, usize, &str)]) -> Vec<TokenRow> {
        let row =
            |(position, (char_start, char_end, token)): (usize, &(usize, usize, &str))| TokenRow {
                document: 0,
                window: 0,
                position,
                token: (*token).to_owned(),
                token_id: 0,
                char_start: *char_start,
                char_end: *char_end,
                word: None,
                upos: None,
            };
        list.iter().enumerate().map(row).collect()
    }

    fn shown(list: &[(usize, usize, &str)]) -> Vec<Piece> {
        let is_bos = |token: &TokenRow| token.char_start == token.char_end;
        let shown = pieces(&tokens(list), is_bos, |_| None);
        shown
            .documents
            .into_iter()
            .flat_map(|document| document.pieces)
            .collect()
    }

    fn joined(pieces: &[Piece]) -> String {
        pieces
            .iter()
            .filter(|piece| !piece.is_bos)
            .map(|piece| format!("{}{}{}", piece.before, piece.body, piece.after))
            .collect()
    }

    #[test]
    fn spaces_within_tokens_are_kept() {
        let list = [
            (0, 0, "<s>"),
            (0, 4, "Toss"),
            (4, 6, " a"),
            (6, 10, " die"),
            (10, 11, "."),
        ];
        let pieces = shown(&list);
        assert_eq!(joined(&pieces), "Toss a die.");
        assert!(pieces[0].is_bos);
        assert_eq!(
            (pieces[2].before.as_str(), pieces[2].body.as_str()),
            (" ", "a")
        );
    }

    #[test]
    fn gaps_between_tokens_are_white_space() {
        assert_eq!(
            joined(&shown(&[(0, 1, "a"), (2, 3, "b"), (5, 6, "c")])),
            "a b\n\nc"
        );
    }

    #[test]
    fn a_line_break_of_its_own_is_shown_and_breaks() {
        let pieces = shown(&[(0, 1, "a"), (1, 3, "\n\n"), (3, 4, "b")]);
        assert_eq!(joined(&pieces), "a↵↵\n\nb");
        assert_eq!(
            joined(&shown(&[(0, 1, "a"), (1, 3, " b"), (3, 5, "c\n")])),
            "a bc\n"
        );
    }

    #[test]
    fn a_character_in_several_tokens_is_shown_once_with_its_last_token() {
        let pieces = shown(&[(0, 1, "😀"), (0, 1, "😀"), (0, 1, "😀"), (1, 3, " b")]);
        assert_eq!(joined(&pieces), "😀 b");
        assert_eq!(pieces[0].token, 2);
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        let list: Vec<_> = (0..MOST_TOKENS + 7).map(|i| (i, i + 1, "x")).collect();
        let shown = pieces(&tokens(&list), |_| false, |_| None);
        assert_eq!(shown.documents[0].pieces.len(), OF_LONG);
        assert_eq!(
            shown.note().as_deref(),
            Some("The text is long: the first 1,000 of its 4,007 tokens are shown.")
        );
    }

    #[test]
    fn a_long_text_is_cut_at_the_end_of_a_document_or_else_of_a_sentence() {
        let most = MOST_TOKENS;
        let list: Vec<_> = (0..most + 500).map(|i| (i, i + 1, "x")).collect();
        let mut rows = tokens(&list);
        // Sentences of 70 tokens; every tenth token belongs to no word.
        let sentence = |token: &TokenRow| {
            let place = token.char_start;
            (place % 10 != 3).then_some(place / 70)
        };
        let sentences = pieces(&rows, |_| false, sentence);
        assert_eq!(sentences.tokens, OF_LONG / 70 * 70);
        for row in rows.iter_mut().skip(900) {
            row.document = 1;
        }
        assert_eq!(pieces(&rows, |_| false, sentence).tokens, 900);
        // A document that ends early would leave too little.
        for row in rows.iter_mut().skip(100) {
            row.document = 1;
        }
        let shown = pieces(&rows, |_| false, sentence);
        assert_eq!(shown.tokens, sentences.tokens);
        assert_eq!(shown.left_out, rows.len() - shown.tokens);
        assert!(
            pieces(&rows[..MOST_TOKENS], |_| false, sentence)
                .note()
                .is_none()
        );
    }
}
