//! Rank tests, analyses of variance and logistic fits against SciPy and statsmodels, and published
//! examples.

use crate::common::{fixture, numbers, pipeline, relative, test_groups, words};
use selectron_run::pipeline::Statistic;
use selectron_stats::arrangement::Shape;
use selectron_stats::design::Design;
use selectron_stats::statistic::Tester;
use serde_json::Value;

fn groups(case: &Value) -> Vec<Vec<f64>> {
    case["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(numbers)
        .collect()
}

#[test]
fn rank_tests_and_analyses_of_variance_agree_with_scipy() {
    let mut compared = 0;
    for case in fixture("tests.json")["cases"].as_array().unwrap() {
        let statistic: Statistic = case["statistic"].as_str().unwrap().parse().unwrap();
        let test = test_groups(statistic, &groups(case)).0.test.unwrap();
        let p = case["p"].as_f64().unwrap();
        let sizes: Vec<_> = groups(case).iter().map(Vec::len).collect();
        assert!(
            relative(test.p(), p) < 1e-8,
            "{statistic} {sizes:?}: {} {p}",
            test.p()
        );
        if let Some(t) = case.get("t").and_then(Value::as_f64) {
            assert!(
                relative(test.t, t) < 1e-9,
                "{statistic} {sizes:?}: {} {t}",
                test.t
            );
        }
        compared += 1;
    }
    assert!(compared > 80, "{compared}");
}

#[test]
fn logistic_fits_agree_with_statsmodels_and_with_a_general_minimiser() {
    for case in fixture("tests.json")["fits"].as_array().unwrap() {
        let (outcome, _) = test_groups(Statistic::Logit, &groups(case));
        let (fit, test) = (outcome.fit.unwrap(), outcome.test.unwrap());
        let number = |key: &str| case[key].as_f64().unwrap();
        let penalised = case["penalised"].as_bool().unwrap();
        assert_eq!((fit.penalised, fit.converged), (penalised, true));
        // The general minimiser knows the height of the maximum better than its place.
        let (of_slope, of_ratio) = if penalised {
            (1e-5, 1e-8)
        } else {
            (1e-8, 1e-8)
        };
        assert!(
            relative(fit.slope, number("slope")) < of_slope,
            "{} {case}",
            fit.slope
        );
        let ratio = test.t * test.t;
        assert!(
            (ratio - number("ratio")).abs() < of_ratio * ratio.max(1.0),
            "{ratio} {case}"
        );
        assert!(
            relative(test.p(), number("p")) < 1e-6,
            "{} {case}",
            test.p()
        );
        assert_eq!(fit.accuracy, number("accuracy"));
        assert_eq!(test.t > 0.0, fit.slope > 0.0);
    }
}

#[test]
fn a_perfect_neuron_keeps_a_finite_slope_and_a_small_p() {
    // Wald's p would be near 1 here.
    let a: Vec<f64> = (0..50).map(|k| 100.0 + f64::from(k)).collect();
    let b: Vec<f64> = (0..50).map(|k| -100.0 - f64::from(k)).collect();
    let (outcome, contrast) = test_groups(Statistic::Logit, &[a, b]);
    let (fit, test) = (outcome.fit.unwrap(), outcome.test.unwrap());
    assert!(fit.penalised && fit.converged && fit.slope.is_finite());
    assert!(test.p() < 1e-20, "{}", test.p());
    assert_eq!((fit.accuracy, fit.majority), (1.0, 0.5));
    assert_eq!(contrast.auc, Some(1.0));
}

/// The pairs of statsmodels' test data `clinic`, with R's results, and a worked example. The clinic's
/// numbers are no float32, so they go to the test as doubles.
#[test]
fn the_published_examples_come_out() {
    let hundredths = [
        284, 251, 241, 295, 314, 379, 414, 385, 302, 345, 537, 381, 419, 316, 384, 260, 282, 218,
        346, 401, 304, 347, 406, 291, 359, 451, 316, 386, 331, 302,
    ];
    let values = hundredths.map(|x| f64::from(x) / 100.0);
    let design = Design::new(&pipeline(2, ""), words(&[15, 15])).unwrap();
    let tester = Tester::new(Statistic::PairedT, &design).unwrap();
    let test = tester.test_row(&values).test.unwrap();
    assert!(relative(test.t, 1.213001548676048) < 1e-13, "{}", test.t);
    assert!(
        relative(test.p(), 0.245199929713149) < 1e-13,
        "{}",
        test.p()
    );

    let a = [4.0, 7.0, 8.0, 6.0, 3.0, 2.0].to_vec();
    let b = [6.0, 8.0, 7.0, 10.0, 11.0, 9.0].to_vec();
    let both = [a, b];
    let paired = test_groups(Statistic::PairedT, &both).0.test.unwrap();
    assert!((paired.t + 2.44451).abs() < 5e-6 && paired.df == Some(5.0));
    assert!((paired.p() - 0.05833).abs() < 5e-6);
    let welch = test_groups(Statistic::WelchT, &both).0.test.unwrap();
    assert!((welch.t + 2.84199).abs() < 5e-6 && (welch.p() - 0.01837).abs() < 5e-6);
    assert!((welch.df.unwrap() - 9.49438).abs() < 5e-6);
}

#[test]
fn every_statistic_has_a_shape() {
    let several = [Statistic::Anova, Statistic::Kruskal];
    for statistic in Statistic::ALL {
        assert_eq!(
            Shape::of(*statistic) == Shape::Several,
            several.contains(statistic)
        );
    }
}
