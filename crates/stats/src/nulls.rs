//! What chance alone finds: the same words with shuffled labels, or with pairs' signs flipped at
//! random, through the same test and the same correction.

use crate::correction::count_rejected;
use crate::distributions::student;
use crate::permutation::draws::Draws;
use crate::random::Purpose;
use crate::results::{Corrected, Results, families_of_tests};
use crate::sample::Sample;
use crate::statistic::Tester;
use crate::statistic::outcome::Test;
use selectron_run::Place;
use selectron_run::manifest::NullFacts;
use selectron_run::pipeline::{Correction, Statistic, TestSection};
use selectron_tables::rows::NullRow;
use serde::{Deserialize, Serialize};

/// A logistic fit takes some hundred times as long as a t, so there are fewer rearrangements.
const MOST_OF_LOGIT: usize = 20;

/// The random rearrangements of the words of the first statistic.
#[derive(Debug)]
pub struct Nulls {
    tester: Tester,
    draws: Draws,
}

/// What the rearrangements give at one site and layer.
#[derive(Debug, Serialize, Deserialize)]
pub struct NullCounts {
    /// The site and layer.
    place: Place,
    /// For each draw the p-values of at most alpha, which alone can be significant.
    small: Vec<Vec<f64>>,
    /// For each draw the number of defined tests.
    defined: Vec<usize>,
}

/// Counts over all layers, draw by draw.
struct Totals {
    /// Significant neurons under each draw.
    significant: Vec<usize>,
    /// Sum over draws and layers of the share of neurons with a small p.
    uncorrected: f64,
}

impl Nulls {
    /// Draws the rearrangements; none if none are asked for.
    pub fn new(tester: &Tester, test: &TestSection, seed: u64) -> Option<Self> {
        let asked = match tester.statistic() {
            Statistic::Logit => test.nulls.min(MOST_OF_LOGIT),
            _ => test.nulls,
        };
        (asked > 0).then(|| Self {
            tester: tester.clone(),
            draws: tester.arrangement().draws(asked, seed, Purpose::Nulls),
        })
    }

    /// Tests a layer under every rearrangement.
    pub fn count(&self, sample: &Sample, alpha: f64) -> NullCounts {
        let mut counts = NullCounts {
            place: sample.place,
            small: Vec::new(),
            defined: Vec::new(),
        };
        for draw in 0..self.draws.count() {
            let rearranged = self.tester.arrangement().rearranged(&self.draws, draw);
            let outcomes = self.tester.on(rearranged).test(sample);
            let tests = || outcomes.iter().filter_map(|outcome| outcome.test.as_ref());
            let small = tests().map(Test::p).filter(|p| *p <= alpha);
            counts.small.push(small.collect());
            counts.defined.push(tests().count());
        }
        counts
    }

    /// Counts what is significant under each rearrangement, and compares the observed count with
    /// that.
    pub fn summarise(
        &self,
        mut layers: Vec<NullCounts>,
        results: &Results<'_>,
        test: &TestSection,
    ) -> (Vec<NullRow>, NullFacts) {
        layers.sort_by_key(|counts| counts.place);
        let mut rows = self.observed(results, test);
        let observed: usize = rows.iter().map(|row| row.significant).sum();
        let totals = self.random(&layers, results, test, &mut rows);
        let draws = self.draws.count();
        let counts = || totals.significant.iter().copied();
        let facts = NullFacts {
            statistic: self.tester.statistic(),
            kind: self.draws.kind(),
            draws,
            observed,
            mean: counts().sum::<usize>() as f64 / draws as f64,
            largest: counts().fold(0, usize::max),
            with_any: counts().filter(|count| *count > 0).count(),
            p: self
                .draws
                .p(counts().filter(|count| *count >= observed).count()),
            uncorrected: totals.uncorrected / (draws * layers.len().max(1)) as f64,
        };
        (rows, facts)
    }

    /// The rows of the observed words.
    fn observed(&self, results: &Results<'_>, test: &TestSection) -> Vec<NullRow> {
        let row = |tests: &Corrected| {
            let neurons = 0..tests.raw.outcomes.len();
            let uncorrected = tests.adjusted.iter().filter_map(|p| p.none);
            NullRow {
                statistic: self.tester.statistic(),
                site: tests.raw.place.site,
                layer: tests.raw.place.layer,
                draw: None,
                significant: neurons.filter(|n| tests.significant(*n, test)).count(),
                uncorrected: uncorrected.filter(|p| *p <= test.alpha).count(),
            }
        };
        results.of_study(0).map(row).collect()
    }

    /// Appends the rows of the rearranged words, one family of tests after the other.
    fn random(
        &self,
        layers: &[NullCounts],
        results: &Results<'_>,
        test: &TestSection,
        rows: &mut Vec<NullRow>,
    ) -> Totals {
        let mut totals = Totals {
            significant: vec![0; self.draws.count()],
            uncorrected: 0.0,
        };
        let keys = layers.iter().map(|counts| (0, counts.place));
        for family in families_of_tests(keys, test.family) {
            let family: Vec<_> = family.iter().map(|index| &layers[*index]).collect();
            let threshold = self.max_t_threshold(results, family[0].place, test);
            for (draw, count) in totals.significant.iter_mut().enumerate() {
                let limit = threshold.unwrap_or_else(|| largest_significant(&family, draw, test));
                for counts in &family {
                    let small = &counts.small[draw];
                    let significant = small.iter().filter(|p| **p <= limit).count();
                    let defined = counts.defined[draw].max(1);
                    totals.uncorrected += small.len() as f64 / defined as f64;
                    *count += significant;
                    rows.push(NullRow {
                        statistic: self.tester.statistic(),
                        site: counts.place.site,
                        layer: counts.place.layer,
                        draw: Some(draw),
                        significant,
                        uncorrected: small.len(),
                    });
                }
            }
        }
        totals
    }

    /// With max-T, the p-value of the critical t of the family of tests that a layer is in: rearranged
    /// words have the same rearrangements as the observed ones, and so the same threshold.
    fn max_t_threshold(
        &self,
        results: &Results<'_>,
        place: Place,
        test: &TestSection,
    ) -> Option<f64> {
        let is_t = matches!(
            self.tester.statistic(),
            Statistic::PairedT | Statistic::StudentT
        );
        if test.correction != Correction::MaxT || !is_t {
            return None;
        }
        let tests = results.at(place).find(|tests| tests.raw.study == 0)?;
        let outcomes = tests.raw.outcomes.iter();
        let df = { outcomes }.find_map(|outcome| outcome.test?.df)?;
        // Without a critical t so few rearrangements exist that nothing can be significant.
        let of_critical = |t: f64| student::ln_two_sided(t, df).exp();
        Some(tests.critical_t.map_or(-1.0, of_critical))
    }
}

/// The largest significant p-value of a family of tests under one draw; -1 where none is.
fn largest_significant(family: &[&NullCounts], draw: usize, test: &TestSection) -> f64 {
    let mut small: Vec<f64> = family
        .iter()
        .flat_map(|counts| &counts.small[draw])
        .copied()
        .collect();
    let defined = family.iter().map(|counts| counts.defined[draw]).sum();
    match count_rejected(test.correction, &mut small, defined, test.alpha) {
        0 => -1.0,
        rejected => small[rejected - 1],
    }
}
