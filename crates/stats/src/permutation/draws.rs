//! Rearrangements of the words: sign flips of pairs, or shuffled labels.
//!
//! A rearrangement gives each unit a bit. Of a pair, 0 and 1 stand for -1 and +1: whether its words
//! change places. Of a word, 1 stands for membership in a category, with a bit for each category but
//! the last. Four units' bits make a code, so that sums over four units can be
//! looked up; see [`sums`](super::sums).

use crate::random::{Purpose, stream};
use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use selectron_run::vocabulary::Rearrangement;

/// Units of which one code says what becomes of them.
pub const UNITS_A_CODE: usize = 4;

/// Rearrangements drawn from one stream of random numbers. Each block of this size has a stream of
/// its own, so that blocks can be drawn anywhere in any order.
const DRAWS_A_STREAM: usize = 256;

/// A number of rearrangements.
#[derive(Debug)]
pub struct Draws {
    kind: Rearrangement,
    units: usize,
    /// Bits a unit has.
    sets: usize,
    count: usize,
    complete: bool,
    /// Draws x sets x codes.
    codes: Vec<u8>,
}

impl Draws {
    /// Sign flips of `pairs` pairs: `asked` of them at random, or all 2^pairs where those are no
    /// more.
    pub fn flips(pairs: usize, asked: usize, seed: u64, purpose: Purpose) -> Self {
        let mut draws = Self::none(Rearrangement::SignFlips, pairs, 1);
        let all = u32::try_from(pairs).ok();
        let all = all.and_then(|pairs| 1_usize.checked_shl(pairs));
        if let Some(all) = all.filter(|all| *all <= asked) {
            for draw in 0..all {
                draws.push((0..pairs).map(|unit| draw >> unit & 1 == 1));
            }
            draws.count = all;
            draws.complete = true;
            return draws;
        }
        let mut bytes = vec![0_u8; pairs.div_ceil(8)];
        in_streams(seed, purpose, asked, |rng| {
            rng.fill_bytes(&mut bytes);
            draws.push((0..pairs).map(|unit| bytes[unit / 8] >> (unit % 8) & 1 == 1));
            draws.count += 1;
        });
        draws
    }

    /// The labels of categories of these sizes, shuffled: `asked` times at random, or in every way
    /// where those are no more.
    pub fn labels(sizes: &[usize], asked: usize, seed: u64, purpose: Purpose) -> Self {
        let observed = labels_of(sizes);
        let mut draws = Self::none(
            Rearrangement::LabelShuffles,
            observed.len(),
            sizes.len() - 1,
        );
        let mut labels = observed.clone();
        if ways(sizes).is_some_and(|ways| ways <= asked) {
            draws.complete = true;
            loop {
                draws.push_labels(&labels);
                if !next_permutation(&mut labels) {
                    return draws;
                }
            }
        }
        in_streams(seed, purpose, asked, |rng| {
            labels.copy_from_slice(&observed);
            labels.shuffle(rng);
            draws.push_labels(&labels);
        });
        draws
    }

    /// The observed labels alone.
    pub fn observed_labels(sizes: &[usize]) -> Self {
        let mut draws = Self::none(
            Rearrangement::LabelShuffles,
            sizes.iter().sum(),
            sizes.len() - 1,
        );
        draws.push_labels(&labels_of(sizes));
        draws
    }

    /// No rearrangement yet.
    fn none(kind: Rearrangement, units: usize, sets: usize) -> Self {
        Self {
            kind,
            units,
            sets,
            count: 0,
            complete: false,
            codes: Vec::new(),
        }
    }

    fn push_labels(&mut self, labels: &[usize]) {
        for set in 0..self.sets {
            self.push(labels.iter().map(|label| *label == set));
        }
        self.count += 1;
    }

    fn push(&mut self, bits: impl Iterator<Item = bool>) {
        let (mut code, mut filled) = (0_u8, 0);
        for bit in bits {
            code |= u8::from(bit) << filled;
            filled += 1;
            if filled == UNITS_A_CODE {
                self.codes.push(code);
                (code, filled) = (0, 0);
            }
        }
        if filled > 0 {
            self.codes.push(code);
        }
    }

    /// How they rearrange the words, and so what a bit means.
    pub fn kind(&self) -> Rearrangement {
        self.kind
    }

    /// Units rearranged.
    pub fn units(&self) -> usize {
        self.units
    }

    /// Number of rearrangements.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether these are all rearrangements there are, the observed one among them, rather than a
    /// random sample.
    pub fn complete(&self) -> bool {
        self.complete
    }

    /// Codes of one set.
    pub fn width(&self) -> usize {
        self.units.div_ceil(UNITS_A_CODE)
    }

