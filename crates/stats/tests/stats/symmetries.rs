//! What must not change a test, or must change only its sign.

use crate::common::{relative, test_two};
use proptest::prelude::*;
use selectron_run::pipeline::Statistic;

const T_TESTS: [Statistic; 3] = [Statistic::PairedT, Statistic::StudentT, Statistic::WelchT];

/// Two samples of the same size, of values with few enough bits that doubling them and adding a
/// whole number to them is exact in float32.
fn samples() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    let value = || (-4096_i32..4096).prop_map(|x| f64::from(x) / 64.0);
    (2_usize..40).prop_flat_map(move |n| {
        (
            proptest::collection::vec(value(), n),
            proptest::collection::vec(value(), n),
        )
    })
}

proptest! {
    #[test]
    fn swapping_a_and_b_flips_every_sign_and_changes_no_p((a, b) in samples()) {
        for statistic in Statistic::ALL.iter().copied() {
            let (one, forth) = test_two(statistic, &a, &b);
            let (other, back) = test_two(statistic, &b, &a);
            prop_assert_eq!(forth.mean_diff, -back.mean_diff);
            prop_assert_eq!(one.test.is_some(), other.test.is_some());
            let unsigned = matches!(statistic, Statistic::Anova | Statistic::Kruskal);
            if let (Some(one), Some(other)) = (one.test, other.test) {
                // A sum over the words of A and B is taken in another order when they swap; and the
                // logit's t is the root of a difference of sums.
                let slack = match statistic {
                    Statistic::Logit => 1e-6,
                    _ if unsigned => 1e-9,
                    _ => 0.0,
                };
                let sign = if unsigned { 1.0 } else { -1.0 };
                let off = (one.t - sign * other.t).abs();
                prop_assert!(off <= slack * one.t.abs().max(1.0), "{statistic} {one:?} {other:?}");
                let off = (one.ln_p - other.ln_p).abs();
                prop_assert!(off <= slack * one.ln_p.abs().max(1.0), "{statistic} {one:?} {other:?}");
            }
            if let (Some(forth), Some(back)) = (forth.d, back.d) {
                prop_assert_eq!(forth, -back);
            }
            if let (Some(forth), Some(back)) = (forth.auc, back.auc) {
                prop_assert!((forth + back - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn scaling_and_shifting_leave_the_test((a, b) in samples(), shift in -1000_i32..1000) {
        let moved = |values: &[f64]| -> Vec<f64> {
            values.iter().map(|x| 4.0 * x + f64::from(shift)).collect()
        };
        for statistic in Statistic::ALL.iter().copied() {
            let (one, _) = test_two(statistic, &a, &b);
            let (other, _) = test_two(statistic, &moved(&a), &moved(&b));
            prop_assert_eq!(one.test.is_some(), other.test.is_some());
            if let (Some(one), Some(other)) = (one.test, other.test) {
                let close = relative(one.t, other.t) < 1e-9 || (one.t - other.t).abs() < 1e-7;
                prop_assert!(close, "{statistic} {} {}", one.t, other.t);
            }
        }
    }
}

#[test]
fn an_undefined_t_is_none_and_a_tiny_honest_variance_is_not() {
    let constant = [0.1_f32; 6].map(f64::from);
    let other = [0.7_f32; 6].map(f64::from);
    for statistic in T_TESTS {
        assert_eq!(
            test_two(statistic, &constant, &other).0.test,
            None,
            "{statistic}"
        );
        let mut one_bit = constant;
        one_bit[3] = f64::from(f32::from_bits(0.1_f32.to_bits() + 1));
        let test = test_two(statistic, &one_bit, &other).0.test.unwrap();
        assert!(
            test.t < -1e6 && test.ln_p.is_finite(),
            "{statistic} {test:?}"
        );
    }
    for statistic in Statistic::ALL.iter().copied() {
        assert_eq!(
            test_two(statistic, &constant, &constant).0.test,
            None,
            "{statistic}"
        );
        let mut broken = constant;
        broken[0] = f64::INFINITY;
        assert_eq!(
            test_two(statistic, &broken, &other).0.test,
            None,
            "{statistic}"
        );
    }
}
