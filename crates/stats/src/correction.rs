//! Corrections for multiple testing: from the p-values of a family to adjusted ones.
//!
//! A hypothesis is rejected at level alpha where its adjusted p is at most alpha. An undefined
//! test is null; it stays null and does not count as a test.

use selectron_run::pipeline::Correction;

/// Adjusts the p-values of a family.
///
/// Max-T is not a function of p-values and is answered with nulls; see
/// [`max_t`](crate::permutation::max_t).
pub fn adjust(correction: Correction, p: &[Option<f64>]) -> Vec<Option<f64>> {
    match correction {
        Correction::None => p.to_vec(),
        Correction::Bonferroni => bonferroni(p),
        Correction::Holm => step_down(p, |tests, rank| tests - rank),
        Correction::Hochberg => step_up(p, |tests, rank| tests - rank),
        Correction::BenjaminiHochberg => step_up(p, |tests, rank| tests / (rank + 1.0)),
        Correction::BenjaminiYekutieli => {
            let tests = count(p);
            let harmonic: f64 = (1..=tests).map(|k| 1.0 / k as f64).sum();
            step_up(p, |tests, rank| tests * harmonic / (rank + 1.0))
        }
        Correction::MaxT => vec![None; p.len()],
    }
}

fn count(p: &[Option<f64>]) -> usize {
    p.iter().flatten().count()
}

/// Bonferroni: each p times the number of tests. Controls the probability of any false rejection.
fn bonferroni(p: &[Option<f64>]) -> Vec<Option<f64>> {
    let tests = count(p) as f64;
    p.iter().map(|p| p.map(|p| (p * tests).min(1.0))).collect()
}

/// The indices of the defined p-values, smallest first; equal ones in order of index.
fn ascending(p: &[Option<f64>]) -> Vec<(usize, f64)> {
    let mut order: Vec<_> = p
        .iter()
        .enumerate()
        .filter_map(|(index, p)| p.map(|p| (index, p)))
        .collect();
    order.sort_by(|(_, x), (_, y)| x.total_cmp(y));
    order
}

/// Each p times its factor, made non-decreasing from the smallest p upwards: Holm (1979).
/// `factor` takes the number of tests and the rank of the p-value, from 0.
fn step_down(p: &[Option<f64>], factor: impl Fn(f64, f64) -> f64) -> Vec<Option<f64>> {
    let order = ascending(p);
    let tests = order.len() as f64;
    let mut adjusted = vec![None; p.len()];
    let mut largest = 0.0_f64;
    for (rank, (index, p)) in order.into_iter().enumerate() {
        largest = largest.max((p * factor(tests, rank as f64)).min(1.0));
        adjusted[index] = Some(largest);
    }
    adjusted
}

/// Each p times its factor, made non-increasing from the largest p downwards: Hochberg (1988),
/// Benjamini and Hochberg (1995), Benjamini and Yekutieli (2001).
fn step_up(p: &[Option<f64>], factor: impl Fn(f64, f64) -> f64) -> Vec<Option<f64>> {
    let order = ascending(p);
    let tests = order.len() as f64;
    let mut adjusted = vec![None; p.len()];
    let mut smallest = 1.0_f64;
    for (rank, (index, p)) in order.into_iter().enumerate().rev() {
        smallest = smallest.min(p * factor(tests, rank as f64));
        adjusted[index] = Some(smallest);
    }
    adjusted
}

/// The largest p-value that the correction rejects in a family with these p-values, where that is a
/// threshold: the level that one test must reach, given the others.
///
/// Of a step procedure that rejects nothing it is the level that a first rejection would take.
/// Max-T has no such level.
pub fn critical_p(correction: Correction, p: &[Option<f64>], alpha: f64) -> Option<f64> {
    let tests = count(p) as f64;
    if tests == 0.0 {
        return None;
    }
    let adjusted = adjust(correction, p);
    let rejected = adjusted.iter().flatten().filter(|p| **p <= alpha).count() as f64;
    match correction {
        Correction::None => Some(alpha),
        Correction::Bonferroni => Some(alpha / tests),
        Correction::Holm | Correction::Hochberg => Some(alpha / (tests - rejected).max(1.0)),
        Correction::BenjaminiHochberg => Some(alpha * rejected.max(1.0) / tests),
        Correction::BenjaminiYekutieli => {
            let harmonic: f64 = (1..=count(p)).map(|k| 1.0 / k as f64).sum();
            Some(alpha * rejected.max(1.0) / (tests * harmonic))
        }
        Correction::MaxT => None,
    }
}

/// Whether each of a family's p-values is rejected, from those that are at most `alpha` alone: the
/// others cannot be. `tests` counts the defined ones of the family. Max-T is taken as Holm.
pub fn count_rejected(
    correction: Correction,
    small: &mut [f64],
    tests: usize,
    alpha: f64,
) -> usize {
    small.sort_unstable_by(f64::total_cmp);
    let tests = tests as f64;
    let level = |factor: f64| alpha / factor;
    let ranked = || small.iter().enumerate().map(|(rank, p)| (rank as f64, *p));
    match correction {
        Correction::None => small.len(),
        Correction::Bonferroni => small.partition_point(|p| *p <= level(tests)),
        Correction::Holm | Correction::MaxT => ranked()
            .take_while(|(rank, p)| *p <= level(tests - rank))
            .count(),
        Correction::Hochberg => largest(ranked().rev(), |rank| level(tests - rank)),
        Correction::BenjaminiHochberg => {
            largest(ranked().rev(), |rank| level(tests / (rank + 1.0)))
        }
        Correction::BenjaminiYekutieli => {
            let harmonic: f64 = (1..=tests as usize).map(|k| 1.0 / k as f64).sum();
            largest(ranked().rev(), |rank| {
                level(tests * harmonic / (rank + 1.0))
            })
        }
    }
}

/// How many p-values up to and with the first from above that is within its level.
fn largest(descending: impl Iterator<Item = (f64, f64)>, level: impl Fn(f64) -> f64) -> usize {
    let mut descending = descending;
    descending
        .find(|(rank, p)| *p <= level(*rank))
        .map_or(0, |(rank, _)| rank as usize + 1)
}
