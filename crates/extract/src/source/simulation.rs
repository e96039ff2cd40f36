//! Simulated activations with known effects among known nulls: `model.source = "simulate"`.
//!
//! Whatever the later stages find in them can be compared with the truth: of every layer's neurons the
//! first `share / 2` prefer A, the next `share / 2` prefer B, and the rest nothing.

use super::kind::{Reading, Source};
use crate::record::chunk::{Chunk, Keep, Progress};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use selectron_items::selection::Stimulus;
use selectron_run::error::Result;
use selectron_run::manifest::{BackendFacts, ModelFacts};
use selectron_run::pipeline::SimulateSection;
use selectron_run::{Pipeline, Place, Side};
use selectron_tables::activations::Block;
use std::collections::BTreeMap;

/// The name of the source.
pub const SIMULATE: &str = "simulate";

/// What a stream of random numbers has given, in words of 32 bits, after one normal number.
const WORDS_PER_NORMAL: u128 = 4;

/// Independent normal numbers of standard deviation 1 about each category's mean. Every site and layer
/// draws from a stream of its own, word after word.
#[derive(Debug)]
pub struct Simulation {
    seed: u64,
    settings: SimulateSection,
    places: Vec<(Place, usize)>,
}

impl Simulation {
    /// The simulation that a pipeline asks for.
    ///
    /// # Errors
    /// When a layer that is asked for does not exist.
    pub fn new(pipeline: &Pipeline) -> Result<Self> {
        let settings = pipeline.simulate.clone();
        let layers = pipeline.record.layers.resolve(settings.layers);
        let layers =
            layers.map_err(|what| pipeline.key_error("record.layers", what, "change it"))?;
        let sites = &pipeline.record.site;
        let places = layers.iter().flat_map(|layer| {
            let at_layer = sites.iter().map(|site| Place::new(*site, *layer));
            at_layer.map(|place| (place, settings.neurons))
        });
        Ok(Self {
            seed: pipeline.seed,
            places: places.collect(),
            settings,
        })
    }

    /// The activations of some items at a place, row by row.
    fn draw(&self, place: Place, stimuli: &[Stimulus], items: &[usize]) -> Vec<f32> {
        let neurons = self.settings.neurons;
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(((place.layer as u64) << 8) | place.site as u64);
        let mut values = Vec::with_capacity(items.len() * neurons);
        for item in items {
            let side = stimuli[*item].side();
            rng.set_word_pos((item * neurons) as u128 * WORDS_PER_NORMAL);
            for neuron in 0..neurons {
                let value = normal(&mut rng) + shift(&self.settings, neuron, side);
                values.push(value as f32);
            }
        }
        values
    }
}

impl Source for Simulation {
    fn title(&self) -> String {
        format!("a simulation: {:?}", self.settings)
    }

    fn places(&self) -> &[(Place, usize)] {
        &self.places
    }

    fn widest(&self) -> usize {
        self.settings.neurons
    }

    fn reading(&self) -> Option<Reading<'_>> {
        None
    }

    fn record(
        &self,
        stimuli: &[Stimulus],
        chunk: &Chunk,
        keep: &mut Keep<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<()> {
        for (place, width) in &self.places {
            keep(Block {
                place: *place,
                keys: chunk.keys.clone(),
                width: *width,
                values: self.draw(*place, stimuli, &chunk.keys[0]),
            })?;
        }
        progress(chunk.sequences.len());
        Ok(())
    }

    fn facts(&self) -> (ModelFacts, BackendFacts) {
        let model = ModelFacts {
            name: SIMULATE.to_owned(),
            family: "simulated".to_owned(),
            layers: self.settings.layers,
            hidden: self.settings.neurons,
            neurons: self.settings.neurons,
            context: 0,
            commit: None,
            files: BTreeMap::new(),
        };
        let backend = BackendFacts {
            name: "none".to_owned(),
            adapter: None,
        };
        (model, backend)
    }
}

/// What a neuron's mean is for words of a side, or of a control category, in standard deviations.
fn shift(settings: &SimulateSection, neuron: usize, side: Option<Side>) -> f64 {
    let planted = (settings.share * settings.neurons as f64 / 2.0).round() as usize;
    let sign = match neuron {
        _ if neuron < planted => 1.0,
        _ if neuron < 2 * planted => -1.0,
        _ => 0.0,
    };
    match side {
        Some(Side::A) => sign * settings.effect / 2.0,
        Some(Side::B) => -sign * settings.effect / 2.0,
        // A control category prefers nothing.
        None => 0.0,
    }
}

/// A standard normal number (Box and Muller 1958).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use selectron_run::Site;

    #[test]
    fn normal_numbers_have_mean_0_and_variance_1() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let draws: Vec<f64> = (0..100_000).map(|_| normal(&mut rng)).collect();
        assert_eq!(rng.get_word_pos(), 100_000 * WORDS_PER_NORMAL);
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
        let of_a = |neuron| shift(&settings, neuron, Some(Side::A));
        let shifts: Vec<_> = (0..100).map(of_a).collect();
        assert!(shifts[..10].iter().all(|shift| *shift == 1.5));
        assert!(shifts[10..20].iter().all(|shift| *shift == -1.5));
        assert!(shifts[20..].iter().all(|shift| *shift == 0.0));
        assert_eq!(shift(&settings, 0, Some(Side::B)), -1.5);
        assert_eq!(shift(&settings, 0, None), 0.0);
    }

    #[test]
    fn words_are_the_same_whichever_are_drawn_with_them() {
        let simulation = Simulation {
            seed: 7,
            settings: SimulateSection {
                neurons: 13,
                ..SimulateSection::default()
            },
            places: Vec::new(),
        };
        let stimulus = |rank| Stimulus {
            category: rank % 3,
            word: String::new(),
            rank,
            pair: None,
        };
        let stimuli: Vec<_> = (0..6).map(stimulus).collect();
        let draw = |items: &[usize]| simulation.draw(Place::new(Site::MlpPre, 1), &stimuli, items);
        let all = draw(&[0, 1, 2, 3, 4, 5]);
        assert_eq!(draw(&[4, 5]), all[4 * 13..]);
        assert_ne!(all[..13], all[13..26]);
    }
}
