//! Recording with a model.

use selectron_extract::record::batches::record_chunk;
use selectron_extract::record::chunk::{Chunk, Sequence};
use selectron_model::checkpoint::Checkpoint;
use selectron_model::{Network, device};
use selectron_run::Site;
use selectron_run::pipeline::{Layers, Reduce};
use selectron_tables::activations::Block;
use std::path::Path;

fn network(backend: &str) -> Network {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference/models/gpt_neo");
    let checkpoint = Checkpoint::open(folder).unwrap();
    Network::load(&checkpoint, device::open(backend).unwrap()).unwrap()
}

fn record(network: &Network, chunk: &Chunk) -> Vec<Block> {
    let sites = [Site::MlpPre, Site::ResidPost];
    let request = network.request(&sites, &Layers::All).unwrap();
    let mut blocks = Vec::new();
    let mut keep = |block| {
        blocks.push(block);
        Ok(())
    };
    record_chunk(network, &request, chunk, &mut keep, &mut |_| {}).unwrap();
    blocks
}

fn sequence(ids: &[u32], rows: &[std::ops::Range<usize>]) -> Sequence {
    Sequence {
        ids: ids.to_vec(),
        rows: rows.to_vec(),
    }
}

fn chunk(sequences: &[Sequence], reduce: Reduce) -> Chunk {
    let rows = sequences.iter().map(|sequence| sequence.rows.len()).sum();
    Chunk {
        keys: vec![(0..rows).collect()],
        sequences: sequences.to_vec(),
        reduce,
    }
}

#[test]
fn rows_are_what_they_say_in_whatever_company_and_order_they_are_recorded() {
    for backend in ["flex", "ndarray"] {
        let network = network(backend);
        let every = [0..1, 1..2, 2..3];
        let tokens = record(
            &network,
            &chunk(&[sequence(&[1, 2, 3], &every)], Reduce::First),
        );
        let sequences = [
            sequence(&[1, 5], &[0..2]),
            sequence(&[1, 2, 3], &[1..3, 0..1]),
            sequence(&[1, 9, 4], &[]),
            sequence(&[1, 2, 3], &[2..3]),
        ];
        let rows = record(&network, &chunk(&sequences, Reduce::Last));
        for (tokens, rows) in tokens.iter().zip(&rows) {
            assert_eq!((tokens.place, rows.rows()), (rows.place, 4));
            for (row, token) in [(1, 2), (2, 0), (3, 2)] {
                let pairs = rows.row(row).iter().zip(tokens.row(token));
                for (found, expected) in pairs {
                    assert!((found - expected).abs() < 1e-4, "{backend} {}", rows.place);
                }
            }
        }
        let places: Vec<_> = rows.iter().map(|block| block.place).collect();
        let mut sorted = places.clone();
        sorted.sort_by_key(|place| place.forward_order());
        assert_eq!(places, sorted);
    }
}

// A stage turns a panic into the sentence of an internal error. An empty row in place of the missing
// one would have become activations of 0, and nobody would have known.
#[test]
#[should_panic(expected = "token 2 of sequence 0, which has")]
fn a_token_that_a_sequence_does_not_have_stops_the_run() {
    let sequences = [sequence(&[1, 2], &[1..3]), sequence(&[3], &[0..1])];
    record(&network("flex"), &chunk(&sequences, Reduce::Last));
}

#[test]
#[should_panic(expected = "a word without tokens")]
fn a_row_without_tokens_stops_the_run() {
    let sequences = [sequence(&[1, 2], &[1..1])];
    record(&network("flex"), &chunk(&sequences, Reduce::Last));
}
