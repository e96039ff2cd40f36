//! The t-tests against SciPy, their tails against mpmath.

use crate::common::{fixture, numbers, relative, test_two};
use selectron_run::pipeline::Statistic;
use selectron_stats::distributions::{LN_10, student};
use serde_json::Value;

#[test]
fn t_tests_agree_with_scipy() {
    let mut smallest: f64 = 1.0;
    let mut compared = 0;
    for case in fixture("scipy.json")["cases"].as_array().unwrap() {
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        for statistic in [Statistic::PairedT, Statistic::StudentT, Statistic::WelchT] {
            let Some(expected) = case.get(statistic.name()) else {
                continue;
            };
            let (outcome, contrast) = test_two(statistic, &a, &b);
            let test = outcome.test.unwrap();
            let number = |key: &str| expected[key].as_f64().unwrap();
            let what = format!("{statistic}, {} and {}", a.len(), b.len());
            assert!(relative(test.t, number("t")) < 1e-9, "{what}: t {}", test.t);
            let df = test.df.unwrap();
            assert!(relative(df, number("df")) < 1e-9, "{what}: df {df}");
            let ends = numbers(&expected["ci"]);
            let (low, high) = contrast.mean_interval.unwrap();
            for (found, expected) in [low, high].iter().zip(&ends) {
                let scale = (high - low) + expected.abs();
                assert!(
                    (found - expected).abs() < 1e-9 * scale,
                    "{what}: {found} {expected}"
                );
            }
            let p = number("p");
            if p >= 1e-300 {
                let ours = test.p();
                assert!(relative(ours, p) < 1e-8, "{what}: p {ours} against {p}");
                smallest = smallest.min(p);
                compared += 1;
            }
        }
    }
    assert!(compared > 150, "{compared}");
    assert!(smallest < 1e-200, "{smallest}");
}

#[test]
fn tails_agree_with_mpmath_far_below_the_smallest_double() {
    let fixture = fixture("student.json");
    let mut deepest = 0.0_f64;
    for case in fixture["tails"].as_array().unwrap() {
        let number = |key: &str| case[key].as_f64().unwrap();
        let (t, df) = (number("t"), number("df"));
        let ln_p = student::ln_two_sided(t, df);
        let (log10_p, p) = (number("log10_p"), number("p"));
        deepest = deepest.min(log10_p);
        // A p near 1 has a logarithm near 0: its own digits are what counts then.
        let close =
            relative(ln_p / LN_10, log10_p) < 1e-10 || (ln_p / LN_10 - log10_p).abs() < 1e-15;
        assert!(close, "t {t} df {df}: {} {log10_p}", ln_p / LN_10);
        if p > 1e-307 {
            assert!(
                relative(ln_p.exp(), p) < 1e-11,
                "t {t} df {df}: {} {p}",
                ln_p.exp()
            );
        }
    }
    assert!(deepest < -3900.0);
}

#[test]
fn critical_values_agree_with_scipy() {
    for case in fixture("student.json")["quantiles"].as_array().unwrap() {
        let number = |key: &str| case[key].as_f64().unwrap();
        let t = student::critical(number("p"), number("df"));
        assert!(relative(t, number("t")) < 1e-10, "{case}: {t}");
    }
}

#[test]
fn the_fixtures_say_what_made_them() {
    for name in ["scipy.json", "student.json"] {
        let Value::Object(made_by) = fixture(name)["made_by"].clone() else {
            panic!("{name}")
        };
        assert!(
            made_by.contains_key("scipy") && made_by.contains_key("script"),
            "{name}"
        );
    }
}
