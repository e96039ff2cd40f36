//! The product of rearrangements and scores, in whole numbers, by table lookup.
//!
//! Every rearrangement of every neuron needs one sum: that of its scores with changed signs, or of
//! those in a category. For all of them that is a matrix product, rearrangements x units times
//! units x neurons. Its left side has only two values, so four units have only 16 possible sums;
//! they are tabled once per neuron and looked up (the method of four Russians; Arlazarov, Dinic,
//! Kronrod and Faradzhev 1970), which takes a quarter of the additions of the product and no
//! multiplication.
//!
//! Scores are rounded to whole multiples of a small quantum first. Sums of whole numbers do not
//! depend on the order of adding: neither thread count nor vector width can change a bit of them.
//! With scores of unit norm a sum is at most sqrt(units) (Cauchy and Schwarz), and the quantum is
//! chosen so that this fits 31 bits: 2^-26 for 100 units, against 2^-24 of a float32. Each rounding
//! errs by half a quantum at most, so two sums that should be equal differ by at most `units` quanta;
//! a comparison of sums allows that much, on the side of the null hypothesis.

use super::draws::{Draws, UNITS_A_CODE};
use selectron_run::vocabulary::Rearrangement;

/// Neurons summed side by side: a tile.
pub const LANES: usize = 16;

/// One score or sum of each neuron of a tile.
pub type Lanes = [i32; LANES];

/// The 16 sums of four units.
type Table = [Lanes; 1 << UNITS_A_CODE];

/// How many quanta make 1, for scores of unit norm of this number of units.
pub fn quanta(units: usize) -> f64 {
    let bound = (units.max(1) as f64).sqrt().log2().ceil();
    (30.0 - bound).exp2()
}

/// The scores of a tile of neurons in quanta, unit by unit. `scores` holds each neuron's scores, at
/// most [`LANES`] of them; a missing neuron scores 0.
pub fn quantise(scores: &[Option<Vec<f64>>], units: usize, quanta: f64) -> Vec<Lanes> {
    let mut tile = vec![[0; LANES]; units];
    for (lane, scores) in scores.iter().enumerate() {
        for (row, score) in tile.iter_mut().zip(scores.iter().flatten()) {
            // Within 31 bits by the choice of the quantum.
            row[lane] = (score * quanta).round() as i32;
        }
    }
    tile
}

/// The sums of a tile under every rearrangement.
#[derive(Debug)]
pub struct Sums {
    tables: Vec<Table>,
}

impl Sums {
    /// Tables the sums of a tile's scores, as many as the rearrangements have units.
    pub fn new(tile: &[Lanes], kind: Rearrangement) -> Self {
        Self {
            tables: tile
                .chunks(UNITS_A_CODE)
                .map(|four| table(four, kind))
                .collect(),
        }
    }

    /// The sums under the codes of one set, of which there are [`Sums::codes`].
    #[inline(always)]
    pub fn of(&self, codes: &[u8]) -> Lanes {
        assert!(codes.len() == self.tables.len(), "codes of a rearrangement");
        let mut sums = [0_i32; LANES];
        for (code, table) in codes.iter().zip(&self.tables) {
            let part = &table[usize::from(*code & 0x0f)];
            for (sum, part) in sums.iter_mut().zip(part) {
                *sum = sum.wrapping_add(*part);
            }
        }
        sums
    }

    /// How many codes a sum takes.
    pub fn codes(&self) -> usize {
        self.tables.len()
    }

    /// The largest absolute sum of the tile under each rearrangement, folded into `largest`.
    pub fn fold_largest(&self, draws: &Draws, largest: &mut [i32]) {
        for (codes, largest) in draws.iter().zip(largest) {
            let sums = self.of(codes);
            *largest = sums
                .iter()
                .fold(*largest, |most, sum| most.max(sum.wrapping_abs()));
        }
    }
}

fn table(four: &[Lanes], kind: Rearrangement) -> Table {
    let mut table = [[0_i32; LANES]; 1 << UNITS_A_CODE];
    for (code, sums) in table.iter_mut().enumerate() {
        for (unit, scores) in four.iter().enumerate() {
            let chosen = code >> unit & 1 == 1;
            for (sum, score) in sums.iter_mut().zip(scores) {
                *sum += match (kind, chosen) {
                    (_, true) => *score,
                    (Rearrangement::SignFlips, false) => -*score,
                    (Rearrangement::LabelShuffles, false) => 0,
                };
            }
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn looked_up_sums_are_the_sums(
            rows in proptest::collection::vec(proptest::array::uniform16(-1000_i32..1000), 1..30),
            seed in 0_u64..1000,
        ) {
            let units = rows.len();
            let labels = Draws::labels(&[units / 2, units - units / 2], 20, seed, Purpose::MaxT);
            for draws in [Draws::flips(units, 20, seed, Purpose::MaxT), labels] {
                let sums = Sums::new(&rows, draws.kind());
                let mut largest = vec![0; draws.count()];
                sums.fold_largest(&draws, &mut largest);
                for (draw, codes) in draws.iter().enumerate() {
                    let mut expected = [0; LANES];
                    for (bit, row) in draws.bits(draw)[0].iter().zip(&rows) {
                        for (sum, score) in expected.iter_mut().zip(row) {
                            *sum += match (draws.kind(), bit) {
                                (_, true) => *score,
                                (Rearrangement::SignFlips, false) => -*score,
                                (Rearrangement::LabelShuffles, false) => 0,
                            };
                        }
                    }
                    prop_assert_eq!(sums.of(codes), expected);
                    let most = expected.iter().map(|sum| sum.abs()).max().unwrap();
                    prop_assert_eq!(largest[draw], most);
                }
            }
        }
    }

    #[test]
    fn sums_of_unit_norm_fit() {
        for units in [1, 2, 3, 100, 101, 10_000, 1_000_000] {
            let most = (units as f64).sqrt() * quanta(units) + 0.5 * units as f64;
            assert!(most < f64::from(i32::MAX), "{units}");
        }
    }
}
