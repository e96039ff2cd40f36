//! The exact area under the ROC curve of every neuron, and its interval.
//!
//! A neuron's words are sorted once; every comparison is then one walk over them. All sums are of
//! whole numbers, so they are exact and the order of adding cannot matter: an area is rounded once,
//! when the count of won comparisons is divided by the number of comparisons.

use crate::distributions::gamma;
use crate::effect::Interval;

/// A word that takes no part in a comparison.
pub const NEITHER: u8 = 0;
/// A word whose activation should be the higher one.
pub const POSITIVE: u8 = 1;
/// A word that a positive one is compared with.
pub const NEGATIVE: u8 = 2;

/// The level of the intervals.
const ALPHA: f64 = 0.05;

/// Bits of a digit of the radix sort; three digits make the 32 bits of a float.
const DIGIT: usize = 11;
const DIGITS: usize = 3;

/// Sorts activations, with buffers to use again.
#[derive(Debug, Default)]
pub struct Sorter {
    items: Vec<u64>,
    scratch: Vec<u64>,
}

/// Words in order of their activation, the lowest first; equal ones in order of their number.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// A word's number below, its activation as a sortable number above.
    items: &'a [u64],
}

impl Sorter {
    /// Sorts words by their activations. None where one of them is not finite.
    pub fn sort(&mut self, values: &[f32]) -> Option<Order<'_>> {
        if values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        self.items.clear();
        let item = |(word, value): (usize, &f32)| u64::from(sortable(*value)) << 32 | word as u64;
        self.items.extend(values.iter().enumerate().map(item));
        self.scratch.resize(self.items.len(), 0);
        let mut counts = [[0_usize; 1 << DIGIT]; DIGITS];
        for item in &self.items {
            for (place, counts) in counts.iter_mut().enumerate() {
                counts[digit(*item, place)] += 1;
            }
        }
        for (place, starts) in counts.iter_mut().enumerate() {
            let mut start = 0;
            for count in starts.iter_mut() {
                start += std::mem::replace(count, start);
            }
            for item in &self.items {
                let start = &mut starts[digit(*item, place)];
                self.scratch[*start] = *item;
                *start += 1;
            }
            std::mem::swap(&mut self.items, &mut self.scratch);
        }
        Some(Order { items: &self.items })
    }
}

/// A number that grows with a finite float; -0 and 0 have the same.
fn sortable(value: f32) -> u32 {
    let bits = (value + 0.0).to_bits();
    if bits >> 31 == 1 {
        !bits
    } else {
        bits | 1 << 31
    }
}

/// One digit of the activation in an item.
#[inline]
fn digit(item: u64, place: usize) -> usize {
    (item >> (32 + DIGIT * place)) as usize & ((1 << DIGIT) - 1)
}

impl<'a> Order<'a> {
    /// The words in groups of equal activation, the lowest first.
    pub fn groups(
        &self,
    ) -> impl DoubleEndedIterator<Item = impl ExactSizeIterator<Item = usize> + Clone + use<'a>> + use<'a>
    {
        let groups = self.items.chunk_by(|item, next| item >> 32 == next >> 32);
        groups.map(|group| group.iter().map(|item| (item & 0xffff_ffff) as usize))
    }

    /// The same of some words only, in `buffer`. A comparison of few words is then a short walk.
    pub fn only<'b>(&self, keep: &[bool], buffer: &'b mut Vec<u64>) -> Order<'b> {
        buffer.clear();
        let is_kept = |item: &u64| keep[(item & 0xffff_ffff) as usize];
        buffer.extend(self.items.iter().copied().filter(is_kept));
        Order { items: buffer }
    }

    /// The words, the lowest activation first.
    pub fn words(&self) -> impl Iterator<Item = usize> + use<'a> {
        self.items.iter().map(|item| (item & 0xffff_ffff) as usize)
    }
}

/// What a walk over sorted words counts of two classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Comparison {
    /// Positive words.
    pub positives: u64,
    /// Negative words.
    pub negatives: u64,
    /// Twice the comparisons that positive words win, ties counting half.
    pub wins: u64,
    /// Sum of squares over positive words of twice the comparisons that each wins.
    squares_positive: u128,
    /// Sum of squares over negative words of twice the comparisons that each loses to none: those
    /// with positive words below it.
    squares_negative: u128,
    /// Sum over groups of equal activation of size^3 - size.
    pub ties: u128,
}

impl Comparison {
    /// Compares the positive words with the negative ones; `labels` has one of [`NEITHER`],
    /// [`POSITIVE`] and [`NEGATIVE`] for each word.
    pub fn of(order: &Order<'_>, labels: &[u8]) -> Self {
        let mut found = Self::default();
        for group in order.groups() {
            let (mut positives, mut negatives) = (0, 0);
            for word in group {
                let label = labels[word];
                positives += u64::from(label == POSITIVE);
                negatives += u64::from(label == NEGATIVE);
            }
            found.add(positives, negatives);
        }
        found
    }

    /// Adds a group of equal activation above all that there are.
    fn add(&mut self, positives: u64, negatives: u64) {
        let won = 2 * self.negatives + negatives;
        let below = 2 * self.positives + positives;
        self.wins += positives * won;
        self.squares_positive += u128::from(positives) * u128::from(won * won);
        self.squares_negative += u128::from(negatives) * u128::from(below * below);
        self.positives += positives;
        self.negatives += negatives;
        let size = u128::from(positives + negatives);
        if size > 1 {
            self.ties += size * size * size - size;
        }
    }

