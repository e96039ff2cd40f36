//! Cases that are measured inside a process: ours, and PyTorch's beside it.

use super::flags::BenchFlags;
use super::outcome::Outcome;
use super::process::Side;
use crate::error::{Error, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Largest relative difference between the sides' activations: far above what float32 leaves to two
/// correct implementations, far below what any difference in what they compute would make.
const TOLERANCE: f64 = 1e-3;

/// Rest between two runs, so that the threads of one side, which wait for more work in a loop, have
/// gone to sleep when the other side begins.
const REST: Duration = Duration::from_millis(300);

/// A case of `cases.json`, as far as it matters here; the sides know the rest.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Case {
    pub(super) name: String,
    about: String,
    pub(super) by_default: bool,
}

/// What a side says once it is ready.
#[derive(Deserialize)]
struct Ready {
    /// Operations of the matrix products in a run; only ours knows.
    flops: Option<f64>,
}

/// What a side says after a run.
#[derive(Deserialize)]
struct Answer {
    /// How long each manner of doing it took.
    seconds: BTreeMap<String, f64>,
}

/// What a side says at its end.
#[derive(Deserialize)]
struct Last {
    peak_bytes: Option<u64>,
    sample: Vec<f64>,
}

/// Measures a case of `cases.json`: ours, PyTorch's, ours, PyTorch's, and so on.
pub(super) fn measure(flags: &BenchFlags, checkpoint: &Path, case: &Case) -> Result<Outcome> {
    let Case { name, about, .. } = case;
    let mut worker = flags.worker()?;
    worker.arg("run").arg(checkpoint).arg(name);
    let (ours, ready) = Side::start::<Ready>(worker)?;
    let mut sides = vec![ours];
    if let Some(torch) = flags.torch(checkpoint, name)? {
        sides.push(Side::start::<Ready>(torch)?.0);
    }
    let mut seconds: Vec<(String, Vec<f64>)> = Vec::new();
    for _ in 0..flags.runs.get() {
        for side in &mut sides {
            std::thread::sleep(REST);
            let answer: Answer = side.run()?;
            for (manner, value) in answer.seconds {
                match seconds.iter_mut().find(|(known, _)| *known == manner) {
                    Some((_, values)) => values.push(value),
                    None => seconds.push((manner, vec![value])),
                }
            }
        }
    }
    let mut peak_bytes = Vec::new();
    let mut samples = Vec::new();
    for side in sides {
        let last: Last = side.end()?;
        peak_bytes.push(last.peak_bytes);
        samples.push(last.sample);
    }
    let difference = match samples.as_slice() {
        [ours, torch] => Some(agree(name, ours, torch)?),
        _ => None,
    };
    Ok(Outcome {
        about: about.clone(),
        name: name.clone(),
        seconds,
        peak_bytes,
        flops: ready.flops.filter(|flops| *flops > 0.0),
        difference,
    })
}

/// The relative difference of two samples, which must be small: a comparison of speed means something
/// only if both sides compute the same.
fn agree(name: &str, ours: &[f64], torch: &[f64]) -> Result<f64> {
    let size: f64 = torch.iter().map(|value| value * value).sum();
    let squares = ours.iter().zip(torch).map(|(a, b)| (a - b).powi(2));
    let difference = (squares.sum::<f64>() / size).sqrt();
    if ours.len() == torch.len() && difference <= TOLERANCE {
        return Ok(difference);
    }
    Err(Error::new(
        format!(
            "the sides compute different things for {name}: {} and {} activations that differ by \
             {difference:.1e} of their size, where {TOLERANCE:.0e} is allowed",
            ours.len(),
            torch.len()
        ),
        "find out which side is wrong first: a comparison of speed would mean nothing",
    ))
}

#[cfg(test)]
mod tests {
    use super::agree;

    #[test]
    fn sides_that_disagree_are_refused() {
        let ours = [1.0, 2.0, 3.0];
        assert_eq!(agree("a", &ours, &ours).unwrap(), 0.0);
        assert!(agree("a", &ours, &[1.0, 2.0, 3.0001]).unwrap() > 1e-5);
        assert!(agree("a", &ours, &[1.0, 2.0, 3.1]).is_err());
        assert!(agree("a", &ours, &[1.0, 2.0]).is_err());
        assert!(agree("a", &[], &[]).is_err());
        assert!(agree("a", &ours, &[1.0, 2.0, f64::NAN]).is_err());
    }
}
