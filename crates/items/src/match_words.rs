//! Drawing a balanced subset: words of A and B matched one to one on what they might differ in.

use crate::present::Presented;
use crate::selection::{Selection, Stimulus};
use selectron_run::Sides;
use selectron_run::manifest::DroppedWord;
use selectron_run::pipeline::Covariate;

/// Partners may differ by at most this many standard deviations of a covariate. A fifth is what Austin
/// (2011, doi:10.1002/pst.433) found to remove nearly all imbalance.
const CALIPER: f64 = 0.2;

/// Keeps the words of A and B that find a partner, drops the others with the reason, and pairs
/// partners. Words of further categories stay.
///
/// Every possible pair within the caliper on each covariate is considered, the closest first (the sum
/// of squared standardised differences); of equally close ones the more frequent words'. A word is
/// used once.
pub fn match_words(selection: &mut Selection, words: &mut Vec<Presented>, on: &[Covariate]) {
    let values: Vec<Vec<f64>> = on
        .iter()
        .map(|covariate| standardised(*covariate, selection, words))
        .collect();
    let mut candidates = candidates(selection, &values);
    candidates.sort_by(|x, y| x.0.total_cmp(&y.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let mut partner: Vec<Option<usize>> = vec![None; selection.stimuli.len()];
    for (_, a, b) in candidates {
        if partner[a].is_none() && partner[b].is_none() {
            partner[a] = Some(b);
            partner[b] = Some(a);
        }
    }
    keep_matched(selection, words, &partner, on);
}

/// The pairs of a word of A and a word of B that are within the caliper on each covariate, by item,
/// with their distance.
fn candidates(selection: &Selection, values: &[Vec<f64>]) -> Vec<(f64, usize, usize)> {
    let members = Sides::of(|side| -> Vec<usize> {
        let all = selection.stimuli.iter().enumerate();
        all.filter(|(_, word)| word.side() == Some(side))
            .map(|(item, _)| item)
            .collect()
    });
    let mut candidates = Vec::new();
    for a in &members.a {
        for b in &members.b {
            let apart = |column: &Vec<f64>| (column[*a] - column[*b]).abs();
            if values.iter().all(|column| apart(column) <= CALIPER) {
                let distance: f64 = values.iter().map(|column| apart(column).powi(2)).sum();
                candidates.push((distance, *a, *b));
            }
        }
    }
    candidates
}

/// A covariate of every word, divided by its standard deviation over A and B.
fn standardised(on: Covariate, selection: &Selection, words: &[Presented]) -> Vec<f64> {
    let value = |(stimulus, word): (&Stimulus, &Presented)| match on {
        Covariate::Tokens => word.own.len() as f64,
        Covariate::Rank => (stimulus.rank as f64 + 1.0).ln(),
        Covariate::Characters => stimulus.word.chars().count() as f64,
    };
    let all: Vec<f64> = selection.stimuli.iter().zip(words).map(value).collect();
    let compared: Vec<f64> = selection
        .stimuli
        .iter()
        .zip(&all)
        .filter(|(word, _)| word.side().is_some())
        .map(|(_, value)| *value)
        .collect();
    let count = compared.len() as f64;
    let mean = compared.iter().sum::<f64>() / count;
    let squares: f64 = compared.iter().map(|value| (value - mean).powi(2)).sum();
    let spread = (squares / (count - 1.0).max(1.0)).sqrt();
    // Words that are all alike in this are matched in it already.
    let scale = if spread > 0.0 { spread } else { 1.0 };
    all.into_iter().map(|value| value / scale).collect()
}

fn keep_matched(
    selection: &mut Selection,
    words: &mut Vec<Presented>,
    partner: &[Option<usize>],
    on: &[Covariate],
) {
    let names: Vec<_> = on.iter().map(|covariate| covariate.name()).collect();
    let reason = format!("no match on {}", names.join(", "));
    // Pairs are numbered by the words of A, most frequent first.
    let mut pair_of = vec![None; partner.len()];
    let mut pairs = 0;
    for (item, other) in partner.iter().enumerate() {
        if let Some(other) = other
            && item < *other
        {
            for member in [item, *other] {
                pair_of[member] = Some(pairs);
            }
            pairs += 1;
        }
    }
    let mut kept = (Vec::new(), Vec::new());
    for ((mut stimulus, word), pair) in selection
        .stimuli
        .drain(..)
        .zip(words.drain(..))
        .zip(pair_of)
    {
        if pair.is_some() || stimulus.side().is_none() {
            stimulus.pair = pair;
            kept.0.push(stimulus);
            kept.1.push(word);
        } else {
            let category = &mut selection.categories[stimulus.category];
            category.used -= 1;
            category.dropped.push(DroppedWord {
                word: stimulus.word,
                rank: stimulus.rank,
                reason: reason.clone(),
            });
        }
    }
    for category in &mut selection.categories {
        category.dropped.sort_by_key(|dropped| dropped.rank);
    }
    (selection.stimuli, *words) = kept;
    selection.pairs = pairs;
}

#[cfg(test)]
mod tests {
    use super::*;
    use selectron_run::manifest::CategoryFacts;

    /// A selection of words of A and B by (rank, characters).
    fn selection(a: &[(usize, usize)], b: &[(usize, usize)]) -> (Selection, Vec<Presented>) {
        let mut stimuli = Vec::new();
        for (category, list) in [a, b].into_iter().enumerate() {
            for (rank, length) in list {
                let word = "x".repeat(*length);
                stimuli.push(Stimulus {
                    category,
                    word,
                    rank: *rank,
                    pair: None,
                });
            }
        }
        let facts = |used: usize| CategoryFacts {
            name: String::new(),
            list: String::new(),
            sha256: String::new(),
            listed: used,
            considered: used,
            used,
            split: 0,
            dropped: Vec::new(),
        };
        let words = stimuli
            .iter()
            .map(|_| Presented {
                ids: vec![1],
                own: 0..1,
            })
            .collect();
        let categories = vec![facts(a.len()), facts(b.len())];
        (
            Selection {
                stimuli,
                categories,
                pairs: 0,
                shared: Vec::new(),
            },
            words,
        )
    }

    #[test]
    fn words_find_the_closest_partner_or_are_dropped_with_the_reason() {
        let (mut selection, mut words) =
            selection(&[(0, 3), (1, 9), (2, 5)], &[(0, 5), (1, 3), (2, 20)]);
        match_words(
            &mut selection,
            &mut words,
            &[Covariate::Characters, Covariate::Tokens],
        );
        let kept: Vec<_> = selection
            .stimuli
            .iter()
            .map(|s| (s.category, s.word.len(), s.pair))
            .collect();
        assert_eq!(
            kept,
            [
                (0, 3, Some(0)),
                (0, 5, Some(1)),
                (1, 5, Some(1)),
                (1, 3, Some(0))
            ]
        );
        assert_eq!((selection.pairs, words.len()), (2, 4));
        let dropped = &selection.categories[0].dropped;
        assert_eq!((dropped.len(), selection.categories[0].used), (1, 2));
        assert_eq!(dropped[0].reason, "no match on characters, tokens");
    }

    #[test]
    fn a_matched_subset_is_balanced() {
        let a: Vec<_> = (0..60).map(|i| (i, 3 + (i * 7) % 9)).collect();
        let b: Vec<_> = (0..60).map(|i| (i, 1 + (i * 5) % 9)).collect();
        let (mut selection, mut words) = selection(&a, &b);
        match_words(
            &mut selection,
            &mut words,
            &[Covariate::Characters, Covariate::Rank],
        );
        assert!(selection.pairs >= 10, "{}", selection.pairs);
        let total = |category: usize| -> usize {
            let members = selection.stimuli.iter().filter(|s| s.category == category);
            members.map(|s| s.word.len()).sum()
        };
        assert_eq!(
            total(0),
            total(1),
            "lengths within a fifth of a deviation are equal lengths"
        );
    }
}
