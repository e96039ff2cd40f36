//! The text's numbers against scikit-learn, SciPy and an outside DeLong.

use crate::common::{fixture, numbers, relative};
use selectron_stats::moments::Moments;
use selectron_stats::statistic::{RankSumNull, welch};
use selectron_stats::text::auc::{Comparison, NEGATIVE, NEITHER, POSITIVE, Sorter};
use selectron_stats::text::threshold::{Detection, best};
use serde_json::Value;

struct Case {
    values: Vec<f32>,
    labels: Vec<u8>,
    expected: Value,
}

fn cases() -> Vec<Case> {
    let cases = fixture("text.json")["cases"].as_array().unwrap().clone();
    let case = |expected: Value| Case {
        values: numbers(&expected["values"])
            .iter()
            .map(|x| *x as f32)
            .collect(),
        labels: numbers(&expected["positive"])
            .iter()
            .map(|positive| if *positive == 1.0 { POSITIVE } else { NEGATIVE })
            .collect(),
        expected,
    };
    cases.into_iter().map(case).collect()
}

fn number(case: &Case, name: &str) -> f64 {
    case.expected[name].as_f64().unwrap()
}

fn compare(case: &Case) -> Comparison {
    let mut sorter = Sorter::default();
    Comparison::of(&sorter.sort(&case.values).unwrap(), &case.labels)
}

#[test]
fn areas_are_those_of_scikit_learn_and_errors_those_of_delong() {
    let cases = cases();
    assert_eq!(cases.len(), 32);
    for case in &cases {
        let found = compare(case);
        assert!((found.auc().unwrap() - number(case, "auc")).abs() < 1e-12);
        let variance = found.standard_error().unwrap().powi(2);
        let expected = number(case, "variance");
        // The other program computes in float32, from areas of up to 1.
        assert!(
            (variance - expected).abs() < 1e-4 * expected + 1e-9,
            "{variance} {expected}"
        );
    }
}

#[test]
fn welch_and_the_rank_test_are_those_of_scipy() {
    for case in &cases() {
        let moments = |label: u8| {
            let words = case.values.iter().zip(&case.labels);
            let words = words.filter(|(_, other)| **other == label);
            let values: Vec<f64> = words.map(|(value, _)| f64::from(*value)).collect();
            Moments::of(values.into_iter())
        };
        let (a, b) = (moments(POSITIVE), moments(NEGATIVE));
        let test = welch(&a, &b).unwrap();
        assert!(relative(test.t, number(case, "t")) < 1e-10);
        assert!(relative(test.df.unwrap(), number(case, "df")) < 1e-10);
        assert!(relative(test.p(), number(case, "p")) < 1e-8);

        let found = compare(case);
        let null = RankSumNull::new(a.n, b.n);
        let test = null
            .test(0.5 * found.wins as f64, found.ties as f64)
            .unwrap();
        let expected = number(case, "p_greater");
        // Where the positive words are higher, the one-sided p is half the two-sided one. SciPy's
        // continuity correction reaches past the mean where U is next to it.
        if found.excess() > 1 {
            assert!(
                relative(0.5 * test.p(), expected) < 1e-8,
                "{} {expected}",
                test.p()
            );
        } else if found.excess() < -1 {
            assert!(expected > 0.5);
        }
    }
}

#[test]
fn thresholds_are_chosen_and_scored_as_scikit_learn_does() {
    let mut compared = 0;
    for case in &cases() {
        let half = |held_out: usize| -> Vec<u8> {
            let labels = case.labels.iter().enumerate();
            labels
                .map(|(word, label)| {
                    if word % 2 == held_out {
                        *label
                    } else {
                        NEITHER
                    }
                })
                .collect()
        };
        let expected = &case.expected["detection"];
        if expected.is_null() {
            continue;
        }
        let mut sorter = Sorter::default();
        let order = sorter.sort(&case.values).unwrap();
        let threshold = best(&order, &case.values, &half(0)).unwrap();
        assert_eq!(
            f64::from(threshold),
            expected["threshold"].as_f64().unwrap()
        );
        let found = Detection::of(&case.values, &half(1), threshold);
        let pairs = [
            (found.precision(), "precision"),
            (found.recall(), "recall"),
            (found.f1(), "f1"),
            (found.mcc(), "mcc"),
        ];
        for (found, name) in pairs {
            let expected = expected[name].as_f64().unwrap();
            assert!((found.unwrap() - expected).abs() < 1e-12, "{name}");
        }
        compared += 1;
    }
    assert!(compared > 25, "{compared}");
}
