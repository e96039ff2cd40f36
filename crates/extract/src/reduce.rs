//! From the activations of a word's tokens to one value a neuron.

use selectron_schema::pipeline::Reduce;

/// Reduces the activations of a word's tokens, each a slice of one value a neuron, into `out`.
///
/// The mean is taken in float64 and rounded once.
pub fn reduce(how: Reduce, tokens: &[&[f32]], out: &mut [f32]) {
    match how {
        Reduce::First => copy(tokens.first(), out),
        Reduce::Last => copy(tokens.last(), out),
        Reduce::Mean => {
            let count = tokens.len() as f64;
            for (neuron, out) in out.iter_mut().enumerate() {
                let values = tokens.iter().filter_map(|token| token.get(neuron));
                let sum: f64 = values.map(|value| f64::from(*value)).sum();
                *out = (sum / count) as f32;
            }
        }
        Reduce::Max => {
            copy(tokens.first(), out);
            for token in tokens {
                for (out, value) in out.iter_mut().zip(*token) {
                    *out = out.max(*value);
                }
            }
        }
    }
}

fn copy(token: Option<&&[f32]>, out: &mut [f32]) {
    if let Some(token) = token {
        for (out, value) in out.iter_mut().zip(*token) {
            *out = *value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reduction_does_what_it_says() {
        let tokens: [&[f32]; 3] = [&[1.0, -5.0], &[4.0, -2.0], &[1.0, -8.0]];
        let reduced = |how| {
            let mut out = [0.0; 2];
            reduce(how, &tokens, &mut out);
            out
        };
        assert_eq!(reduced(Reduce::First), [1.0, -5.0]);
        assert_eq!(reduced(Reduce::Last), [1.0, -8.0]);
        assert_eq!(reduced(Reduce::Mean), [2.0, -5.0]);
        assert_eq!(reduced(Reduce::Max), [4.0, -2.0]);
    }
}
