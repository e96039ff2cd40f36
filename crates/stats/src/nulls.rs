//! What chance alone finds: the same words, dealt out to the categories at random, through the same
//! test and the same correction.

use crate::correction::count_rejected;
use crate::distributions::student;
use crate::error::Result;
use crate::permutation::draws::Draws;
use crate::results::{Results, families};
use crate::rows::to_i32;
use crate::sample::Sample;
use crate::statistic::{Test, Tester};
use selectron_run::Site;
use selectron_run::manifest::NullFacts;
use selectron_run::pipeline::{Correction, Statistic, TestSection};
use selectron_tables::rows::NullRow;

/// A logistic fit takes some hundred times as long as a t, so there are fewer random deals.
const MOST_OF_LOGIT: usize = 20;

/// The random deals of the first statistic.
#[derive(Debug)]
pub struct Nulls {
    tester: Tester,
    draws: Draws,
    parts: Vec<NullPart>,
}

/// What the deals give at one site and layer.
#[derive(Debug)]
struct NullPart {
    site: Site,
    layer: i32,
    /// For each draw the p-values of at most alpha, which alone can be significant.
    small: Vec<Vec<f64>>,
    /// For each draw the number of defined tests.
    defined: Vec<usize>,
}

impl Nulls {
    /// Draws the deals; none if none are asked for.
    pub fn new(tester: &Tester, test: &TestSection, seed: u64, purpose: u64) -> Option<Self> {
        let asked = match tester.statistic() {
            Statistic::Logit => test.nulls.min(MOST_OF_LOGIT),
            _ => test.nulls,
        };
        let draws = (asked > 0).then(|| tester.arrangement().draws(asked, seed, purpose))?;
        Some(Self {
            tester: tester.clone(),
            draws,
            parts: Vec::new(),
        })
    }

    /// Tests a layer under every deal.
    pub fn see(&mut self, sample: &Sample, alpha: f64) {
        let mut part = NullPart {
            site: sample.site,
            layer: sample.layer,
            small: Vec::new(),
            defined: Vec::new(),
        };
        for draw in 0..self.draws.count() {
            let dealt = self.tester.arrangement().rearranged(&self.draws, draw);
            let outcomes = self.tester.on(dealt).test(sample);
            let tests = || outcomes.iter().filter_map(|outcome| outcome.test.as_ref());
            part.defined.push(tests().count());
            part.small
                .push(tests().map(Test::p).filter(|p| *p <= alpha).collect());
        }
        self.parts.push(part);
    }

    /// Counts what is significant under each deal, and compares the observed count with that.
    ///
    /// # Errors
    /// When a count is too large for its column, which cannot happen.
    pub fn finish(
        mut self,
        results: &Results,
        test: &TestSection,
    ) -> Result<(Vec<NullRow>, NullFacts)> {
        self.parts.sort_by_key(|part| (part.site, part.layer));
        let statistic = self.tester.statistic().to_string();
        let mut rows = Vec::new();
        let mut observed = 0;
        for part in results.of_study(0) {
            let significant = (0..part.outcomes.len()).filter(|n| part.significant(*n, test));
            let small = part
                .adjusted
                .iter()
                .filter_map(|p| p.none)
                .filter(|p| *p <= test.alpha);
            let significant = significant.count();
            observed += significant;
            rows.push(NullRow {
                statistic: statistic.clone(),
                site: part.site.to_string(),
                layer: part.layer,
                draw: None,
                significant: to_i32(significant)?,
                uncorrected: to_i32(small.count())?,
            });
        }
        let mut counts = vec![0; self.draws.count()];
        let mut uncorrected = 0.0;
        let keys = self.parts.iter().map(|part| (0, part.site, part.layer));
        for family in families(keys, test.family) {
            let threshold = self.max_t_threshold(results, &family, test);
            for (draw, count) in counts.iter_mut().enumerate() {
                let limit = threshold.unwrap_or_else(|| self.threshold(&family, draw, test));
                for part in family.iter().filter_map(|index| self.parts.get(*index)) {
                    let small = part.small.get(draw).map_or(&[][..], Vec::as_slice);
                    let significant = small.iter().filter(|p| **p <= limit).count();
                    let defined = part.defined.get(draw).copied().unwrap_or(0);
                    uncorrected += small.len() as f64 / defined.max(1) as f64;
                    *count += significant;
                    rows.push(NullRow {
                        statistic: statistic.clone(),
                        site: part.site.to_string(),
                        layer: part.layer,
                        draw: Some(to_i32(draw)?),
                        significant: to_i32(significant)?,
                        uncorrected: to_i32(small.len())?,
                    });
                }
            }
        }
        let draws = self.draws.count();
        let facts = NullFacts {
            statistic,
            kind: self.draws.kind().name().to_owned(),
            draws,
            observed,
            mean: counts.iter().sum::<usize>() as f64 / draws as f64,
            largest: counts.iter().copied().max().unwrap_or(0),
            with_any: counts.iter().filter(|count| **count > 0).count(),
            p: self
                .draws
                .p(counts.iter().filter(|count| **count >= observed).count()),
            uncorrected: uncorrected / (draws * self.parts.len().max(1)) as f64,
        };
        Ok((rows, facts))
    }

    /// The largest significant p-value of a family under one deal; -1 where none is.
    fn threshold(&self, family: &[usize], draw: usize, test: &TestSection) -> f64 {
        let parts = || family.iter().filter_map(|index| self.parts.get(*index));
        let mut small: Vec<f64> = parts()
            .filter_map(|part| part.small.get(draw))
            .flatten()
            .copied()
            .collect();
        let defined = parts().filter_map(|part| part.defined.get(draw)).sum();
        let rejected = count_rejected(test.correction, &mut small, defined, test.alpha);
        rejected
            .checked_sub(1)
            .and_then(|last| small.get(last).copied())
            .unwrap_or(-1.0)
    }

    /// With max-T, the p-value of the critical t: a deal has the same rearrangements as the observed
    /// words, and so the same threshold.
    fn max_t_threshold(
        &self,
        results: &Results,
        family: &[usize],
        test: &TestSection,
    ) -> Option<f64> {
        let is_t = matches!(
            self.tester.statistic(),
            Statistic::PairedT | Statistic::StudentT
        );
        if test.correction != Correction::MaxT || !is_t {
            return None;
        }
        let first = family.first().and_then(|index| self.parts.get(*index))?;
        let part = results
            .of_study(0)
            .find(|part| (part.site, part.layer) == (first.site, first.layer))?;
        let df = part.outcomes.iter().find_map(|outcome| outcome.test?.df)?;
        // Without a critical t so few rearrangements exist that nothing can be significant.
        Some(
            part.critical_t
                .map_or(-1.0, |t| student::ln_two_sided(t, df).exp()),
        )
    }
}
