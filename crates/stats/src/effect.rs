//! Effect sizes and their intervals: how large a preference is, beside whether there is one.

use crate::arrangement::{Arrangement, Shape};
use crate::distributions::beta::ln_gamma_ratio;
use crate::distributions::noncentral_t::NoncentralT;
use crate::distributions::{fisher, gamma, student};
use crate::moments::{Moments, welch_df};
use crate::statistic::outcome::Test;
use crate::statistic::ranks::rank;
use selectron_run::pipeline::Statistic;
use serde::{Deserialize, Serialize};

/// An interval's ends, low and high.
pub type Interval = (f64, f64);

/// How A and B differ in one neuron.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Contrast {
    /// Mean over the words of A in the test.
    pub mean_a: f64,
    /// Mean over those of B.
    pub mean_b: f64,
    /// Mean of A minus mean of B; in a paired test the mean of the differences.
    pub mean_diff: f64,
    /// Standard deviation (n - 1) of the differences, in a paired test.
    pub sd_diff: Option<f64>,
    /// Interval of the mean difference.
    pub mean_interval: Option<Interval>,
    /// d_z of a paired test, Cohen's d otherwise.
    pub d: Option<f64>,
    /// Its interval, by the noncentral t distribution.
    pub d_interval: Option<Interval>,
    /// Hedges' g: d without its bias.
    pub g: Option<f64>,
    /// Its interval: that of d, rescaled.
    pub g_interval: Option<Interval>,
    /// Probability that a word of A activates the neuron more than one of B; ties count half.
    pub auc: Option<f64>,
    /// Its interval, by DeLong.
    pub auc_interval: Option<Interval>,
}

/// Measures contrasts between A and B.
#[derive(Debug)]
pub struct Contraster<'a> {
    words: &'a Arrangement,
    pooled: bool,
    alpha: f64,
    df: f64,
    /// What makes a noncentrality of d: the square root of the effective sample size.
    scale: f64,
    critical: f64,
    hedges: Option<f64>,
    noncentral: NoncentralT,
    normal: f64,
}

impl<'a> Contraster<'a> {
    /// For the words of a test; intervals are at 1 - `alpha`.
    pub fn new(statistic: Statistic, words: &'a Arrangement, alpha: f64) -> Self {
        let (n_a, n_b) = (words.a().len() as f64, words.b().len() as f64);
        let (df, scale) = match words.shape {
            Shape::Paired => (n_a - 1.0, n_a.sqrt()),
            _ => (n_a + n_b - 2.0, (n_a * n_b / (n_a + n_b)).sqrt()),
        };
        Self {
            words,
            pooled: statistic == Statistic::StudentT,
            alpha,
            df,
            scale,
            critical: student::critical(alpha, df),
            hedges: hedges_factor(df),
            noncentral: NoncentralT::new(df),
            normal: gamma::critical_normal(alpha),
        }
    }

    /// Measures one neuron.
    pub fn measure(&self, row: &[f64]) -> Contrast {
        let values =
            |words: &[usize]| -> Vec<f64> { words.iter().map(|word| row[*word]).collect() };
        let (a, b) = (values(self.words.a()), values(self.words.b()));
        let (of_a, of_b) = (
            Moments::of(a.iter().copied()),
            Moments::of(b.iter().copied()),
        );
        let mut contrast = Contrast {
            mean_a: of_a.mean,
            mean_b: of_b.mean,
            mean_diff: of_a.minus(&of_b),
            ..Contrast::default()
        };
        if self.words.shape == Shape::Paired {
            let differences = Moments::of(a.iter().zip(&b).map(|(a, b)| a - b));
            contrast.mean_diff = differences.mean;
            contrast.sd_diff = differences
                .variance()
                .map(f64::sqrt)
                .filter(|deviation| deviation.is_finite());
            self.paired(&mut contrast, &differences);
        } else {
            self.unpaired(&mut contrast, &of_a, &of_b);
        }
        if let Some((auc, error)) = delong(&a, &b) {
            contrast.auc = Some(auc);
            let margin = self.normal * error;
            contrast.auc_interval = Some(((auc - margin).max(0.0), (auc + margin).min(1.0)));
        }
        contrast
    }

    fn paired(&self, contrast: &mut Contrast, differences: &Moments) {
        if let Some(deviation) = contrast.sd_diff.filter(|deviation| *deviation > 0.0) {
            let margin = self.critical * deviation / (differences.n as f64).sqrt();
            contrast.mean_interval = around(contrast.mean_diff, margin);
            self.standardise(contrast, deviation);
        }
    }

    fn unpaired(&self, contrast: &mut Contrast, a: &Moments, b: &Moments) {
        let pooled = ((a.squares + b.squares) / self.df).sqrt();
        if !(pooled > 0.0 && pooled.is_finite()) {
            return;
        }
        self.standardise(contrast, pooled);
        let margin = if self.pooled {
            Some(self.critical * pooled / self.scale)
        } else {
            welch_margin(a, b, self.alpha)
        };
        contrast.mean_interval = margin.and_then(|margin| around(contrast.mean_diff, margin));
    }

