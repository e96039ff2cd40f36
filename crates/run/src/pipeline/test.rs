//! `[test]`: the tests of each neuron, and their correction.

use super::documented::documented;
use super::names::{Correction, Family, Pairing, Statistic};
use super::one_or_many::one_or_many;
use super::problem::Problem;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

documented! {
    /// `[test]`
    #[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
    #[serde(deny_unknown_fields, default)]
    pub struct TestSection {
        /// The test of each neuron, or a list of tests; the first selects the neurons that are
        /// shown.
        #[serde(deserialize_with = "one_or_many_statistics")]
        pub statistic: Vec<Statistic>,
        /// How words are paired, for paired tests.
        pub pairing: Pairing,
        /// The level: a neuron is significant if its corrected p is at most this.
        pub alpha: f64,
        /// The correction for multiple testing.
        pub correction: Correction,
        /// Which tests are [corrected together](concepts.md#significance).
        pub family: Family,
        /// How many permutations `max-t` draws.
        pub permutations: usize,
        /// How many times the labels of the words are shuffled to see how many significant neurons
        /// chance alone would find; 0 for never.
        pub nulls: usize,
    }
}

impl Default for TestSection {
    fn default() -> Self {
        Self {
            statistic: vec![Statistic::PairedT],
            pairing: Pairing::Rank,
            alpha: 0.05,
            correction: Correction::Bonferroni,
            family: Family::Layer,
            permutations: 10_000,
            nulls: 200,
        }
    }
}

impl TestSection {
    pub(super) fn validate(&self) -> Result<(), Problem> {
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            return Err(Problem::at(
                "test.alpha",
                format!("{} is not a level", self.alpha),
                "choose a number between 0 and 1, such as 0.05",
            ));
        }
        if self.permutations == 0 {
            return Err(Problem::at(
                "test.permutations",
                "max-T needs at least one permutation",
                "10000 is usual",
            ));
        }
        Ok(())
    }
}

/// Reads one statistic or a list of them, without repetitions, in the order given.
fn one_or_many_statistics<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Statistic>, D::Error> {
    let mut statistics = Vec::new();
    for name in one_or_many(deserializer, "statistic")? {
        let statistic = name.parse::<Statistic>().map_err(D::Error::custom)?;
        if statistics.contains(&statistic) {
            return Err(D::Error::custom("a statistic is listed twice"));
        }
        statistics.push(statistic);
    }
    Ok(statistics)
}
