//! Cutting the stage's work into units.

use super::prepared::Prepared;
use super::unit::{Piece, PlannedUnit};
use crate::record::{text, words};
use crate::source::kind::Source;
use selectron_items::text::Text;
use selectron_tables::Packing;
use selectron_tables::activations::Subject;

/// Bytes of activations in a unit of words, unless a single chunk has more: a usual run has one.
const WORDS_BYTES: usize = 512 << 20;

/// Up to this many bytes of activations a text is small: all of them are held until they are written,
/// and kept in the run directory.
const SMALL_TEXT: usize = 256 << 20;

/// Bytes of activations in a part of a large text, unless a single window has more.
const PART_BYTES: usize = 64 << 20;

/// The units, in order: words, positions, presentations, text.
pub(super) fn plan(prepared: &Prepared, source: &dyn Source) -> Vec<PlannedUnit> {
    let places = source.places();
    let bytes_per_row: usize = places
        .iter()
        .map(|(_, width)| width * size_of::<f32>())
        .sum();
    let bytes_per_word = places.len() * source.widest() * size_of::<f32>();
    let chunks = words::cut(prepared.words.len(), bytes_per_word);

    let mut units = grouped(
        Subject::Words,
        chunks.iter().cloned().map(Piece::Words),
        bytes_per_row,
    );
    if !prepared.positions.is_empty() {
        units.push(PlannedUnit {
            subject: Subject::Positions,
            packing: Packing::Small,
            pieces: vec![Piece::Positions],
        });
    }
    let in_presentations = (0..prepared.presentations.len()).flat_map(|number| {
        let chunks = chunks.iter().cloned();
        chunks.map(move |items| Piece::Presentation(number, items))
    });
    units.extend(grouped(
        Subject::Presentations,
        in_presentations,
        bytes_per_row,
    ));
    if let Some(text) = &prepared.text {
        units.extend(units_of_text(text, bytes_per_row));
    }
    units
}

/// Puts neighbours together until a unit is full.
fn grouped(
    subject: Subject,
    pieces: impl Iterator<Item = Piece>,
    bytes_per_row: usize,
) -> Vec<PlannedUnit> {
    let mut units: Vec<PlannedUnit> = Vec::new();
    let mut bytes = 0;
    for piece in pieces {
        let own = piece.words() * bytes_per_row;
        bytes += own;
        match units.last_mut() {
            Some(unit) if bytes <= WORDS_BYTES => unit.pieces.push(piece),
            _ => {
                bytes = own;
                units.push(PlannedUnit {
                    subject,
                    packing: Packing::Small,
                    pieces: vec![piece],
                });
            }
        }
    }
    units
}

fn units_of_text(text: &Text, bytes_per_token: usize) -> Vec<PlannedUnit> {
    let is_small = text.tokens.len() * bytes_per_token <= SMALL_TEXT;
    let chunks = if is_small {
        let all = 0..text.windows.len();
        vec![all]
    } else {
        text::cut(&text.windows, PART_BYTES.div_ceil(bytes_per_token.max(1)))
    };
    let unit = |windows| PlannedUnit {
        subject: Subject::Text,
        packing: if is_small {
            Packing::Small
        } else {
            Packing::Fast
        },
        pieces: vec![Piece::Windows(windows)],
    };
    chunks.into_iter().map(unit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_fill_units_up_to_a_bound() {
        let pieces = |sizes: &[usize]| {
            let mut start = 0;
            let mut all = Vec::new();
            for size in sizes {
                all.push(Piece::Words(start..start + size));
                start += size;
            }
            all
        };
        let counts = |sizes: &[usize]| -> Vec<usize> {
            let units = grouped(Subject::Words, pieces(sizes).into_iter(), WORDS_BYTES / 100);
            units.iter().map(|unit| unit.pieces.len()).collect()
        };
        assert_eq!(counts(&[60, 40]), [2]);
        assert_eq!(counts(&[60, 41]), [1, 1]);
        assert_eq!(counts(&[300, 50, 50, 1]), [1, 2, 1]);
        assert!(counts(&[]).is_empty());
    }
}
