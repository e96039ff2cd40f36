//! From the activations of a word's tokens to one value a neuron.

use super::Reduce;

/// Neurons whose sums are held at a time.
const LANES: usize = 16;

impl Reduce {
    /// Reduces the activations of a word's tokens, each a slice of one value a neuron, into `out`.
    ///
    /// The mean is taken in float64 and rounded once. Without tokens `out` stays as it is, or is NaN
    /// for the mean.
    pub fn apply<'a>(self, mut tokens: impl Iterator<Item = &'a [f32]> + Clone, out: &mut [f32]) {
        match self {
            Self::First => copy(tokens.next(), out),
            Self::Last => copy(tokens.last(), out),
            Self::Max => {
                copy(tokens.next(), out);
                for token in tokens {
                    for (out, value) in out.iter_mut().zip(token) {
                        *out = out.max(*value);
                    }
                }
            }
            Self::Mean => {
                let count = tokens.clone().count() as f64;
                for (chunk, out) in out.chunks_mut(LANES).enumerate() {
                    let mut sums = [0.0_f64; LANES];
                    for token in tokens.clone() {
                        let values = token.get(chunk * LANES..).unwrap_or(&[]);
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
}

fn copy(token: Option<&[f32]>, out: &mut [f32]) {
    for (out, value) in out.iter_mut().zip(token.unwrap_or(&[])) {
        *out = *value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reduction_does_what_it_says() {
        let tokens: [&[f32]; 3] = [&[1.0, -5.0], &[4.0, -2.0], &[1.0, -8.0]];
        let reduced = |how: Reduce| {
            let mut out = [0.0; 2];
            how.apply(tokens.into_iter(), &mut out);
            out
        };
        assert_eq!(reduced(Reduce::First), [1.0, -5.0]);
        assert_eq!(reduced(Reduce::Last), [1.0, -8.0]);
        assert_eq!(reduced(Reduce::Mean), [2.0, -5.0]);
        assert_eq!(reduced(Reduce::Max), [4.0, -2.0]);
    }

    #[test]
    fn the_mean_is_rounded_once_whatever_the_neurons_place() {
        let token = |scale: f32| (0..40).map(|i| scale * i as f32 / 7.0).collect::<Vec<_>>();
        let tokens = [token(1.0), token(-0.3), token(1e6)];
        let mut out = [0.0; 40];
        Reduce::Mean.apply(tokens.iter().map(Vec::as_slice), &mut out);
        for (neuron, mean) in out.iter().enumerate() {
            let sum: f64 = tokens.iter().map(|token| f64::from(token[neuron])).sum();
            assert_eq!(*mean, (sum / 3.0) as f32);
        }
    }
}
