//! Simulations with known effects among known nulls: error rates keep their level, and power is what
//! theory says. The seeds are fixed; the tolerances are four standard errors of the number of draws.

use crate::common::{pipeline, sample};
use rand::RngExt;
use selectron_run::pipeline::{Correction, Statistic};
use selectron_stats::correction::adjust;
use selectron_stats::distributions::noncentral_t::NoncentralT;
use selectron_stats::distributions::student;
use selectron_stats::permutation::max_t::MaxT;
use selectron_stats::random::{Purpose, stream};
use selectron_stats::statistic::{Test, Tester};

const WORDS: usize = 24;
const NEURONS: usize = 60;
const ALPHA: f64 = 0.05;

/// Standard normal numbers (Box and Muller 1958).
fn normal(rng: &mut impl rand::Rng) -> f64 {
    let (one, other): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - one).ln()).sqrt() * (std::f64::consts::TAU * other).cos()
}

/// What one simulated experiment rejects: for each correction the false and the true rejections.
struct Rejections {
    correction: Correction,
    wrong: usize,
    right: usize,
}

/// Neurons of which the first `planted` differ between A and B by `effect` standard deviations of a
/// single word, all words independent; max-T with 199 permutations.
fn simulate(
    statistic: Statistic,
    planted: usize,
    effect: f64,
    seed: u64,
    corrections: &[Correction],
) -> Vec<Rejections> {
    let mut rng = stream(seed, Purpose::Nulls, 0);
    let neurons: Vec<Vec<f64>> = (0..NEURONS)
        .map(|neuron| {
            let shift = if neuron < planted { effect } else { 0.0 };
            let value = |word: usize| if word < WORDS { shift } else { 0.0 };
            (0..2 * WORDS)
                .map(|word| value(word) + normal(&mut rng))
                .collect()
        })
        .collect();
    let pipeline = pipeline(2, "");
    let (design, sample) = sample(&pipeline, &[WORDS, WORDS], &neurons);
    let tester = Tester::new(statistic, &design).unwrap();
    let outcomes = tester.test(&sample);
    let p: Vec<_> = outcomes
        .iter()
        .map(|one| one.test.as_ref().map(Test::p))
        .collect();
    let adjusted = |correction| {
        if correction == Correction::MaxT {
            let max_t = MaxT::new(statistic, tester.arrangement(), 199, seed).unwrap();
            max_t.p_values(&max_t.heights(&sample, &outcomes))
        } else {
            adjust(correction, &p)
        }
    };
    let count = |correction: &Correction| {
        let adjusted = adjusted(*correction);
        let rejected = |p: &[Option<f64>]| p.iter().filter(|p| p.unwrap() <= ALPHA).count();
        Rejections {
            correction: *correction,
            wrong: rejected(&adjusted[planted..]),
            right: rejected(&adjusted[..planted]),
        }
    };
    corrections.iter().map(count).collect()
}

/// Four standard errors of a share seen in so many draws.
fn tolerance(share: f64, draws: usize) -> f64 {
    4.0 * (share * (1.0 - share) / draws as f64).sqrt()
}

#[test]
fn without_effects_the_chance_of_any_rejection_is_at_most_alpha() {
    let experiments = 500;
    for statistic in [Statistic::PairedT, Statistic::WelchT, Statistic::RankSum] {
        let mut with_any = [0; 7];
        let mut uncorrected = 0;
        for seed in 0..experiments {
            let all = simulate(statistic, 0, 0.0, seed, Correction::ALL);
            for (count, rejections) in with_any.iter_mut().zip(&all) {
                *count += usize::from(rejections.wrong > 0);
                if rejections.correction == Correction::None {
                    uncorrected += rejections.wrong;
                }
            }
        }
        let experiments = experiments as usize;
        let tests = experiments * NEURONS;
        let share = uncorrected as f64 / tests as f64;
        let off = (share - ALPHA).abs();
        assert!(
            off < tolerance(ALPHA, tests) + 0.002,
            "{statistic}: {share} uncorrected"
        );
        for (correction, with_any) in Correction::ALL.iter().zip(with_any) {
            let share = with_any as f64 / experiments as f64;
            match correction {
                Correction::None => assert!(share > 0.8, "{statistic} {correction}: {share}"),
                _ => assert!(
                    share < ALPHA + tolerance(ALPHA, experiments),
                    "{statistic} {correction}: {share}"
                ),
            }
        }
    }
}

#[test]
fn among_planted_effects_the_false_discovery_rate_keeps_its_level_and_power_is_as_computed() {
    let (experiments, planted, effect) = (300, 15, 1.2);
    let corrections = [
        Correction::Bonferroni,
        Correction::Holm,
        Correction::BenjaminiHochberg,
        Correction::MaxT,
    ];
    let mut false_share = [0.0; 4];
    let mut found = [0; 4];
    for seed in 0..experiments {
        let all = simulate(
            Statistic::StudentT,
            planted,
            effect,
            1000 + seed,
            &corrections,
        );
        for ((share, found), rejections) in false_share.iter_mut().zip(&mut found).zip(&all) {
            let rejected = rejections.wrong + rejections.right;
            *share += rejections.wrong as f64 / rejected.max(1) as f64;
            *found += rejections.right;
        }
    }
    let experiments = experiments as usize;
    for (correction, share) in corrections.iter().zip(false_share) {
        let share = share / experiments as f64;
        // The share of one experiment is at most 1 and rarely above 0.2, so its spread is below
        // that of a coin of probability alpha.
        assert!(
            share < ALPHA + tolerance(ALPHA, experiments),
            "{correction}: {share}"
        );
    }
    // Bonferroni's power is that of one test at alpha over the number of tests.
    let df = (2 * WORDS - 2) as f64;
    let critical = student::critical(ALPHA / NEURONS as f64, df);
    let noncentrality = effect * (WORDS as f64 / 2.0).sqrt();
    let power = NoncentralT::new(df).power(critical, noncentrality);
    let share = |found: usize| found as f64 / (experiments * planted) as f64;
    let off = (share(found[0]) - power).abs();
    assert!(
        off < tolerance(power, experiments * planted),
        "{} {power}",
        share(found[0])
    );
    // Holm rejects whatever Bonferroni does, and false discovery control more than both.
    assert!(found[1] >= found[0] && found[2] > found[1], "{found:?}");
}
