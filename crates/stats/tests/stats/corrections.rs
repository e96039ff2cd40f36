//! Corrections against statsmodels, and max-T against MNE and brute force.

use crate::common::{fixture, numbers, pipeline, relative, sample};
use selectron_run::pipeline::{Correction, Statistic};
use selectron_stats::correction::{adjust, count_rejected};
use selectron_stats::permutation::max_t::MaxT;
use selectron_stats::statistic::Tester;

#[test]
fn corrections_agree_with_statsmodels() {
    let mut compared = 0;
    for case in fixture("corrections.json")["cases"].as_array().unwrap() {
        let list = |key: &str| -> Vec<Option<f64>> {
            case[key]
                .as_array()
                .unwrap()
                .iter()
                .map(serde_json::Value::as_f64)
                .collect()
        };
        let p = list("p");
        for correction in Correction::ALL.iter().copied() {
            if case.get(correction.name()).is_none() {
                continue;
            }
            let (found, expected) = (adjust(correction, &p), list(correction.name()));
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found.is_some(), expected.is_some());
                if let (Some(found), Some(expected)) = (found, expected) {
                    assert!(
                        (found - expected).abs() < 1e-12,
                        "{correction}: {found} {expected}"
                    );
                    compared += 1;
                }
            }
            // The short cut from small p-values alone counts the same rejections.
            let rejected = expected.iter().flatten().filter(|p| **p <= 0.05).count();
            let mut small: Vec<f64> = p.iter().flatten().copied().filter(|p| *p <= 0.05).collect();
            let defined = p.iter().flatten().count();
            assert_eq!(
                count_rejected(correction, &mut small, defined, 0.05),
                rejected
            );
        }
    }
    assert!(compared > 5000, "{compared}");
}

#[test]
fn max_t_agrees_with_mne_and_with_brute_force() {
    let mut statistics = Vec::new();
    for case in fixture("max_t.json")["cases"].as_array().unwrap() {
        let statistic: Statistic = case["statistic"].as_str().unwrap().parse().unwrap();
        let sizes: Vec<_> = numbers(&case["sizes"])
            .iter()
            .map(|size| *size as usize)
            .collect();
        let neurons: Vec<_> = case["neurons"]
            .as_array()
            .unwrap()
            .iter()
            .map(numbers)
            .collect();
        let pipeline = pipeline(sizes.len(), "");
        let (design, sample) = sample(&pipeline, &sizes, &neurons);
        let tester = Tester::new(statistic, &design).unwrap();
        let max_t = MaxT::new(statistic, tester.arrangement(), 100_000, 1).unwrap();
        assert!(max_t.draws().complete());
        assert_eq!(
            max_t.draws().count() as u64,
            case["count"].as_u64().unwrap()
        );
        let heights = max_t.heights(&sample, &tester.test(&sample));
        let found: Vec<f64> = max_t.p_values(&heights).into_iter().flatten().collect();
        let expected = numbers(&case["p"]);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert!(
                relative(*found, *expected) < 1e-12,
                "{statistic} {sizes:?}: {found} {expected}"
            );
        }
        statistics.push(statistic);
    }
    statistics.sort_unstable();
    statistics.dedup();
    assert_eq!(statistics.len(), 7, "all but logit");
}

/// Random flips: the critical t rejects exactly those whose p is at most alpha, and the bytes do
/// not depend on the number of threads.
#[test]
fn max_t_is_the_same_for_every_thread_count_and_its_threshold_fits_its_p() {
    let neurons: Vec<Vec<f64>> = (0..150)
        .map(|neuron| {
            let wave = |word: f64| f64::from((word * (1.3 + f64::from(neuron))).sin() as f32);
            let shift = if neuron % 7 == 0 { 0.9 } else { 0.0 };
            (0..80)
                .map(|word| wave(f64::from(word)) + if word < 40 { shift } else { 0.0 })
                .collect()
        })
        .collect();
    let pipeline = pipeline(2, "");
    let (design, sample) = sample(&pipeline, &[40, 40], &neurons);
    for statistic in [Statistic::PairedT, Statistic::StudentT, Statistic::WelchT] {
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| {
                let tester = Tester::new(statistic, &design).unwrap();
                let max_t = MaxT::new(statistic, tester.arrangement(), 999, 5).unwrap();
                let outcomes = tester.test(&sample);
                let heights = max_t.heights(&sample, &outcomes);
                let p = max_t.p_values(&heights);
                let critical = max_t.critical(&heights, 0.05);
                (heights, p, critical, outcomes)
            })
        };
        let (heights, p, critical, outcomes) = run(1);
        for threads in [2, 3, 7] {
            let again = run(threads);
            assert_eq!(
                (&again.0, &again.1),
                (&heights, &p),
                "{statistic} on {threads} threads"
            );
        }
        let significant = p.iter().flatten().filter(|p| **p <= 0.05).count();
        assert!(
            significant > 5 && significant < 40,
            "{statistic}: {significant}"
        );
        assert!(p.iter().flatten().all(|p| *p >= 0.001));
        if let Some(critical) = critical {
            for (outcome, p) in outcomes.iter().zip(&p) {
                let t = outcome.test.unwrap().t.abs();
                // The slack granted to rounding is worth some 1e-6 of t.
                if (t / critical - 1.0).abs() > 1e-5 {
                    assert_eq!(
                        t > critical,
                        p.unwrap() <= 0.05,
                        "{statistic} {t} {critical}"
                    );
                }
            }
        }
    }
}
