//! NIST's Statistical Reference Datasets.

use crate::common::{fixture, numbers, pipeline, relative, words};
use selectron_run::pipeline::Statistic;
use selectron_stats::design::Design;
use selectron_stats::moments::Moments;
use selectron_stats::statistic::Tester;
use serde_json::Value;

/// The tests take doubles; only the tables hold float32. So NIST's digits reach them.
fn f(groups: &[Vec<f64>]) -> f64 {
    let sizes: Vec<_> = groups.iter().map(Vec::len).collect();
    let of_groups = pipeline(groups.len(), "statistic = \"anova\"");
    let design = Design::new(&of_groups, words(&sizes)).unwrap();
    let tester = Tester::new(Statistic::Anova, &design).unwrap();
    tester.test_row(&groups.concat()).test.unwrap().t
}

fn number(case: &Value, key: &str) -> f64 {
    case[key].as_f64().unwrap()
}

#[test]
fn analyses_of_variance_have_the_certified_f() {
    for case in fixture("nist.json")["anova"].as_array().unwrap() {
        let groups: Vec<_> = case["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(numbers)
            .collect();
        let found = f(&groups);
        assert!(
            relative(found, number(case, "f")) < 1e-9,
            "{}: {found}",
            case["name"]
        );
        assert!(
            relative(found, number(case, "rounded")) < 1e-12,
            "{}: {found}",
            case["name"]
        );
    }
}

/// A tenth in 10^12 is only a few hundred steps of a double: there the certified digits end.
#[test]
fn a_large_offset_costs_no_more_digits_than_doubles_have() {
    for case in fixture("nist.json")["regular"].as_array().unwrap() {
        let replicates = number(case, "replicates") as usize;
        let levels = case["levels"].as_array().unwrap();
        let groups: Vec<Vec<f64>> = levels
            .iter()
            .map(|level| {
                // In tenths, as a decimal number has no rounding to pass on.
                let tenths: i64 = level.as_str().unwrap().replace('.', "").parse().unwrap();
                let value = |k: usize| match k {
                    0 => tenths,
                    k if k % 2 == 1 => tenths - 1,
                    _ => tenths + 1,
                };
                (0..replicates).map(|k| value(k) as f64 / 10.0).collect()
            })
            .collect();
        let found = f(&groups);
        assert!(
            relative(found, number(case, "rounded")) < 1e-12,
            "{}: {found}",
            case["name"]
        );
        let digits = match levels[0].as_str().unwrap().len() {
            3 => 1e-12,
            9 => 1e-8,
            _ => 5e-3,
        };
        assert!(
            relative(found, number(case, "f")) < digits,
            "{}: {found}",
            case["name"]
        );
    }
}

#[test]
fn with_two_groups_t_squared_is_the_certified_f() {
    let fixture = fixture("nist.json");
    let case = fixture["anova"]
        .as_array()
        .unwrap()
        .iter()
        .find(|case| case["name"] == "AtmWtAg");
    let case = case.unwrap();
    let groups: Vec<_> = case["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(numbers)
        .collect();
    let of_groups = pipeline(2, "");
    let design = Design::new(&of_groups, words(&[24, 24])).unwrap();
    let tester = Tester::new(Statistic::StudentT, &design).unwrap();
    let test = tester.test_row(&groups.concat()).test.unwrap();
    assert!(
        relative(test.t * test.t, 15.946_733_567_793_0) < 1e-9,
        "{}",
        test.t * test.t
    );
    assert_eq!(test.df, Some(46.0));
}

#[test]
fn means_and_standard_deviations_are_the_certified_ones() {
    let fixture = fixture("nist.json");
    let cases = fixture["univariate"].as_array().unwrap();
    assert_eq!(cases.len(), 8);
    for case in cases {
        let values = numbers(&case["values"]);
        let moments = Moments::of(values.iter().copied());
        let deviation = moments.variance().unwrap().sqrt();
        assert!(
            relative(moments.mean, number(case, "mean")) < 1e-14,
            "{}",
            case["name"]
        );
        // Rounding the data alone moves the deviation by up to a step of the largest value.
        let step = values.iter().fold(0.0_f64, |most, x| most.max(x.abs())) * f64::EPSILON;
        let allowed = 1e-13 + step / deviation;
        let found = relative(deviation, number(case, "sd"));
        assert!(found < allowed, "{}: {found:e} {allowed:e}", case["name"]);
    }
}
