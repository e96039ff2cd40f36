//! Student's t distribution: its two-sided tail in logarithms, and the quantile of that.

use crate::distributions::beta::{Fraction, ln_beta, ln_incomplete, ln_one_plus};
use statrs::distribution::{ContinuousCDF, Normal};

/// ln of the two-sided p-value of `t` on `df` degrees of freedom: ln P(abs(T) >= abs(t)).
///
/// P = I_x(df/2, 1/2) with x = df / (df + t^2); Abramowitz and Stegun 26.7.1. Good to about 1e-14 of
/// itself, however small p is.
pub fn ln_two_sided(t: f64, df: f64) -> f64 {
    if t == 0.0 {
        return 0.0;
    }
    let ln_u = 2.0 * t.abs().ln() - df.ln();
    ln_incomplete(Fraction::one_over_one_plus(ln_u), 0.5 * df, 0.5)
}

/// ln of the density of t at `t`, which is above 0.
fn ln_density(t: f64, df: f64) -> f64 {
    let ln_u = 2.0 * t.ln() - df.ln();
    -0.5 * (df + 1.0) * ln_one_plus(ln_u) - 0.5 * df.ln() - ln_beta(0.5 * df, 0.5)
}

/// The t at which the two-sided p-value is `p`, for `p` in (0, 1): the critical value at level `p`.
///
/// Newton's method on ln p as a function of ln t, which is concave and falling, so that every step
/// after the first comes from the right and none overshoots.
pub fn critical(p: f64, df: f64) -> f64 {
    let mut t = start(p, df);
    let goal = p.ln();
    for _ in 0..100 {
        let ln_p = ln_two_sided(t, df);
        let slope = -2.0 * t * (ln_density(t, df) - ln_p).exp();
        let step = (goal - ln_p) / slope;
        // A first step from far on the left may ask for an absurd leap.
        t *= step.clamp(-20.0, 20.0).exp();
        if step.abs() < 4.0 * f64::EPSILON {
            break;
        }
    }
    t
}

/// The normal quantile, a fair start except for few degrees of freedom.
fn start(p: f64, df: f64) -> f64 {
    let normal = Normal::standard().inverse_cdf(0.5 * p).abs();
    let normal = if normal.is_finite() {
        normal.max(1e-3)
    } else {
        40.0
    };
    // First term of the Cornish-Fisher expansion; Abramowitz and Stegun 26.7.5.
    normal + normal * (normal * normal + 1.0) / (4.0 * df)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_forms_hold() {
        // df = 1: p = 1 - 2/pi atan t; df = 2: p = 1 - t / sqrt(2 + t^2).
        for t in [0.001, 0.5, 1.0, 2.0, 30.0] {
            let one = (1.0 - std::f64::consts::FRAC_2_PI * f64::atan(t)).ln();
            assert!((ln_two_sided(t, 1.0) - one).abs() < 1e-13, "{t}");
            let two = (1.0 - t / (2.0 + t * t).sqrt()).ln();
            assert!((ln_two_sided(t, 2.0) - two).abs() < 1e-12, "{t}");
        }
        assert_eq!(ln_two_sided(0.0, 5.0), 0.0);
        assert_eq!(ln_two_sided(-2.5, 9.5), ln_two_sided(2.5, 9.5));
    }

    #[test]
    fn the_critical_value_of_the_original_experiment() {
        // 0.05 / 3072 two-sided on 99 degrees of freedom.
        assert!((critical(0.05 / 3072.0, 99.0) - 4.533).abs() < 5e-4);
    }

    #[test]
    fn critical_is_the_inverse_of_the_tail() {
        for df in [1.0, 1.5, 4.0, 30.0, 99.0, 1e4, 1e7] {
            for p in [0.999, 0.5, 0.05, 1e-5, 1e-20, 1e-300] {
                let t = critical(p, df);
                let back = ln_two_sided(t, df);
                // The tail's slope turns a last-digit error of t into one of p.
                let slope = 2.0 * t * (ln_density(t, df) - back).exp();
                let allowed = 4.0 * f64::EPSILON * slope.max(1.0) + 1e-13;
                assert!((back - p.ln()).abs() <= allowed, "{p} {df} {t}");
            }
        }
    }
}
