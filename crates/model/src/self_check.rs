//! Whether a GPU computes what the CPU computes, before a run trusts it.
//!
//! burn's wgpu backend has shipped matrix products that were silently wrong for some shapes on some
//! drivers. Parts that pass alone may fail at the sizes of a real run, so the check takes the model
//! that is to run, at the batch sizes and lengths of that run, and compares what it records with the
//! same model on the CPU: every matrix product, normalisation, attention and nonlinearity up to the
//! last recorded layer takes part.

use crate::batch::TokenBatch;
use crate::checkpoint::Checkpoint;
use crate::device::{self, REFERENCE};
use crate::error::{Error, Result};
use crate::network::Network;
use crate::recorder::Recorded;
use crate::request::Request;
use selectron_run::pipeline::Layers;

/// Largest difference that passes, relative to the activations' size (Euclidean norms over a batch).
///
/// Two correct float32 implementations differ by some 1e-6 after a dozen layers. Half precision or
/// TF32 in the products makes 1e-3, and the mildest mistake in a formula that the tests know, one
/// form of GELU for the other, more than 1e-4.
pub const TOLERANCE: f64 = 1e-4;

/// Compares a network on a GPU with the same checkpoint on the CPU, at the first and the last layer
/// of `request`, once for each of `shapes`: sequences and tokens a sequence. Returns the largest
/// relative difference; none for a network on the CPU, which there is nothing to compare with.
///
/// # Errors
/// When the difference exceeds [`TOLERANCE`], with the figures; or when the checkpoint cannot be
/// loaded again.
pub fn check(
    checkpoint: &Checkpoint,
    network: &Network,
    request: &Request,
    shapes: &[(usize, usize)],
) -> Result<Option<f64>> {
    let Some(adapter) = &network.compute().adapter else {
        return Ok(None);
    };
    let reference = Network::load(checkpoint, device::open(REFERENCE)?)?;
    compare(network, &reference, request, shapes, adapter).map(Some)
}

fn compare(
    network: &Network,
    reference: &Network,
    request: &Request,
    shapes: &[(usize, usize)],
    adapter: &str,
) -> Result<f64> {
    let ends = ends(network, request)?;
    let mut worst = 0.0;
    for (batch, length) in shapes {
        let ids = ids(*batch, *length, network.shape().vocabulary);
        let sequences: Vec<_> = ids.iter().map(Vec::as_slice).collect();
        let tokens = TokenBatch::new(&sequences)?;
        let expected = record(reference, &tokens, &ends)?;
        for (found, expected) in record(network, &tokens, &ends)?.iter().zip(&expected) {
            let rows = |recorded: &Recorded<'_>| tokens_of(recorded, *length);
            let difference = difference(&rows(found), &rows(expected));
            // A difference that is no number is no agreement.
            if difference.is_nan() || difference > TOLERANCE {
                return Err(refusal(adapter, found, *length, difference));
            }
            worst = f64::max(worst, difference);
        }
    }
    Ok(worst)
}

/// The sites of a request at its first and its last layer.
fn ends(network: &Network, request: &Request) -> Result<Request> {
    // A request is in forward order.
    let (layers, mut sites): (Vec<_>, Vec<_>) = request.iter().unzip();
    let mut ends: Vec<_> = [layers.first(), layers.last()]
        .into_iter()
        .flatten()
        .copied()
        .collect();
    ends.dedup();
    sites.sort_unstable();
    sites.dedup();
    network.request(&sites, &Layers::Some(ends))
}

/// Token ids that are spread over the vocabulary, the same for every device.
fn ids(batch: usize, length: usize, vocabulary: usize) -> Vec<Vec<u32>> {
    // Knuth's multiplier, 2^32 divided by the golden ratio, scatters consecutive numbers (The Art of
    // Computer Programming, volume 3, 6.4).
    let id = |number: usize| {
        let scattered = (number as u64).wrapping_mul(2_654_435_761) & u64::from(u32::MAX);
        (scattered % vocabulary as u64) as u32
    };
    (0..batch)
        .map(|sequence| {
            (0..length)
                .map(|token| id(sequence * length + token))
                .collect()
        })
        .collect()
}

