//! Functions of one `f32` that the compiler can apply to many at once: no branch, no table, no call.

/// Lanes that sums run over, whatever the processor.
pub(super) const LANES: usize = 16;

/// `e^x` to about 2 units in the last place, for x in -87 to 88; smaller and larger x count as
/// these. The reduction and the polynomial are those of Cephes' `expf` (Moshier 1989).
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    /// 1.5 x 2^23: adding it leaves the nearest integer in the low bits of the sum.
    const ROUND: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.0, 88.0);
    let rounded = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = n.mul_add(-LN_2_LOW, n.mul_add(-LN_2_HIGH, x));
    let mut p = 1.987_569_1e-4_f32;
    for coefficient in [
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        0.5,
    ] {
        p = p.mul_add(r, coefficient);
    }
    let y = p.mul_add(r * r, r) + 1.0;
    let exponent = rounded.to_bits().wrapping_sub(ROUND.to_bits());
    y * f32::from_bits(exponent.wrapping_add(127) << 23)
}

/// The logistic function.
#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The error function to about 4e-7: the rational approximation on -4 to 4 that Eigen and
/// TensorFlow use (`generic_fast_erf_float`).
#[inline(always)]
pub(super) fn erf(x: f32) -> f32 {
    let x = x.clamp(-4.0, 4.0);
    let square = x * x;
    let mut top = -2.726_142_3e-10_f32;
    for coefficient in [
        2.770_681_5e-8,
        -2.101_024e-6,
        -5.692_506_4e-5,
        -7.349_906e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ] {
        top = top.mul_add(square, coefficient);
    }
    let mut bottom = -1.456_607_2e-5_f32;
    for coefficient in [
        -2.133_740_6e-4,
        -1.682_827e-3,
        -7.373_329e-3,
        -1.426_473_9e-2,
    ] {
        bottom = bottom.mul_add(square, coefficient);
    }
    x * top / bottom
}

/// The sum of `f` over a row, in a fixed order.
#[inline(always)]
pub(super) fn sum(row: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (chunks, rest) = row.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += f(*value);
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane += f(*value);
    }
    together(lanes)
}

/// The largest value of a row.
#[inline(always)]
pub(super) fn highest(row: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = row.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = if *value > *lane { *value } else { *lane };
        }
    }
    let lanes = lanes.iter().chain(rest);
    lanes.fold(f32::NEG_INFINITY, |a, b| if *b > a { *b } else { a })
}

/// The sum of the lanes, by halves.
#[inline(always)]
pub(super) fn together(mut lanes: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
        half /= 2;
    }
    lanes[0]
}

/// The dot product of two rows of equal length, in a fixed order.
#[inline(always)]
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (chunks_a, rest_a) = a.as_chunks::<LANES>();
    let (chunks_b, rest_b) = b.as_chunks::<LANES>();
    for (a, b) in chunks_a.iter().zip(chunks_b) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane = a.mul_add(*b, *lane);
        }
    }
    for ((lane, a), b) in lanes.iter_mut().zip(rest_a).zip(rest_b) {
        *lane = a.mul_add(*b, *lane);
    }
    together(lanes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values from -100 to 100, close together near 0.
    fn grid() -> impl Iterator<Item = f32> {
        (-20_000..=20_000).map(|i| {
            let x = i as f32 / 20_000.0;
            100.0 * x * x * x
        })
    }

    #[test]
    fn exp_is_within_two_units_in_the_last_place() {
        for x in grid().filter(|x| (-87.0..=88.0).contains(x)) {
            let expected = f64::from(x).exp();
            let error = (f64::from(exp(x)) - expected).abs() / expected;
            assert!(error < 2.4e-7, "exp({x}): {error:e}");
        }
        assert!(exp(-1000.0) < 2e-38 && exp(1000.0) > 1e38);
        assert!(exp(f32::NAN).is_nan());
        assert_eq!(exp(0.0), 1.0);
    }

    #[test]
    fn erf_is_within_4e_7() {
        // W. J. Cody's series for small arguments, the continued fraction's complement for large
        // ones, as libm computes them in double precision.
        for x in grid() {
            let error = (f64::from(erf(x)) - libm_erf(f64::from(x))).abs();
            assert!(error < 4e-7, "erf({x}): {error:e}");
        }
    }

    /// The Maclaurin series (Abramowitz and Stegun 7.1.5), which double precision bears up to 4.
    fn libm_erf(x: f64) -> f64 {
        if x.abs() > 4.0 {
            return x.signum();
        }
        let (mut term, mut total) = (x, x);
        for n in 1..120 {
            term *= -x * x / f64::from(n);
            total += term / f64::from(2 * n + 1);
        }
        total * 2.0 / std::f64::consts::PI.sqrt()
    }

    #[test]
    fn sums_take_every_value_once() {
        let row: Vec<f32> = (0..37).map(|i| i as f32).collect();
        assert_eq!(sum(&row, |x| x), 666.0);
        let ones = vec![1.0; 37];
        assert_eq!(dot(&row, &ones), 666.0);
    }
}
