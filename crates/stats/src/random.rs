//! Random numbers: every use has streams of its own, so that no draw depends on any other.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use selectron_run::{NeuronId, Site};

/// What random numbers are for. The statistics of a list share theirs.
///
/// The numbers are part of every stream: another number would be another result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The rearrangements of max-T.
    MaxT = 0,
    /// The rearrangements that show what chance alone finds.
    Nulls = 1,
    /// The halves of the words.
    Splits = 2,
    /// The shuffled labels of the text's words.
    ShuffledLabels = 3,
    /// The control tasks of the text.
    ControlTasks = 4,
    /// For each neuron another one of its layer.
    RandomNeurons = 5,
    /// The resampled sentences.
    Sentences = 6,
    /// The examples between the extremes.
    Examples = 7,
}

/// The random numbers of one unit of work: a draw, a block of draws, a resample, a layer, a neuron.
///
/// # Panics
/// When the number of the unit has more than 40 bits.
pub fn stream(seed: u64, purpose: Purpose, unit: u64) -> ChaCha8Rng {
    assert!(unit >> 40 == 0, "unit {unit} of random numbers");
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream((purpose as u64) << 40 | unit);
    rng
}

/// Numbers a neuron among all there can be, as a unit of random numbers.
///
/// # Panics
/// When the layer or the neuron is beyond any model's.
pub fn number_of(NeuronId { place, neuron }: NeuronId) -> u64 {
    let fits = place.layer < 1 << 12 && neuron < 1 << 24;
    assert!(fits, "{place}, neuron {neuron}");
    let earlier_sites = Site::ALL.iter().take_while(|site| **site != place.site);
    (earlier_sites.count() as u64) << 36 | (place.layer as u64) << 24 | neuron as u64
}
