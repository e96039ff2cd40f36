//! What position alone does to a layer: the same tokens at the positions 0, 1 and 2, compared.
//!
//! A model behaves unlike itself at position 0. A neuron that only tells positions apart would pass
//! for one that tells categories apart wherever the categories differ in tokens per word.

use crate::distributions::student;
use crate::moments::Moments;
use rayon::prelude::*;
use selectron_run::error::{Error, Result};
use selectron_run::vocabulary::PositionContrast;
use selectron_tables::activations::Block;
use selectron_tables::rows::PositionRow;
use std::collections::BTreeMap;

/// The positions compared, the later minus the earlier.
const fn positions(contrast: PositionContrast) -> (usize, usize) {
    match contrast {
        PositionContrast::SecondFirst => (1, 0),
        PositionContrast::ThirdSecond => (2, 1),
    }
}

/// Compares positions at one site and layer: for each neuron a paired t-test over the tokens, with a
/// Bonferroni correction over the layer's neurons.
///
/// # Errors
/// When the block lacks a position of a token.
pub fn contrasts(block: &Block, alpha: f64) -> Result<Vec<PositionRow>> {
    PositionContrast::ALL
        .iter()
        .map(|contrast| one_contrast(block, *contrast, alpha))
        .collect()
}

fn one_contrast(block: &Block, contrast: PositionContrast, alpha: f64) -> Result<PositionRow> {
    let (later, earlier) = positions(contrast);
    let pairs = pairs(block, later, earlier)?;
    let df = pairs.len() as f64 - 1.0;
    let ln_level = (alpha / block.width.max(1) as f64).ln();
    // For each neuron d_z, and whether its t is significant.
    let tests: Vec<Option<(f64, bool)>> = (0..block.width)
        .into_par_iter()
        .map(|neuron| {
            let differences = pairs
                .iter()
                .map(|(later, earlier)| f64::from(later[neuron]) - f64::from(earlier[neuron]));
            let moments = Moments::of(differences);
            let deviation = moments.variance()?.sqrt();
            let d = moments.mean / deviation;
            let t = d * (pairs.len() as f64).sqrt();
            d.is_finite()
                .then(|| (d.abs(), student::ln_two_sided(t, df) <= ln_level))
        })
        .collect();
    let defined = || tests.iter().flatten();
    let count = defined().count();
    let mean = defined().map(|(d, _)| d).sum::<f64>() / count as f64;
    Ok(PositionRow {
        site: block.place.site,
        layer: block.place.layer,
        contrast,
        words: pairs.len(),
        tests: count,
        significant: defined().filter(|(_, significant)| *significant).count(),
        mean_abs_d: mean.is_finite().then_some(mean),
    })
}

/// The activations of each item at both positions.
fn pairs(block: &Block, later: usize, earlier: usize) -> Result<Vec<(&[f32], &[f32])>> {
    let [items, positions] = block.keys.as_slice() else {
        return Err(Error::bug("position activations have two keys"));
    };
    let mut rows: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (row, key) in items.iter().zip(positions).enumerate() {
        rows.insert((*key.0, *key.1), row);
    }
    let first = rows
        .iter()
        .filter(|((_, position), _)| *position == earlier);
    first
        .map(|((item, _), row)| {
            let other = rows.get(&(*item, later)).ok_or_else(|| {
                Error::artifact(
                    "position_activations.parquet",
                    format!("item {item} is missing at position {later}"),
                    "rerun the extract stage with --force",
                )
            })?;
            Ok((block.row(*other), block.row(*row)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use selectron_run::{Place, Site};

    /// Three items of two neurons: neuron 0 answers to position 0 alone, neuron 1 to nothing.
    fn block() -> Block {
        let (mut items, mut positions, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for item in 0..3_usize {
            for position in 0..3_usize {
                items.push(item);
                positions.push(position);
                let noise = ((item * 7 + position * 5) % 3) as f32 * 0.001;
                values.push(if position == 0 { 9.0 } else { 1.0 } + noise);
                values.push(((item * 5 + position * 4) % 3) as f32);
            }
        }
        let keys = vec![items, positions];
        Block {
            place: Place::new(Site::MlpPre, 2),
            keys,
            width: 2,
            values,
        }
    }

    #[test]
    fn a_neuron_that_knows_position_0_is_found() {
        let rows = contrasts(&block(), 0.05).unwrap();
        let found: Vec<_> = rows
            .iter()
            .map(|row| (row.contrast, row.tests, row.significant))
            .collect();
        assert_eq!(found[0], (PositionContrast::SecondFirst, 2, 1));
        assert_eq!(found[1].2, 0);
        assert_eq!(rows[0].words, 3);
    }

    #[test]
    fn a_missing_position_is_an_error() {
        let mut block = block();
        block.keys[1][1] = 5;
        let message = contrasts(&block, 0.05).unwrap_err().to_string();
        assert!(
            message.contains("item 0 is missing at position 1"),
            "{message}"
        );
    }
}