fn record(
    network: &Network,
    tokens: &TokenBatch,
    request: &Request,
) -> Result<Vec<Recorded<'static>>> {
    let mut all = Vec::new();
    network.record(tokens, request, &mut |recorded| {
        all.push(recorded.into_owned());
        Ok(())
    })?;
    Ok(all)
}

/// The activations of every token, sequence by sequence, wherever a backend keeps them.
fn tokens_of(recorded: &Recorded<'_>, length: usize) -> Vec<f32> {
    let mut values = Vec::new();
    for sequence in 0..recorded.batch() {
        for token in 0..length {
            values.extend_from_slice(recorded.token(sequence, token));
        }
    }
    values
}

/// `||a - b|| / ||b||`
fn difference(a: &[f32], b: &[f32]) -> f64 {
    let square = |x: f64| x * x;
    let pairs = a.iter().zip(b);
    let apart: f64 = pairs
        .map(|(a, b)| square(f64::from(*a) - f64::from(*b)))
        .sum();
    let size: f64 = b.iter().map(|b| square(f64::from(*b))).sum();
    (apart / size).sqrt()
}

fn refusal(adapter: &str, found: &Recorded<'_>, length: usize, difference: f64) -> Error {
    Error::new(
        format!(
            "{adapter} does not compute what the CPU computes: {} of layer {} differs by {difference:.1e} \
             of its size for {} sequences of {length} tokens, where {TOLERANCE:.0e} is allowed",
            found.site,
            found.layer,
            found.batch()
        ),
        format!(
            "update its driver, choose another with --adapter, or compute on the CPU with --backend \
             {REFERENCE}"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::tests::reference::Reference;
    use selectron_run::Site;

    const SHAPES: [(usize, usize); 2] = [(5, 3), (2, 40)];

    fn request(network: &Network) -> Request {
        network
            .request(&[Site::MlpPre, Site::ResidPost], &Layers::All)
            .unwrap()
    }

    #[test]
    fn a_device_that_computes_the_same_passes() {
        let reference = Reference::open("gpt_neo");
        let network = reference.network("ndarray");
        let flex = reference.network("flex");
        let request = request(&network);
        let worst = compare(&network, &flex, &request, &SHAPES, "it").unwrap();
        assert!(worst < 1e-5, "{worst}");
        // Nothing is compared with itself.
        assert_eq!(
            check(&reference.checkpoint, &flex, &request, &SHAPES).unwrap(),
            None
        );
    }

    #[test]
    fn a_device_that_computes_something_else_is_refused_with_the_figures() {
        let flex = Reference::open("gpt_neo").network("flex");
        let folder = tempfile::tempdir().unwrap();
        for name in ["config.json", "model.safetensors"] {
            let from = Reference::folder("gpt_neo").join(name);
            std::fs::copy(from, folder.path().join(name)).unwrap();
        }
        let config = folder.path().join("config.json");
        let text = std::fs::read_to_string(&config).unwrap();
        std::fs::write(&config, text.replace("gelu_new", "gelu")).unwrap();
        let checkpoint = Checkpoint::open(folder.path()).unwrap();
        let wrong = Network::load(&checkpoint, device::open("flex").unwrap()).unwrap();
        let error = compare(&wrong, &flex, &request(&flex), &SHAPES, "this card").unwrap_err();
        let error = error.to_string();
        assert!(
            error.starts_with("this card does not compute what the CPU computes: "),
            "{error}"
        );
        assert!(
            error.contains("for 5 sequences of 3 tokens, where 1e-4 is allowed"),
            "{error}"
        );
    }

    #[cfg(feature = "wgpu")]
    #[test]
    fn the_gpu_of_this_machine_passes() {
        let reference = Reference::open("gpt_neo");
        let network = reference.network("wgpu");
        let request = request(&network);
        let worst = check(&reference.checkpoint, &network, &request, &SHAPES).unwrap();
        assert!(worst.is_some_and(|worst| worst < TOLERANCE), "{worst:?}");
    }
}
