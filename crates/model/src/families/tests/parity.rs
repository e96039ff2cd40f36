//! What transformers computes with small random checkpoints, compared with what we compute: every
//! site, every layer, every sequence.

use super::reference::{BACKENDS, Reference, tolerance};

#[test]
fn every_site_layer_and_sequence_agrees_with_transformers() {
    for name in Reference::names() {
        let reference = Reference::open(&name);
        for backend in BACKENDS {
            let network = reference.network(backend);
            let sites: Vec<_> = network.sites().collect();
            assert_eq!(sites, reference.recorded_sites(), "{name}");
            let error = reference.worst_error(&network, &sites);
            assert!(error < tolerance(backend), "{name} on {backend}: {error:e}");
        }
    }
}

#[test]
fn the_sequences_reach_past_every_window() {
    for name in Reference::names() {
        let reference = Reference::open(&name);
        let longest = reference.sequences().iter().map(Vec::len).max().unwrap();
        reference.changed(|settings| {
            for window in settings.layers.iter().filter_map(|layer| layer.window) {
                assert!(longest > 3 * window, "{name}");
            }
        });
    }
}
