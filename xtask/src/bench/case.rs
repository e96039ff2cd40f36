//! Cases that are measured inside a process: ours, and PyTorch's beside it.

use super::process::Side;
use super::{BenchFlags, Outcome};
use crate::error::{Error, Result};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// Largest relative difference between the sides' activations: far above what float32 leaves to two
/// correct implementations, far below what any difference in what they compute would make.
const TOLERANCE: f64 = 1e-3;

/// Rest between two runs, so that the threads of one side, which wait for more work in a loop, have
/// gone to sleep when the other side begins.
const REST: Duration = Duration::from_millis(300);

/// Measures a case of `cases.json`: ours, PyTorch's, ours, PyTorch's, and so on.
pub(super) fn measure(flags: &BenchFlags, checkpoint: &Path, case: &Value) -> Result<Outcome> {
    let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
    let name = text("name");
    let mut worker = flags.worker()?;
    worker.arg("run").arg(checkpoint).arg(&name);
    let mut sides = vec![Side::start(worker)?];
    if let Some(torch) = flags.torch(checkpoint, &name)? {
        sides.push(Side::start(torch)?);
    }
    let flops = sides.first().and_then(|(_, ready)| ready["flops"].as_f64());
    let mut seconds: Vec<(String, Vec<f64>)> = Vec::new();
    for _ in 0..flags.runs.get() {
        for (side, _) in &mut sides {
            std::thread::sleep(REST);
            let answer = side.run()?;
            for (manner, value) in answer["seconds"].as_object().into_iter().flatten() {
                let value = value.as_f64().unwrap_or(f64::NAN);
                match seconds.iter_mut().find(|(known, _)| known == manner) {
                    Some((_, values)) => values.push(value),
                    None => seconds.push((manner.clone(), vec![value])),
                }
            }
        }
    }
    let mut peak_bytes = Vec::new();
    let mut samples = Vec::new();
    for (side, _) in sides {
        let last = side.end()?;
        peak_bytes.push(last["peak_bytes"].as_u64());
        let sample = last["sample"].as_array().into_iter().flatten();
        samples.push(sample.filter_map(Value::as_f64).collect::<Vec<_>>());
    }
    let difference = match samples.as_slice() {
        [ours, torch] => Some(agree(&name, ours, torch)?),
        _ => None,
    };
    Ok(Outcome {
        about: text("about"),
        name,
        seconds,
        peak_bytes,
        flops: flops.filter(|flops| *flops > 0.0),
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
