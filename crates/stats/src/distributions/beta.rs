//! The beta function and the regularised incomplete beta function, in logarithms.

use libm::lgamma;

/// From here on Stirling's series with the terms below is exact to a double.
const STIRLING_FROM: f64 = 10.0;

/// ln Γ(x) minus Stirling's leading terms (x - 1/2) ln x - x + ln(2 pi)/2, for x of at least 10.
/// Abramowitz and Stegun 6.1.41.
fn stirling_remainder(x: f64) -> f64 {
    const TERMS: [f64; 7] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
    ];
    let square = 1.0 / (x * x);
    TERMS
        .iter()
        .rev()
        .fold(0.0, |sum, term| sum * square + term)
        / x
}

/// ln(Γ(a) / Γ(a + b)) for positive a and b, without the cancellation of two large ln Γ.
///
/// Both arguments are shifted up to where Stirling's series holds; its leading terms then combine to
/// -(a + b - 1/2) ln(1 + b/a) - b ln a + b.
pub fn ln_gamma_ratio(a: f64, b: f64) -> f64 {
    let mut shifted = a;
    let mut factor = 1.0;
    while shifted < STIRLING_FROM {
        factor *= (shifted + b) / shifted;
        shifted += 1.0;
    }
    let leading = b - (shifted + b - 0.5) * (b / shifted).ln_1p() - b * shifted.ln();
    leading + stirling_remainder(shifted) - stirling_remainder(shifted + b) + f64::ln(factor)
}

/// ln B(a, b) for positive a and b; to about 1e-15 absolutely where the smaller one is moderate.
pub fn ln_beta(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    lgamma(small) + ln_gamma_ratio(large, small)
}

/// ln(1 + u) for u given as ln u, by the form that does not overflow.
pub fn ln_one_plus(ln_u: f64) -> f64 {
    if ln_u > 0.0 {
        ln_u + (-ln_u).exp().ln_1p()
    } else {
        ln_u.exp().ln_1p()
    }
}

/// A number between 0 and 1 with its complement and both logarithms, so that none of them is
/// computed from another by a subtraction that loses digits.
#[derive(Debug, Clone, Copy)]
pub struct Fraction {
    x: f64,
    complement: f64,
    ln_x: f64,
    ln_complement: f64,
}

impl Fraction {
    /// 1 / (1 + u) for u of at least 0, given as ln u.
    pub fn one_over_one_plus(ln_u: f64) -> Self {
        // ln(1 + u), by the form that does not overflow.
        let ln_sum = if ln_u > 0.0 {
            ln_u + (-ln_u).exp().ln_1p()
        } else {
            ln_u.exp().ln_1p()
        };
        let (ln_x, ln_complement) = (-ln_sum, ln_u - ln_sum);
        Self {
            x: ln_x.exp(),
            complement: ln_complement.exp(),
            ln_x,
            ln_complement,
        }
    }

    /// ln x and ln(1 - x).
    pub fn logarithms(&self) -> (f64, f64) {
        (self.ln_x, self.ln_complement)
    }

    fn swap(self) -> Self {
        Self {
            x: self.complement,
            complement: self.x,
            ln_x: self.ln_complement,
            ln_complement: self.ln_x,
        }
    }
}

/// ln of the regularised incomplete beta function I_x(a, b).
///
/// By a continued fraction; where it converges slowly, I_x(a, b) = 1 - I_(1-x)(b, a). The second form is used only where I_x(a, b) is not small,
/// so the subtraction costs no digits.
pub fn ln_incomplete(at: Fraction, a: f64, b: f64) -> f64 {
    if at.x < (a + 1.0) / (a + b + 2.0) {
        ln_incomplete_directly(at, a, b)
    } else {
        (-ln_incomplete_directly(at.swap(), b, a).exp()).ln_1p()
    }
}

fn ln_incomplete_directly(at: Fraction, a: f64, b: f64) -> f64 {
    if at.ln_x == f64::NEG_INFINITY {
        return f64::NEG_INFINITY;
    }
    let front = a * at.ln_x + b * at.ln_complement - ln_beta(a, b) - a.ln();
    if b <= 1.0 {
        let w = (at.ln_x - at.ln_complement).exp();
        front - at.ln_complement + positive_fraction(w, a, b).ln()
    } else {
        front + alternating_fraction(at.x, a, b).ln()
    }
}

/// The continued fractions converge within about the square root of the larger parameter.
const MOST_TERMS: i32 = 100_000;

/// A continued fraction 1/(1 + c1/(1 + c2/(1 + …))), by the modified method of Lentz (Thompson and
/// Barnett 1986). `term` gives c1, c2, …
fn lentz(term: impl Fn(i32) -> f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut c, mut d, mut fraction) = (1.0, 0.0, 1.0);
    for k in 1..MOST_TERMS {
        let term = term(k);
        d = 1.0 / away_from_zero(1.0 + term * d);
        c = away_from_zero(1.0 + term / c);
        let step = d * c;
        fraction *= step;
        if (step - 1.0).abs() < 2.0 * f64::EPSILON {
            break;
        }
    }
    1.0 / fraction
}

/// The fraction of Abramowitz and Stegun 26.5.8. Its terms differ in sign, and for x near 1 it
/// loses as many digits as 1 - x has fewer than x.
fn alternating_fraction(x: f64, a: f64, b: f64) -> f64 {
    lentz(|k| {
        let m = f64::from(k / 2);
        if k % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        }
    })
}

/// Gauss's fraction of 2F1(1 - b, 1; a + 1; -w), with w = x / (1 - x); DLMF 15.7.5 after the
/// transformation 15.8.1 of the hypergeometric series of I_x(a, b), DLMF 8.17.8. For b of at most 1
/// all its terms are positive, and nothing cancels.
fn positive_fraction(w: f64, a: f64, b: f64) -> f64 {
    let (beta, gamma) = (1.0 - b, a + 1.0);
    lentz(|k| {
        let m = f64::from(k / 2);
        if k % 2 == 0 {
            w * m * (gamma - beta + m - 1.0) / ((gamma + 2.0 * m - 2.0) * (gamma + 2.0 * m - 1.0))
        } else if k == 1 {
            w * beta / gamma
        } else {
            w * (beta + m) * (gamma + m - 1.0) / ((gamma + 2.0 * m - 1.0) * (gamma + 2.0 * m))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ln_beta_keeps_its_digits_for_large_parameters() {
        // B(1, 1/2) = 2; B(1/2, 1/2) = pi; B(a, 1) = 1/a.
        assert!((ln_beta(1.0, 0.5) - 2.0_f64.ln()).abs() < 1e-15);
        assert!((ln_beta(0.5, 0.5) - std::f64::consts::PI.ln()).abs() < 1e-15);
        for a in [0.3, 1.0, 7.5, 1e3, 1e6, 1e12] {
            assert!(
                (ln_beta(a, 1.0) + a.ln()).abs() < 4e-15 * a.ln().abs().max(1.0),
                "{a}"
            );
        }
    }

    #[test]
    fn the_two_forms_agree_where_they_meet() {
        // I_x(a, 1) = x^a on both sides of the switch.
        for ln_u in [-9.0, -3.0, -1.0, -0.1, 0.0, 0.1, 1.0, 3.0, 9.0] {
            let at = Fraction::one_over_one_plus(ln_u);
            for a in [0.5, 2.0, 40.0] {
                let expected = a * at.ln_x;
                let found = ln_incomplete(at, a, 1.0);
                assert!(
                    (found - expected).abs() <= 1e-14 * expected.abs().max(1.0),
                    "{ln_u} {a}"
                );
            }
        }
    }
}