    /// The codes of each rearrangement in turn, set after set.
    pub fn iter(&self) -> std::slice::ChunksExact<'_, u8> {
        self.codes.chunks_exact(self.sets * self.width())
    }

    /// The bits of one rearrangement, set by set.
    ///
    /// # Panics
    /// When there is no such rearrangement.
    pub fn bits(&self, draw: usize) -> Vec<Vec<bool>> {
        let size = self.sets * self.width();
        self.codes[draw * size..(draw + 1) * size]
            .chunks(self.width())
            .map(|codes| {
                let bit =
                    |unit: usize| codes[unit / UNITS_A_CODE] >> (unit % UNITS_A_CODE) & 1 == 1;
                (0..self.units).map(bit).collect()
            })
            .collect()
    }

    /// The p-value of a statistic that `exceeding` of the rearrangements reach or pass. Of a sample
    /// the observed arrangement counts as one more (Phipson and Smyth 2010), so that no p is 0.
    pub fn p(&self, exceeding: usize) -> f64 {
        if self.complete {
            exceeding as f64 / self.count as f64
        } else {
            (exceeding + 1) as f64 / (self.count + 1) as f64
        }
    }

    /// The most rearrangements that may reach a statistic whose p-value is at most `alpha`; none
    /// where even a statistic that no other reaches has a larger p.
    pub fn most_exceeding(&self, alpha: f64) -> Option<usize> {
        // From above, as the product may be rounded either way.
        let mut most = (alpha * (self.count + 1) as f64).ceil() as usize;
        while self.p(most) > alpha {
            most = most.checked_sub(1)?;
        }
        Some(most)
    }
}

/// Calls `draw` `count` times, with a stream of random numbers for each block of calls.
fn in_streams(seed: u64, purpose: Purpose, count: usize, mut draw: impl FnMut(&mut ChaCha8Rng)) {
    for (block, start) in (0..count).step_by(DRAWS_A_STREAM).enumerate() {
        let mut rng = stream(seed, purpose, block as u64);
        for _ in start..count.min(start + DRAWS_A_STREAM) {
            draw(&mut rng);
        }
    }
}

/// The observed labels: those of the first category, then those of the next.
fn labels_of(sizes: &[usize]) -> Vec<usize> {
    let categories = sizes.iter().enumerate();
    categories
        .flat_map(|(category, size)| std::iter::repeat_n(category, *size))
        .collect()
}

/// Ways to label words so that the categories have these sizes, where that is not astronomical.
fn ways(sizes: &[usize]) -> Option<usize> {
    let (mut ways, mut words) = (1_usize, 0_usize);
    for size in sizes {
        for k in 1..=*size {
            words += 1;
            ways = ways.checked_mul(words)? / k;
        }
    }
    Some(ways)
}

/// The next arrangement in lexicographic order (Narayana Pandita's algorithm); false after the last.
fn next_permutation(labels: &mut [usize]) -> bool {
    let Some(rise) = labels.windows(2).rposition(|pair| pair[0] < pair[1]) else {
        return false;
    };
    let (head, tail) = labels.split_at_mut(rise + 1);
    let pivot = &mut head[rise];
    if let Some(larger) = tail.iter_mut().rev().find(|label| **label > *pivot) {
        std::mem::swap(pivot, larger);
    }
    tail.reverse();
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_pairs_are_flipped_in_every_way_once() {
        let draws = Draws::flips(5, 32, 1, Purpose::MaxT);
        assert!(draws.complete());
        let mut all: Vec<_> = (0..32).map(|draw| draws.bits(draw)).collect();
        all.sort();
        all.dedup();
        assert_eq!((draws.count(), all.len()), (32, 32));
        assert!(!Draws::flips(5, 31, 1, Purpose::MaxT).complete());
        assert!(!Draws::flips(64, 31, 1, Purpose::MaxT).complete());
    }

    #[test]
    fn few_labels_are_shuffled_in_every_way_once() {
        let draws = Draws::labels(&[3, 4], 35, 1, Purpose::MaxT);
        assert!(draws.complete());
        let mut all: Vec<_> = (0..35).map(|draw| draws.bits(draw)).collect();
        all.sort();
        all.dedup();
        assert_eq!((draws.count(), all.len()), (35, 35));
        assert_eq!(ways(&[100, 100]), None);
    }

    #[test]
    fn random_draws_are_fair_and_repeatable() {
        let flips = Draws::flips(101, 2000, 7, Purpose::MaxT);
        let labels = Draws::labels(&[40, 61], 2000, 7, Purpose::MaxT);
        for (draws, expected) in [(&flips, 0.5), (&labels, 40.0 / 101.0_f64)] {
            let mut counts = vec![0; 101];
            for draw in 0..draws.count() {
                for (count, bit) in counts.iter_mut().zip(&draws.bits(draw)[0]) {
                    *count += i32::from(*bit);
                }
            }
            // Five standard deviations of a binomial count.
            let sd = (2000.0 * expected * (1.0 - expected)).sqrt();
            for count in counts {
                assert!(
                    (f64::from(count) - 2000.0 * expected).abs() < 5.0 * sd,
                    "{count}"
                );
            }
        }
        assert_eq!(flips.codes, Draws::flips(101, 2000, 7, Purpose::MaxT).codes);
        assert_ne!(flips.codes, Draws::flips(101, 2000, 8, Purpose::MaxT).codes);
        assert_ne!(
            flips.codes,
            Draws::flips(101, 2000, 7, Purpose::Nulls).codes
        );
        // The first draws do not depend on how many follow.
        assert!(
            Draws::flips(101, 3000, 7, Purpose::MaxT)
                .codes
                .starts_with(&flips.codes)
        );
    }

    #[test]
    fn thresholds_and_p_values_agree() {
        let random = Draws::flips(30, 999, 1, Purpose::MaxT);
        assert_eq!(random.most_exceeding(0.05), Some(49));
        assert_eq!(random.most_exceeding(0.0005), None);
        let complete = Draws::flips(5, 32, 1, Purpose::MaxT);
        assert_eq!(complete.most_exceeding(0.0625), Some(2));
        assert_eq!(complete.p(2), 0.0625);
    }
}
