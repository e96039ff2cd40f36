//! Breaking a text into lines for a picture.

use crate::data::{Piece, Shown};
use crate::font::Metrics;
use std::ops::Range;

/// A piece of text and its place.
#[derive(Debug, PartialEq)]
pub(super) struct Placed<'a> {
    /// The piece.
    pub piece: &'a Piece,
    /// Its left end, in pixels.
    pub x: f64,
    /// Its line, from 0.
    pub line: usize,
    /// Its width, in pixels.
    pub width: f64,
}

/// A text broken into lines.
#[derive(Debug, PartialEq)]
pub(super) struct TextLayout<'a> {
    /// The pieces in reading order.
    pub placed: Vec<Placed<'a>>,
    /// Number of lines.
    pub lines: usize,
}

/// Sets the text in lines between two columns of pixels. Lines break at white space, and within a
/// word only if it alone is wider than a line.
pub(super) fn lay_out<'a>(
    shown: &'a Shown,
    metrics: &Metrics,
    size: f64,
    columns: Range<f64>,
) -> TextLayout<'a> {
    let mut cursor = Cursor {
        x: columns.start,
        line: 0,
        columns,
        placed: Vec::new(),
    };
    for document in &shown.documents {
        cursor.break_paragraph();
        let mut pieces = document.pieces.as_slice();
        while let Some(first) = pieces.first() {
            let length = 1 + pieces.windows(2).take_while(|pair| is_joined(pair)).count();
            let (word, rest) = pieces.split_at(length);
            let after = word.last().map_or("", |last| last.after.as_str());
            cursor.space(&first.before, metrics.width(" ", size));
            cursor.word(word, metrics, size);
            cursor.space(after, metrics.width(" ", size));
            pieces = rest;
        }
    }
    TextLayout {
        lines: cursor.line + 1,
        placed: cursor.placed,
    }
}

/// Whether no white space is between two pieces.
fn is_joined(pair: &[Piece]) -> bool {
    matches!(pair, [one, two] if one.after.is_empty() && two.before.is_empty())
}

struct Cursor<'a> {
    x: f64,
    line: usize,
    columns: Range<f64>,
    placed: Vec<Placed<'a>>,
}

impl<'a> Cursor<'a> {
    fn break_line(&mut self, lines: usize) {
        self.line += lines;
        self.x = self.columns.start;
    }

    fn break_paragraph(&mut self) {
        if !self.placed.is_empty() {
            self.break_line(2);
        }
    }

    /// White space: line breaks, else spaces, of which none begins a line.
    fn space(&mut self, space: &str, width: f64) {
        let breaks = space.chars().filter(|c| *c == '\n').count();
        if breaks > 0 {
            // A run of blank lines is no more than a new paragraph.
            self.break_line(breaks.min(2));
        } else if self.x > self.columns.start {
            self.x += width * space.chars().count() as f64;
        }
    }

    fn word(&mut self, word: &'a [Piece], metrics: &Metrics, size: f64) {
        let width = |piece: &Piece| metrics.width(&piece.body, size);
        let whole: f64 = word.iter().map(width).sum();
        if self.x > self.columns.start && self.x + whole > self.columns.end {
            self.break_line(1);
        }
        for piece in word {
            let line_width = self.columns.end - self.columns.start;
            let width = width(piece).min(line_width);
            if self.x > self.columns.start && self.x + width > self.columns.end {
                self.break_line(1);
            }
            self.placed.push(Placed {
                piece,
                x: self.x,
                line: self.line,
                width,
            });
            self.x += width;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Document;
    use proptest::prelude::*;

    fn text(words: &[(&str, &str)]) -> Shown {
        let piece = |(before, body): &(&str, &str)| Piece {
            before: (*before).to_owned(),
            body: (*body).to_owned(),
            after: String::new(),
            token: 0,
            upos: None,
            is_bos: false,
        };
        let pieces = words.iter().map(piece).collect();
        Shown {
            documents: vec![Document { number: 0, pieces }],
            tokens: 0,
            left_out: 0,
        }
    }

    #[test]
    fn a_word_of_several_tokens_stays_together() {
        let metrics = Metrics::new().unwrap();
        let shown = text(&[("", "aaaa"), (" ", "bbbb"), ("", "cccc"), ("\n\n", "d")]);
        let room = metrics.width("aaaa bbbbcc", 10.0);
        let layout = lay_out(&shown, &metrics, 10.0, 5.0..5.0 + room);
        let lines: Vec<_> = layout.placed.iter().map(|placed| placed.line).collect();
        assert_eq!(lines, [0, 1, 1, 3]);
        assert_eq!(layout.placed[1].x, 5.0);
        assert_eq!(layout.lines, 4);
    }

    proptest! {
        #[test]
        fn nothing_leaves_its_line_or_overlaps(
            words in proptest::collection::vec(("[ \n]{0,3}", "[a-zéש😀]{1,40}"), 1..40)
        ) {
            let metrics = Metrics::new().unwrap();
            let words: Vec<_> = words.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
            let shown = text(&words);
            let layout = lay_out(&shown, &metrics, 12.0, 10.0..150.0);
            prop_assert_eq!(layout.placed.len(), words.len());
            for placed in &layout.placed {
                prop_assert!(placed.x >= 10.0 && placed.x + placed.width <= 150.0 + 1e-9);
                prop_assert!(placed.line < layout.lines);
            }
            for pair in layout.placed.windows(2) {
                let follows = pair[0].line < pair[1].line
                    || pair[0].x + pair[0].width <= pair[1].x + 1e-9;
                prop_assert!(follows, "{pair:?}");
            }
        }
    }
}
