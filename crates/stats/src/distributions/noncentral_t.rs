//! The noncentral t distribution, for intervals of effect sizes and for power.

use libm::erfc;
use statrs::distribution::{ContinuousCDF, Normal};
use std::f64::consts::{FRAC_1_SQRT_2, PI};
use std::sync::OnceLock;

/// How often the step of the quadrature can be halved.
const LEVELS: usize = 12;

/// The noncentral t distribution on some degrees of freedom.
///
/// T is at most t where a standard normal is at most t S - delta, with S = sqrt(chi-squared / df)
/// independent of it; so the distribution function is the mean of Phi(t S - delta) over S. The mean
/// is taken by the trapezoidal rule in ln S, which converges faster than any power of the step for
/// such a smooth and falling integrand (Trefethen and Weideman 2014).
#[derive(Debug)]
pub struct NoncentralT {
    df: f64,
    /// Values of S and their weights, for each halving of the step.
    nodes: [OnceLock<Vec<(f64, f64)>>; LEVELS],
}

impl NoncentralT {
    /// The distributions on `df` degrees of freedom.
    pub fn new(df: f64) -> Self {
        Self {
            df,
            nodes: [const { OnceLock::new() }; LEVELS],
        }
    }

    fn step(&self) -> f64 {
        // ln S has a standard deviation of about 1 / sqrt(2 df); for few degrees of freedom its
        // density is smooth on the scale of 1, whatever the deviation.
        (0.5 / (2.0 * self.df).sqrt()).min(0.12)
    }

    /// The nodes that resolve the normal distribution function at noncentrality `delta`, which as a
    /// function of ln S rises within about 1 / delta.
    fn nodes(&self, delta: f64) -> &[(f64, f64)] {
        let halvings = (self.step() * delta.abs() / 0.6).max(1.0).log2().ceil() as usize;
        let level = halvings.min(LEVELS - 1);
        self.nodes[level].get_or_init(|| self.make_nodes(level))
    }

    fn make_nodes(&self, level: usize) -> Vec<(f64, f64)> {
        let step = self.step() / 2.0_f64.powi(level as i32);
        // Density of u = ln S up to a constant: exp(df (u - (e^(2u) - 1) / 2)).
        let ln_weight = |u: f64| self.df * (u - 0.5 * (2.0 * u).exp_m1());
        let weight = |k: f64| (k * step, ln_weight(k * step).exp());
        let reach = |sign: f64| {
            (0..)
                .map(|k| sign * f64::from(k))
                .take_while(|k| ln_weight(k * step) > -45.0)
                .collect::<Vec<_>>()
        };
        let left = reach(-1.0).into_iter().skip(1).rev();
        let nodes: Vec<_> = left.chain(reach(1.0)).map(weight).collect();
        let total: f64 = nodes.iter().map(|(_, weight)| weight).sum();
        nodes
            .into_iter()
            .map(|(u, weight)| (u.exp(), weight / total))
            .collect()
    }

    /// P(T <= t) at noncentrality `delta`.
    pub fn cdf(&self, t: f64, delta: f64) -> f64 {
        let nodes = self.nodes(delta).iter();
        nodes
            .map(|(s, weight)| weight * 0.5 * erfc((delta - t * s) * FRAC_1_SQRT_2))
            .sum()
    }

    /// P(T <= t) and its derivative by `delta`.
    fn cdf_and_slope(&self, t: f64, delta: f64) -> (f64, f64) {
        self.nodes(delta)
            .iter()
            .fold((0.0, 0.0), |(cdf, slope), (s, weight)| {
                let x = t * s - delta;
                let density = (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
                (
                    cdf + weight * 0.5 * erfc(-x * FRAC_1_SQRT_2),
                    slope - weight * density,
                )
            })
    }

    /// The noncentralities at which `t` is in neither tail of `alpha / 2`, which is the confidence
    /// interval of the noncentrality (Steiger and Fouladi 1997). None where t is not finite.
    pub fn interval(&self, t: f64, alpha: f64) -> Option<(f64, f64)> {
        // The upper end for t is the lower end for -t with its sign changed.
        let low = self.noncentrality(t, 0.5 * alpha)?;
        let high = -self.noncentrality(-t, 0.5 * alpha)?;
        Some((low, high))
    }

    /// The noncentrality at which t is exceeded with probability `tail`: Newton's method on the
    /// normal quantile of that, which is nearly linear in the noncentrality.
    fn noncentrality(&self, t: f64, tail: f64) -> Option<f64> {
        let normal = Normal::standard();
        let goal = normal.inverse_cdf(tail);
        let mut delta = t + goal * (1.0 + 0.5 * t * t / self.df).sqrt();
        for _ in 0..50 {
            // P(T > t; delta) = P(T < -t; -delta): the tail, not its complement.
            let (tail_here, slope) = self.cdf_and_slope(-t, -delta);
            let tail_here = tail_here.clamp(1e-300, 1.0 - 1e-16);
            let quantile = normal.inverse_cdf(tail_here);
            let density = (-0.5 * quantile * quantile).exp() / (2.0 * PI).sqrt();
            let step = (quantile - goal) * density / -slope.min(-1e-300);
            delta -= step.clamp(-10.0, 10.0);
            if step.abs() < 1e-11 * delta.abs().max(1.0) {
                return Some(delta);
            }
        }
        None
    }

    /// The chance that abs(T) reaches `critical` at noncentrality `delta`.
    pub fn power(&self, critical: f64, delta: f64) -> f64 {
        self.cdf(-critical, delta) + self.cdf(-critical, -delta)
    }

    /// The noncentrality at which abs(T) reaches `critical` with probability `power`, by bisection.
    /// None where that would take one beyond a million.
    pub fn noncentrality_for_power(&self, critical: f64, power: f64) -> Option<f64> {
        let (mut low, mut high) = (0.0, critical.max(1.0));
        while self.power(critical, high) < power {
            low = high;
            high *= 2.0;
            if high > 1e6 {
                return None;
            }
        }
        while high - low > 1e-10 * high {
            let middle = 0.5 * (low + high);
            if self.power(critical, middle) < power {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(0.5 * (low + high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::student;

    #[test]
    fn without_noncentrality_it_is_students_t() {
        for df in [1.0, 2.0, 9.0, 99.0, 5000.0] {
            for t in [0.0, 0.5, 2.0, 5.0] {
                let expected = 1.0 - 0.5 * student::ln_two_sided(t, df).exp();
                let found = NoncentralT::new(df).cdf(t, 0.0);
                assert!(
                    (found - expected).abs() < 1e-12,
                    "{df} {t}: {found} {expected}"
                );
            }
        }
    }

    #[test]
    fn an_interval_puts_t_on_the_border_of_both_tails() {
        for df in [3.0, 75.0, 198.0] {
            let distribution = NoncentralT::new(df);
            for t in [-3.0, 0.0, 0.7, 4.5, 19.5, 80.0] {
                let (low, high) = distribution.interval(t, 0.05).unwrap();
                assert!(low < high);
                assert!((distribution.cdf(t, high) - 0.025).abs() < 1e-9, "{df} {t}");
                assert!((distribution.cdf(t, low) - 0.975).abs() < 1e-9, "{df} {t}");
            }
        }
    }
}
