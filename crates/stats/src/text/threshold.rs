//! A neuron as a detector: a threshold chosen on one half of the text and scored on the other.

use super::auc::{NEGATIVE, Order, POSITIVE};

/// How many words a threshold puts where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Detection {
    /// Positive words from the threshold up.
    pub true_positives: u64,
    /// Negative words from the threshold up.
    pub false_positives: u64,
    /// Positive words below it.
    pub false_negatives: u64,
    /// Negative words below it.
    pub true_negatives: u64,
}

impl Detection {
    /// Counts the words that `labels` calls positive and negative.
    pub fn of(values: &[f32], labels: &[u8], threshold: f32) -> Self {
        assert_eq!(values.len(), labels.len(), "words of a text");
        let mut found = Self::default();
        for (value, label) in values.iter().zip(labels) {
            let place = match (*label, *value >= threshold) {
                (POSITIVE, true) => &mut found.true_positives,
                (POSITIVE, false) => &mut found.false_negatives,
                (NEGATIVE, true) => &mut found.false_positives,
                (NEGATIVE, false) => &mut found.true_negatives,
                _ => continue,
            };
            *place += 1;
        }
        found
    }

    /// Share of positive words among those from the threshold up.
    pub fn precision(&self) -> Option<f64> {
        share(
            self.true_positives,
            self.true_positives + self.false_positives,
        )
    }

    /// Share of the positive words that are from the threshold up.
    pub fn recall(&self) -> Option<f64> {
        share(
            self.true_positives,
            self.true_positives + self.false_negatives,
        )
    }

    /// The harmonic mean of both.
    pub fn f1(&self) -> Option<f64> {
        let right = 2 * self.true_positives;
        share(right, right + self.false_positives + self.false_negatives)
    }

    /// Matthews' correlation coefficient (1975); none where a class or a side of the threshold is
    /// empty.
    pub fn mcc(&self) -> Option<f64> {
        let [tp, fp, fal, tn] = [
            self.true_positives,
            self.false_positives,
            self.false_negatives,
            self.true_negatives,
        ]
        .map(|count| count as f64);
        // Root by root, so that no product of four counts can be too large.
        let scale = (tp + fp).sqrt() * (tp + fal).sqrt() * (tn + fp).sqrt() * (tn + fal).sqrt();
        (scale > 0.0).then(|| (tp * tn - fp * fal) / scale)
    }
}

fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

/// The activation with the largest MCC among those of the positive and negative words: a word counts
/// as positive from there up. Of equal ones the highest.
pub fn best(order: &Order<'_>, values: &[f32], labels: &[u8]) -> Option<f32> {
    let all = |wanted: u8| labels.iter().filter(|label| **label == wanted).count() as u64;
    let mut counts = Detection {
        false_negatives: all(POSITIVE),
        true_negatives: all(NEGATIVE),
        ..Detection::default()
    };
    let mut best: Option<(f64, f32)> = None;
    for group in order.groups().rev() {
        let words = |wanted: u8| group.clone().filter(move |word| labels[*word] == wanted);
        let (positives, negatives) = (
            words(POSITIVE).count() as u64,
            words(NEGATIVE).count() as u64,
        );
        if positives + negatives == 0 {
            continue;
        }
        counts.true_positives += positives;
        counts.false_negatives -= positives;
        counts.false_positives += negatives;
        counts.true_negatives -= negatives;
        if let (Some(mcc), Some(word)) = (counts.mcc(), group.clone().next())
            && best.is_none_or(|(most, _)| mcc > most)
        {
            best = Some((mcc, values[word]));
        }
    }
    best.map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::super::auc::Sorter;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_threshold_has_a_larger_mcc(
            words in proptest::collection::vec((0_u8..3, 0_i8..12), 2..50),
        ) {
            let labels: Vec<u8> = words.iter().map(|word| word.0).collect();
            let values: Vec<f32> = words.iter().map(|word| f32::from(word.1)).collect();
            let mut sorter = Sorter::default();
            let found = best(&sorter.sort(&values).unwrap(), &values, &labels);
            let mcc = |threshold: f32| Detection::of(&values, &labels, threshold).mcc();
            let most = (0..12_i8).filter_map(|value| mcc(f32::from(value))).reduce(f64::max);
            prop_assert_eq!(found.and_then(mcc), most);
        }
    }

    #[test]
    fn an_empty_side_has_no_mcc() {
        let found = Detection::of(&[1.0, 2.0], &[POSITIVE, NEGATIVE], 3.0);
        assert_eq!((found.mcc(), found.precision()), (None, None));
        assert_eq!((found.recall(), found.f1()), (Some(0.0), Some(0.0)));
    }
}
