//! Whether the words of two categories differ in something else than their category.

use crate::arrangement::Arrangement;
use crate::design::Design;
use crate::moments::Moments;
use crate::statistic::{Test, welch};
use selectron_run::pipeline::Reduce;
use selectron_run::vocabulary::Property;
use selectron_run::{Pipeline, Side};
use selectron_tables::rows::{BalanceRow, WordRow};

/// A property of a word.
fn value(property: Property, word: &WordRow, reduce: Reduce) -> f64 {
    let characters = word.word.chars().count();
    match property {
        Property::Characters => characters as f64,
        Property::Tokens => (word.token_end - word.token_start) as f64,
        Property::LogRank => (word.rank as f64 + 1.0).ln(),
        Property::Position => position(word, reduce),
        Property::Capitals => {
            let capitals = word.word.chars().filter(|c| c.is_uppercase()).count();
            capitals as f64 / characters.max(1) as f64
        }
    }
}

/// The position whose activation represents the word, from 0; the mean of several.
fn position(word: &WordRow, reduce: Reduce) -> f64 {
    let (first, last) = (word.token_start as f64, word.token_end as f64 - 1.0);
    match reduce {
        Reduce::First => first,
        Reduce::Last => last,
        Reduce::Mean | Reduce::Max => 0.5 * (first + last),
    }
}

/// Compares the words of A with those of B, and both with each control category.
///
/// `tested` are the words that the first test compares: of A and B only these count.
pub fn balance(pipeline: &Pipeline, design: &Design, tested: &Arrangement) -> Vec<BalanceRow> {
    let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
    for (index, group) in design.groups.iter().enumerate() {
        let words = match Side::of_category(index) {
            Some(side) => tested.side(side).to_vec(),
            None => group.range.clone().collect(),
        };
        groups.push((&group.name, words));
    }
    let mut rows = Vec::new();
    for (second, (name_b, of_b)) in groups.iter().enumerate() {
        for (name_a, of_a) in groups.iter().take(second.min(2)) {
            for property in Property::ALL.iter().copied() {
                let moments = |words: &[usize]| {
                    let reduce = pipeline.record.reduce;
                    let values = words
                        .iter()
                        .map(|word| value(property, &design.words[*word], reduce));
                    Moments::of(values.collect::<Vec<_>>().into_iter())
                };
                let (of_a, of_b) = (moments(of_a), moments(of_b));
                let test = welch(&of_a, &of_b);
                let p = test.as_ref().map(Test::p);
                // Without any spread no test is needed to see a difference.
                let differs = match p {
                    Some(p) => p <= pipeline.test.alpha,
                    None => of_a.mean != of_b.mean,
                };
                rows.push(BalanceRow {
                    property,
                    category_a: (*name_a).to_owned(),
                    category_b: (*name_b).to_owned(),
                    n_a: of_a.n,
                    n_b: of_b.n,
                    mean_a: of_a.mean,
                    mean_b: of_b.mean,
                    mean_diff: of_a.minus(&of_b),
                    t: test.map(|test| test.t),
                    df: test.and_then(|test| test.df),
                    p,
                    differs,
                });
            }
        }
    }
    rows
}
