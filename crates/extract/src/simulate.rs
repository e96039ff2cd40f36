//! A source of made-up activations with known effects among known nulls: `model.source = "simulate"`.
//!
//! Whatever the later stages find in it can be held against the truth: of every layer's neurons the
//! first `share / 2` prefer A, the next `share / 2` prefer B, and the rest nothing.

use crate::error::{Error, Result};
use crate::int;
use crate::word_list::Selection;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use selectron_tables::activations::{ActivationWriter, Block};
use selectron_run::pipeline::SimulateSection;
use selectron_run::{Pipeline, Site};

/// The name of the source.
pub const SOURCE: &str = "simulate";

/// The layers that a pipeline asks of the simulation.
///
/// # Errors
/// When one does not exist.
pub fn layers(pipeline: &Pipeline) -> Result<Vec<usize>> {
    pipeline
        .record
        .layers
        .resolve(pipeline.simulate.layers)
        .map_err(|what| Error::Schema(pipeline.key_error("record.layers", what, "change it")))
}

/// What a neuron's mean is for words of a category, in standard deviations.
fn shift(settings: &SimulateSection, neuron: usize, category: usize) -> f64 {
    let planted = (settings.share * settings.neurons as f64 / 2.0).round() as usize;
    let sign = match neuron {
        _ if neuron < planted => 1.0,
        _ if neuron < 2 * planted => -1.0,
        _ => 0.0,
    };
    match category {
        0 => sign * settings.effect / 2.0,
        1 => -sign * settings.effect / 2.0,
        // A control category prefers nothing.
        _ => 0.0,
    }
}

/// Makes up the activations of all words: independent normal numbers of standard deviation 1 about
/// each category's mean. Every site and layer draws from a stream of its own.
///
/// # Errors
/// When the disk refuses.
pub fn simulate(
    pipeline: &Pipeline,
    selection: &Selection,
    writer: &mut ActivationWriter,
) -> Result<()> {
    let width = pipeline.simulate.neurons;
    let items = (0..selection.stimuli.len()).map(int);
    let items = items.collect::<Result<Vec<_>>>()?;
    for layer in layers(pipeline)? {
        for site in &pipeline.record.site {
            let values = draw(pipeline, selection, *site, layer);
            let keys = vec![items.clone()];
            writer.write(Block {
                site: *site,
                layer: int(layer)?,
                keys,
                width,
                values,
            })?;
        }
    }
    Ok(())
}

fn draw(pipeline: &Pipeline, selection: &Selection, site: Site, layer: usize) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(pipeline.seed);
    rng.set_stream(((layer as u64) << 8) | site as u64);
    let settings = &pipeline.simulate;
    let mut values = Vec::with_capacity(selection.stimuli.len() * settings.neurons);
    for stimulus in &selection.stimuli {
        for neuron in 0..settings.neurons {
            values.push((normal(&mut rng) + shift(settings, neuron, stimulus.category)) as f32);
        }
    }
    values
}

/// A standard normal number (Box and Muller 1958).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_have_mean_0_and_variance_1() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let draws: Vec<f64> = (0..100_000).map(|_| normal(&mut rng)).collect();
        let mean = draws.iter().sum::<f64>() / 1e5;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5;
        // Five standard errors: 5 / sqrt(1e5), 5 sqrt(2 / 1e5).
        assert!(mean.abs() < 0.016, "{mean}");
        assert!((variance - 1.0).abs() < 0.023, "{variance}");
    }

    #[test]
    fn effects_are_planted_where_the_documentation_says() {
        let settings = SimulateSection {
            layers: 1,
            neurons: 100,
            share: 0.2,
            effect: 3.0,
        };
        let shifts: Vec<_> = (0..100).map(|neuron| shift(&settings, neuron, 0)).collect();
        assert!(shifts[..10].iter().all(|shift| *shift == 1.5));
        assert!(shifts[10..20].iter().all(|shift| *shift == -1.5));
        assert!(shifts[20..].iter().all(|shift| *shift == 0.0));
        assert_eq!(shift(&settings, 0, 1), -1.5);
        assert_eq!(shift(&settings, 0, 2), 0.0);
    }
}
