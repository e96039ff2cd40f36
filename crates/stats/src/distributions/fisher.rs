//! Fisher's F distribution: its upper tail in logarithms, and the noncentral one for intervals.

use crate::distributions::beta::{Fraction, ln_beta, ln_incomplete};

/// ln of the upper tail of F on `between` and `within` degrees of freedom.
///
/// Abramowitz and Stegun 26.6.2.
pub fn ln_upper(f: f64, between: f64, within: f64) -> f64 {
    if f <= 0.0 {
        return 0.0;
    }
    let ln_u = (between * f / within).ln();
    ln_incomplete(
        Fraction::one_over_one_plus(ln_u),
        0.5 * within,
        0.5 * between,
    )
}

/// The interval of noncentralities for which an observed `f` is in neither tail of `alpha / 2`;
/// Steiger and Fouladi (1997). The lower end is 0 where `f` is no larger than chance allows.
///
/// None where the search leaves the range of numbers.
pub fn noncentrality_interval(f: f64, between: f64, within: f64, alpha: f64) -> Option<(f64, f64)> {
    let distribution = |lambda: f64| noncentral_cdf(f, between, within, lambda);
    let low = solve(&distribution, 1.0 - 0.5 * alpha, between * f)?;
    let high = solve(&distribution, 0.5 * alpha, between * f)?;
    Some((low, high))
}

/// The noncentrality at which the falling `distribution` is `goal`; 0 where it starts below.
fn solve(distribution: &impl Fn(f64) -> f64, goal: f64, start: f64) -> Option<f64> {
    if distribution(0.0) <= goal {
        return Some(0.0);
    }
    let (mut low, mut high) = (0.0, start.max(1.0));
    while distribution(high) > goal {
        low = high;
        high *= 2.0;
        if high > 1e7 {
            return None;
        }
    }
    while high - low > 1e-9 * high {
        let middle = 0.5 * (low + high);
        if distribution(middle) > goal {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(0.5 * (low + high))
}

/// P(F <= f) of the noncentral F, as the Poisson mixture of Abramowitz and Stegun 26.6.20.
fn noncentral_cdf(f: f64, between: f64, within: f64, lambda: f64) -> f64 {
    let (a, b) = (0.5 * between, 0.5 * within);
    let x = Fraction::one_over_one_plus((within / (between * f)).ln());
    let half = 0.5 * lambda;
    if half == 0.0 {
        return ln_incomplete(x, a, b).exp();
    }
    // I(a + 1, b) = I(a, b) - x^a (1 - x)^b / (a B(a, b)); DLMF 8.17.20.
    let mut incomplete = ln_incomplete(x, a, b).exp();
    let (ln_x, ln_complement) = x.logarithms();
    let mut ln_step = a * ln_x + b * ln_complement - ln_beta(a, b) - a.ln();
    let mut ln_weight = -half;
    let mut sum = 0.0;
    let terms = half + 12.0 * half.sqrt() + 40.0;
    let mut k = 0.0;
    while k < terms {
        sum += ln_weight.exp() * incomplete;
        incomplete = (incomplete - ln_step.exp()).max(0.0);
        ln_step += ln_x + ((a + k + b) / (a + k + 1.0)).ln();
        k += 1.0;
        ln_weight += (half / k).ln();
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::student;

    #[test]
    fn with_two_categories_f_is_t_squared() {
        for t in [0.1, 1.0, 4.0, 40.0] {
            for df in [2.0, 48.0, 198.0] {
                let one = ln_upper(t * t, 1.0, df);
                let other = student::ln_two_sided(t, df);
                assert!(
                    (one - other).abs() < 1e-12 * other.abs().max(1.0),
                    "{t} {df}"
                );
            }
        }
    }
}
