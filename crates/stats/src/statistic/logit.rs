//! Logistic regression of the category on a neuron's activation.
//!
//! Wald's test collapses on the best neurons: where the categories separate, the slope's estimate
//! and its error are both infinite. So the p-value is that of the likelihood ratio, and where the
//! categories separate, the fit and the ratio are Firth's penalised ones, which always exist.

use super::outcome::{Fit, NeuronTest, Outcome, Test, values};
use crate::arrangement::Arrangement;
use crate::distributions::gamma;
use crate::moments::Moments;

/// Most steps of Newton's method; a handful is usual.
const MOST_STEPS: usize = 60;
/// Most halvings of a step that does not improve the fit.
const MOST_HALVINGS: usize = 40;
/// A fit has converged when a step changes both coefficients by no more than this share of them.
const TOLERANCE: f64 = 1e-10;

/// The regression over the words of A and B.
#[derive(Debug)]
pub(super) struct Logit<'a> {
    words: &'a Arrangement,
}

impl<'a> Logit<'a> {
    pub(super) fn new(words: &'a Arrangement) -> Self {
        Self { words }
    }
}

impl NeuronTest for Logit<'_> {
    fn test(&self, row: &[f64]) -> Outcome {
        let (a, b) = (self.words.a(), self.words.b());
        let all = values(row, a).chain(values(row, b));
        let moments = Moments::of(all.clone());
        let deviation = moments.variance().map_or(0.0, f64::sqrt);
        if !(deviation > 0.0 && deviation.is_finite()) {
            return Outcome::default();
        }
        let data = Data {
            x: all.map(|x| (x - moments.mean) / deviation).collect(),
            n_a: a.len(),
        };
        data.outcome()
    }
}

/// Standardised activations, those of A first.
struct Data {
    x: Vec<f64>,
    n_a: usize,
}

/// A point of the search: the coefficients and what Newton's method needs there.
#[derive(Clone, Copy)]
struct Point {
    intercept: f64,
    slope: f64,
    /// The log likelihood, penalised or not.
    height: f64,
    step: (f64, f64),
}

impl Data {
    /// Whether some threshold has all of A on one side and all of B on the other (both may lie on
    /// it). Then, and only then, the likelihood has no maximum.
    fn separates(&self) -> bool {
        let (a, b) = self.x.split_at(self.n_a);
        let low = |x: &[f64]| x.iter().copied().fold(f64::INFINITY, f64::min);
        let high = |x: &[f64]| x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        low(a) >= high(b) || low(b) >= high(a)
    }

    fn outcome(&self) -> Outcome {
        let penalised = self.separates();
        let (point, converged) = self.maximise(penalised);
        let (n, n_a) = (self.x.len() as f64, self.n_a as f64);
        let ratio = 2.0 * (point.height - self.null_height(penalised));
        let right = self.x.iter().enumerate().filter(|(word, x)| {
            let odds = point.intercept + point.slope * **x;
            if *word < self.n_a {
                odds > 0.0
            } else {
                odds < 0.0
            }
        });
        let fit = Fit {
            slope: point.slope,
            intercept: point.intercept,
            penalised,
            converged,
            accuracy: right.count() as f64 / n,
            majority: n_a.max(n - n_a) / n,
        };
        let test = Test {
            t: ratio.max(0.0).sqrt().copysign(point.slope),
            df: None,
            df_within: None,
            ln_p: gamma::ln_chi_squared_upper(ratio.max(0.0), 1.0),
        };
        Outcome {
            test: test.if_finite().filter(|_| converged),
            fit: Some(fit),
        }
    }

    /// The log likelihood of the best fit with slope 0.
    ///
    /// Penalised it is that of Heinze and Schemper (2002): the penalty is that of the full model,
    /// whose information at slope 0 is w^2 = (p (1 - p))^2 times n Sxx, and the maximum over the
    /// intercept lies at p = (n_a + 1) / (n + 2).
    fn null_height(&self, penalised: bool) -> f64 {
        let (n, n_a) = (self.x.len() as f64, self.n_a as f64);
        let n_b = n - n_a;
        if penalised {
            let p = (n_a + 1.0) / (n + 2.0);
            let spread = n * Moments::of(self.x.iter().copied()).squares;
            (n_a + 1.0) * p.ln() + (n_b + 1.0) * (1.0 - p).ln() + 0.5 * spread.ln()
        } else {
            n_a * (n_a / n).ln() + n_b * (n_b / n).ln()
        }
    }

    /// Newton's method with halved steps, from the fit with slope 0. Returns the best point and
    /// whether it is a maximum.
    fn maximise(&self, penalised: bool) -> (Point, bool) {
        let (n, n_a) = (self.x.len() as f64, self.n_a as f64);
        let mut point = self.at((n_a / (n - n_a)).ln(), 0.0, penalised);
        for _ in 0..MOST_STEPS {
            let (by_intercept, by_slope) = point.step;
            let size = by_intercept.abs().max(by_slope.abs());
            if !size.is_finite() {
                return (point, false);
            }
            if size <= TOLERANCE * point.slope.abs().max(point.intercept.abs()).max(1.0) {
                return (point, true);
            }
            let mut share = 1.0;
            let mut next = None;
            for _ in 0..MOST_HALVINGS {
                let candidate = self.at(
                    point.intercept + share * by_intercept,
                    point.slope + share * by_slope,
                    penalised,
                );
                // Near the maximum the height no longer tells points apart.
                if candidate.height >= point.height - 1e-13 * point.height.abs() {
                    next = Some(candidate);
                    break;
                }
                share *= 0.5;
            }
            match next {
                Some(next) => point = next,
                None => return (point, false),
            }
        }
        (point, false)
    }

    /// The likelihood at some coefficients, and Newton's step from there.
    ///
    /// Firth (1993): the score of each observation gains h (1/2 - p), with h its leverage.
    fn at(&self, intercept: f64, slope: f64, penalised: bool) -> Point {
        let mut height = 0.0;
        let (mut score, mut score_x) = (0.0, 0.0);
        let (mut info, mut info_x, mut info_xx) = (0.0, 0.0, 0.0);
        for (word, x) in self.x.iter().enumerate() {
            let odds = intercept + slope * x;
            let is_a = word < self.n_a;
            // ln of the probability of the word's own category, without overflow.
            let side = if is_a { odds } else { -odds };
            let small = (-side.abs()).exp();
            height -= (-side).max(0.0) + small.ln_1p();
            let other = if side > 0.0 {
                small / (1.0 + small)
            } else {
                1.0 / (1.0 + small)
            };
            let residual = if is_a { other } else { -other };
            let weight = small / ((1.0 + small) * (1.0 + small));
            score += residual;
            score_x += residual * x;
            info += weight;
            info_x += weight * x;
            info_xx += weight * x * x;
        }
        let determinant = info * info_xx - info_x * info_x;
        if penalised {
            height += 0.5 * determinant.ln();
            for x in &self.x {
                let odds = intercept + slope * x;
                let small = (-odds.abs()).exp();
                let weight = small / ((1.0 + small) * (1.0 + small));
                let spread = info_xx - 2.0 * info_x * x + info * x * x;
                let leverage = weight * spread / determinant;
                // 1/2 - p is minus half the hyperbolic tangent of half the odds.
                let pull = -0.5 * leverage * (0.5 * odds).tanh();
                score += pull;
                score_x += pull * x;
            }
        }
        let step = (
            (info_xx * score - info_x * score_x) / determinant,
            (info * score_x - info_x * score) / determinant,
        );
        Point {
            intercept,
            slope,
            height,
            step,
        }
    }
}
