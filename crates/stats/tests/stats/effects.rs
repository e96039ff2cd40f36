//! Effect sizes, their intervals and power against SciPy, statsmodels and definitions.

use crate::common::{fixture, numbers, relative, test_groups};
use selectron_run::pipeline::Statistic;
use selectron_stats::arrangement::Shape;
use selectron_stats::effect::eta_squared;
use selectron_stats::power::smallest_effect;
use selectron_stats::statistic::Test;

#[test]
fn effect_sizes_and_intervals_agree() {
    for case in fixture("effects.json")["cases"].as_array().unwrap() {
        let statistic: Statistic = case["statistic"].as_str().unwrap().parse().unwrap();
        let groups: Vec<_> = case["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(numbers)
            .collect();
        let contrast = test_groups(statistic, &groups).1;
        let (low, high) = contrast.d_interval.unwrap();
        for (found, expected) in [contrast.d.unwrap(), low, high]
            .iter()
            .zip(numbers(&case["d"]))
        {
            // Close to 0 an end of the interval has no relative accuracy to speak of.
            let close = relative(*found, expected) < 1e-8 || (found - expected).abs() < 1e-9;
            assert!(close, "{statistic} {}: {found} {expected}", groups[0].len());
        }
        assert!(relative(contrast.g.unwrap(), case["g"].as_f64().unwrap()) < 1e-9);
        let factor = contrast.g.unwrap() / contrast.d.unwrap();
        let (g_low, g_high) = contrast.g_interval.unwrap();
        assert!((g_low - factor * low).abs() < 1e-12 * (1.0 + low.abs()));
        assert!((g_high - factor * high).abs() < 1e-12 * (1.0 + high.abs()));
        let (low, high) = contrast.auc_interval.unwrap();
        for (found, expected) in [contrast.auc.unwrap(), low, high]
            .iter()
            .zip(numbers(&case["auc"]))
        {
            assert!((found - expected).abs() < 1e-11, "{found} {expected}");
        }
    }
}

#[test]
fn shares_of_variance_and_their_intervals_agree_with_scipy() {
    for case in fixture("effects.json")["eta"].as_array().unwrap() {
        let number = |key: &str| case[key].as_f64().unwrap();
        let (between, within) = (number("between"), number("within"));
        let test = Test {
            t: number("f"),
            df: Some(between),
            df_within: Some(within),
            ln_p: 0.0,
        };
        let n = (between + within) as usize + 1;
        let (eta, ends) = eta_squared(Statistic::Anova, &test, n, 0.05).unwrap();
        assert!(relative(eta, number("eta")) < 1e-12);
        let (low, high) = ends.unwrap();
        for (found, expected) in [low, high].iter().zip(numbers(&case["ends"])) {
            assert!(
                (found - expected).abs() < 1e-7,
                "{case}: {found} {expected}"
            );
        }
    }
}

#[test]
fn the_smallest_detectable_effect_agrees_with_statsmodels() {
    for case in fixture("effects.json")["power"].as_array().unwrap() {
        let number = |key: &str| case[key].as_f64().unwrap();
        let (n, level) = (number("n"), number("level"));
        let paired = smallest_effect(Shape::Paired, n, n, level).unwrap();
        let two = smallest_effect(Shape::TwoSample, n, n, level).unwrap();
        assert!(
            relative(paired, number("paired")) < 1e-6,
            "{case}: {paired}"
        );
        assert!(relative(two, number("two")) < 1e-6, "{case}: {two}");
    }
}