    /// Twice the number of comparisons.
    fn doubled(&self) -> u64 {
        2 * self.positives * self.negatives
    }

    /// The area under the curve: the share of comparisons won. None where there are none.
    pub fn auc(&self) -> Option<f64> {
        (self.doubled() > 0).then(|| self.wins as f64 / self.doubled() as f64)
    }

    /// Twice the comparisons won beyond half of them: 2 U - n m, for n positive and m negative words.
    pub fn excess(&self) -> i64 {
        self.wins.cast_signed() - (self.positives * self.negatives).cast_signed()
    }

    /// The area's standard error: DeLong, DeLong and Clarke-Pearson (1988), from ranks as in Sun and
    /// Xu (2014, algorithm 2). None with fewer than two words of a class.
    pub fn standard_error(&self) -> Option<f64> {
        let lost = self.doubled() - self.wins;
        let of_positives = squared_error(
            self.positives,
            self.wins,
            self.squares_positive,
            self.negatives,
        )?;
        let of_negatives =
            squared_error(self.negatives, lost, self.squares_negative, self.positives)?;
        Some((of_positives + of_negatives).sqrt())
    }

    /// The area's 95 % interval by its standard error, within 0 to 1.
    pub fn interval(&self) -> Option<Interval> {
        let auc = self.auc()?;
        let margin = gamma::critical_normal(ALPHA) * self.standard_error()?;
        Some(((auc - margin).max(0.0), (auc + margin).min(1.0)))
    }
}

/// The squared error of the mean share that `n` words win against `others`, from the sum and the sum
/// of squares of twice the comparisons each wins.
fn squared_error(n: u64, sum: u64, squares: u128, others: u64) -> Option<f64> {
    if n < 2 || others < 2 {
        return None;
    }
    // n times the sum of squared deviations, exactly.
    let deviations = u128::from(n) * squares - u128::from(sum) * u128::from(sum);
    let (n, others) = (n as f64, others as f64);
    Some(deviations as f64 / (n * n * (n - 1.0) * 4.0 * others * others))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::delong;
    use proptest::prelude::*;

    fn compare(values: &[f32], labels: &[u8]) -> Comparison {
        let mut sorter = Sorter::default();
        Comparison::of(&sorter.sort(values).unwrap(), labels)
    }

    fn sample() -> impl Strategy<Value = (Vec<f32>, Vec<u8>)> {
        // Few different values, so that there are ties, and both zeros.
        let value = prop_oneof![
            (-6_i8..6).prop_map(|x| f32::from(x) / 2.0),
            -1e30_f32..1e30,
            Just(-0.0_f32),
        ];
        proptest::collection::vec((value, 0_u8..3), 2..60)
            .prop_map(|words| words.into_iter().unzip())
    }

    #[test]
    fn what_is_not_finite_has_no_order() {
        let mut sorter = Sorter::default();
        assert!(sorter.sort(&[1.0, f32::NAN]).is_none());
        assert!(sorter.sort(&[1.0, f32::INFINITY]).is_none());
        assert_eq!(sorter.sort(&[]).unwrap().words().count(), 0);
    }

    proptest! {
        #[test]
        fn sorting_is_sorting((values, _) in sample()) {
            let mut sorter = Sorter::default();
            let found: Vec<usize> = sorter.sort(&values).unwrap().words().collect();
            let mut expected: Vec<usize> = (0..values.len()).collect();
            // A stable sort; `partial_cmp` takes both zeros for the same.
            expected.sort_by(|one, other| values[*one].partial_cmp(&values[*other]).unwrap());
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn the_area_and_its_error_are_those_of_the_definition((values, labels) in sample()) {
            let labelled = |label: u8| -> Vec<f64> {
                let words = values.iter().zip(&labels).filter(|(_, other)| **other == label);
                words.map(|(value, _)| f64::from(*value)).collect()
            };
            let found = compare(&values, &labels);
            let (a, b) = (labelled(POSITIVE), labelled(NEGATIVE));
            let won: f64 = a
                .iter()
                .flat_map(|a| b.iter().map(move |b| {
                    if a > b { 1.0 } else if a == b { 0.5 } else { 0.0 }
                }))
                .sum();
            let pairs = a.len() * b.len();
            prop_assert_eq!(found.auc(), (pairs > 0).then(|| won / pairs as f64));
            match delong(&a, &b) {
                Some((_, error)) => {
                    let exact = found.standard_error().unwrap();
                    prop_assert!((exact - error).abs() < 1e-12, "{} {}", exact, error);
                }
                None => prop_assert_eq!(found.standard_error(), None),
            }
        }

        #[test]
        fn the_other_way_round_it_is_the_other_area((values, labels) in sample()) {
            let swapped: Vec<u8> = labels.iter().map(|label| (3 - label) % 3).collect();
            let (one, other) = (compare(&values, &labels), compare(&values, &swapped));
            prop_assert_eq!(one.wins + other.wins, one.doubled());
            prop_assert_eq!(one.excess(), -other.excess());
            prop_assert_eq!(one.standard_error(), other.standard_error());
            prop_assert_eq!(one.ties, other.ties);
        }

        #[test]
        fn only_the_order_counts((values, labels) in sample()) {
            let ranks: Vec<f32> = values
                .iter()
                .map(|value| values.iter().filter(|other| *other < value).count() as f32 - 20.0)
                .collect();
            prop_assert_eq!(compare(&values, &labels), compare(&ranks, &labels));
        }
    }
}
