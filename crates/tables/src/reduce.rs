//! From the activations of a word's tokens to one value per neuron.

use selectron_run::pipeline::Reduce;

/// Neurons whose sums are held at a time.
const LANES: usize = 16;

/// Reduces the activations of a word's tokens, each a slice of one value per neuron, into `out`.
///
/// The mean is taken in float64 and rounded once.
///
/// # Panics
/// Without a token, or when a token is not as wide as `out`: both are mistakes of the caller.
pub fn reduce<'a>(
    how: Reduce,
    mut tokens: impl Iterator<Item = &'a [f32]> + Clone,
    out: &mut [f32],
) {
    match how {
        Reduce::First => copy(tokens.next(), out),
        Reduce::Last => copy(tokens.last(), out),
        Reduce::Max => {
            copy(tokens.next(), out);
            for token in tokens {
                assert_eq!(token.len(), out.len(), "a token's width");
                for (out, value) in out.iter_mut().zip(token) {
                    *out = out.max(*value);
                }
            }
        }
        Reduce::Mean => {
            let count = tokens.clone().count() as f64;
            assert!(count > 0.0, "a word without tokens");
            for (chunk, out) in out.chunks_mut(LANES).enumerate() {
                let mut sums = [0.0_f64; LANES];
                let first = chunk * LANES;
                for token in tokens.clone() {
                    let values = &token[first..first + out.len()];
                    for (sum, value) in sums.iter_mut().zip(values) {
                        *sum += f64::from(*value);
                    }
                }
                for (out, sum) in out.iter_mut().zip(sums) {
                    *out = (sum / count) as f32;
                }
            }
        }
    }
}

fn copy(token: Option<&[f32]>, out: &mut [f32]) {
    let token = token.unwrap_or_default();
    assert!(!token.is_empty() || out.is_empty(), "a word without tokens");
    out.copy_from_slice(token);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reduction_does_what_it_says() {
        let tokens: [&[f32]; 3] = [&[1.0, -5.0], &[4.0, -2.0], &[1.0, -8.0]];
        let reduced = |how: Reduce| {
            let mut out = [0.0; 2];
            reduce(how, tokens.into_iter(), &mut out);
            out
        };
        assert_eq!(reduced(Reduce::First), [1.0, -5.0]);
        assert_eq!(reduced(Reduce::Last), [1.0, -8.0]);
        assert_eq!(reduced(Reduce::Mean), [2.0, -5.0]);
        assert_eq!(reduced(Reduce::Max), [4.0, -2.0]);
    }

    #[test]
    #[should_panic(expected = "a word without tokens")]
    fn no_token_is_no_zero() {
        reduce(Reduce::Last, std::iter::empty(), &mut [0.0; 2]);
    }

    #[test]
    fn the_mean_is_rounded_once_whatever_the_neurons_place() {
        let token = |scale: f32| (0..40).map(|i| scale * i as f32 / 7.0).collect::<Vec<_>>();
        let tokens = [token(1.0), token(-0.3), token(1e6)];
        let mut out = [0.0; 40];
        reduce(Reduce::Mean, tokens.iter().map(Vec::as_slice), &mut out);
        for (neuron, mean) in out.iter().enumerate() {
            let sum: f64 = tokens.iter().map(|token| f64::from(token[neuron])).sum();
            assert_eq!(*mean, (sum / 3.0) as f32);
        }
    }
}
