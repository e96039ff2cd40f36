//! Activations without meaning.

use selectron_run::NeuronId;

/// Noise in (-1, 1) that depends on the item, the layer and the neuron alone: all sites of a layer
/// have the same.
pub fn noise(item: usize, id: NeuronId) -> f32 {
    let seed = item as f64 * 12.9898 + id.neuron as f64 * 78.233 + id.place.layer as f64 * 37.719;
    (seed.sin() * 43_758.547).fract() as f32
}
