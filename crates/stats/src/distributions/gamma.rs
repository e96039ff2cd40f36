//! The upper regularised incomplete gamma function in logarithms, and the tails that are made of it:
//! the normal and the chi-squared distribution's.

use libm::lgamma;
use statrs::distribution::{ContinuousCDF, Normal};
use std::f64::consts::PI;

/// ln Q(a, x), for positive a and x of at least 0.
///
/// Below a + 1 by the series of P = 1 - Q (Abramowitz and Stegun 6.5.29), where Q is not small and
/// the subtraction harmless; above by the continued fraction (6.5.31) with Lentz's method, which
/// never leaves the logarithm and so never underflows.
pub fn ln_upper(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let front = a * x.ln() - x - lgamma(a);
    if x < a + 1.0 {
        let (mut term, mut sum, mut k) = (1.0 / a, 1.0 / a, a);
        while term > sum * 0.5 * f64::EPSILON {
            k += 1.0;
            term *= x / k;
            sum += term;
        }
        (-(front + f64::ln(sum)).exp()).ln_1p()
    } else {
        front + fraction(a, x).ln()
    }
}

fn fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1e300, 1.0 / b);
    let mut value = d;
    for k in 1..100_000 {
        let k = f64::from(k);
        let term = -k * (k - a);
        b += 2.0;
        d = 1.0 / (term * d + b);
        c = b + term / c;
        let step = c * d;
        value *= step;
        if (step - 1.0).abs() < 2.0 * f64::EPSILON {
            break;
        }
    }
    value
}

/// ln of the two-sided p-value of a standard normal `z`.
pub fn ln_normal_two_sided(z: f64) -> f64 {
    ln_upper(0.5, 0.5 * z * z)
}

/// The z whose two-sided p-value is `p`, for `p` in (0, 1).
///
/// `statrs`' quantile, good to some 1e-10, and a step of Newton's method.
pub fn critical_normal(p: f64) -> f64 {
    let z = -Normal::standard().inverse_cdf(0.5 * p);
    let ln_p = ln_normal_two_sided(z);
    // Derivative of ln p: minus twice the density over p.
    let ln_density = -0.5 * z * z - 0.5 * (2.0 * PI).ln();
    z + 0.5 * (ln_p - p.ln()) * (ln_p - ln_density).exp()
}

/// ln of the upper tail of chi-squared on `df` degrees of freedom.
pub fn ln_chi_squared_upper(x: f64, df: f64) -> f64 {
    ln_upper(0.5 * df, 0.5 * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_quantile_is_the_tails_inverse() {
        for p in [0.9, 0.5, 0.05, 1e-6, 1e-100] {
            let found = ln_normal_two_sided(critical_normal(p));
            assert!(
                (found - p.ln()).abs() < 1e-14 * p.ln().abs().max(1.0),
                "{p}"
            );
        }
    }

    #[test]
    fn closed_forms_hold() {
        // Q(1, x) = exp(-x); Q(1/2, z^2/2) = erfc(z / sqrt 2).
        for x in [1e-9, 0.3, 1.9, 2.1, 30.0, 5000.0] {
            assert!(
                (ln_upper(1.0, x) + x).abs() < 1e-14 * f64::max(x, 1.0),
                "{x}"
            );
        }
        for z in [1e-5, 0.3, 1.0, 1.7, 1.8, 3.0, 8.0, 20.0] {
            let expected = libm::erfc(z / 2.0_f64.sqrt()).ln();
            let found = ln_normal_two_sided(z);
            assert!(
                (found - expected).abs() < 1e-13 * expected.abs().max(1.0),
                "{z}"
            );
        }
    }
}