    fn standardise(&self, contrast: &mut Contrast, deviation: f64) {
        let d = contrast.mean_diff / deviation;
        if !d.is_finite() {
            return;
        }
        contrast.d = Some(d);
        contrast.g = self.hedges.map(|factor| d * factor);
        let ends = self.noncentral.interval(d * self.scale, self.alpha);
        contrast.d_interval = ends.map(|(low, high)| (low / self.scale, high / self.scale));
        // The factor only rescales, so the interval's cover stays what it is.
        contrast.g_interval = self
            .hedges
            .zip(contrast.d_interval)
            .map(|(factor, (low, high))| (low * factor, high * factor));
    }
}

fn around(middle: f64, margin: f64) -> Option<Interval> {
    (middle.is_finite() && margin.is_finite()).then_some((middle - margin, middle + margin))
}

fn welch_margin(a: &Moments, b: &Moments, alpha: f64) -> Option<f64> {
    let (n_a, n_b) = (a.n as f64, b.n as f64);
    let (of_a, of_b) = (a.variance()? / n_a, b.variance()? / n_b);
    Some(student::critical(alpha, welch_df(of_a, n_a, of_b, n_b)) * (of_a + of_b).sqrt())
}

/// Hedges' factor: the mean of d over its true value is 1 over this; Hedges (1981). None for one
/// degree of freedom, where d has no mean.
fn hedges_factor(df: f64) -> Option<f64> {
    (df > 1.0).then(|| (-ln_gamma_ratio(0.5 * (df - 1.0), 0.5)).exp() / (0.5 * df).sqrt())
}

/// The area under the ROC curve of A over B, and its standard error by DeLong, DeLong and
/// Clarke-Pearson (1988), from ranks as in Sun and Xu (2014). None where a value is not finite or a
/// category has fewer than two.
pub fn delong(a: &[f64], b: &[f64]) -> Option<(f64, f64)> {
    if a.len() < 2 || b.len() < 2 {
        return None;
    }
    let (n_a, n_b) = (a.len() as f64, b.len() as f64);
    let all = rank(&[a, b].concat())?.ranks;
    let (in_a, in_b) = (rank(a)?.ranks, rank(b)?.ranks);
    let (all_a, all_b) = all.split_at(a.len());
    let wins = |all: &[f64], own: &[f64], others: f64| {
        Moments::of(
            all.iter()
                .zip(own)
                .map(|(all, own)| (all - own) / others)
                .collect::<Vec<_>>()
                .into_iter(),
        )
    };
    let of_a = wins(all_a, &in_a, n_b);
    let of_b = wins(all_b, &in_b, n_a);
    let error = (of_a.variance()? / n_a + of_b.variance()? / n_b).sqrt();
    Some((of_a.mean, error))
}

/// The share of variance between the categories, and its interval where it has one.
///
/// Of an F it is eta squared, with the interval of the noncentrality as a share,
/// lambda / (lambda + n) (Smithson 2003). Of an H it is eta squared of the ranks, H / (n - 1).
pub fn eta_squared(
    statistic: Statistic,
    test: &Test,
    n: usize,
    alpha: f64,
) -> Option<(f64, Option<Interval>)> {
    let n = n as f64;
    match (statistic, test.df, test.df_within) {
        (Statistic::Anova, Some(df), Some(within)) => {
            let eta = test.t * df / (test.t * df + within);
            let share = |lambda: f64| lambda / (lambda + n);
            let ends = fisher::noncentrality_interval(test.t, df, within, alpha);
            Some((eta, ends.map(|(low, high)| (share(low), share(high)))))
        }
        (Statistic::Kruskal, _, _) => Some((test.t / (n - 1.0), None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hedges_factor_is_near_its_usual_approximation() {
        for df in [2.0, 10.0, 98.0, 198.0] {
            let approximate = 1.0 - 3.0 / (4.0 * df - 1.0);
            assert!(
                (hedges_factor(df).unwrap() - approximate).abs() < 0.035 / (df * df),
                "{df}"
            );
        }
        assert_eq!(hedges_factor(1.0), None);
    }

    #[test]
    fn auc_counts_the_comparisons_that_a_wins() {
        let (auc, error) = delong(&[3.0, 1.0, 2.0], &[1.0, 0.0]).unwrap();
        assert_eq!(auc, 5.5 / 6.0);
        assert!(error > 0.0);
        assert_eq!(delong(&[3.0, 2.0], &[1.0, 0.0]), Some((1.0, 0.0)));
        assert_eq!(delong(&[f64::NAN, 2.0], &[1.0, 0.0]), None);
    }
}
