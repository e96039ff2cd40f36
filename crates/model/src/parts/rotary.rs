//! Rotary position embedding (Su et al. 2021, arXiv:2104.09864).

use super::Sequences;
use crate::host;
use burn::tensor::{Device, Tensor, TensorData};
use std::f64::consts::TAU;

/// How the frequencies are changed so that a model reaches further than it was first trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stretch {
    /// They are not.
    None,
    /// Every frequency is divided by the factor (Chen et al. 2023, arXiv:2306.15595).
    Linear {
        /// By how much the positions are squeezed.
        factor: f64,
    },
    /// Low frequencies are divided by the factor, high ones are left, those between are blended, as
    /// in Llama 3.1 (transformers, `_compute_llama3_parameters`).
    Llama3 {
        /// By how much low frequencies are divided.
        factor: f64,
        /// Wavelengths above `original_context / low_frequency` are stretched in full.
        low_frequency: f64,
        /// Wavelengths below `original_context / high_frequency` are left alone.
        high_frequency: f64,
        /// The context that the model was first trained with.
        original_context: f64,
    },
}

/// Which part of each head is rotated, and how fast.
#[derive(Debug, Clone, PartialEq)]
pub struct Rotary {
    /// The first so many values of each head are rotated; an even number.
    pub width: usize,
    /// The base of the frequencies, `theta`: the i-th pair turns by `theta^(-2i / width)` a position.
    pub theta: f64,
    /// How the frequencies are changed.
    pub stretch: Stretch,
}

impl Rotary {
    /// Radians a position, for each rotated pair.
    ///
    /// They are rounded to float32 where transformers rounds them: far into a text the angle's
    /// rounding is larger than anything else, and a model sees the same angles from us as it saw in
    /// training.
    fn frequencies(&self) -> Vec<f32> {
        (0..self.width / 2)
            .map(|pair| {
                let exponent = (2 * pair) as f32 / self.width as f32;
                let power = self.theta.powf(f64::from(exponent)) as f32;
                self.stretch.apply(1.0 / power)
            })
            .collect()
    }

    /// The angles of the first `length` positions.
    pub fn angles(&self, length: usize, device: &Device) -> Angles {
        let frequencies = self.frequencies();
        let angles: Vec<f32> = (0..length)
            .flat_map(|position| {
                let at = move |frequency: &f32| position as f32 * frequency;
                frequencies.iter().map(at)
            })
            .collect();
        let table = |f: fn(f32) -> f32| {
            let values: Vec<f32> = angles.iter().map(|angle| f(*angle)).collect();
            let data = TensorData::new(values, [1, 1, length, self.width / 2]);
            Tensor::from_data(data, device)
        };
        Angles {
            cos: table(f32::cos),
            sin: table(f32::sin),
        }
    }
}

impl Stretch {
    fn apply(self, frequency: f32) -> f32 {
        match self {
            Self::None => frequency,
            Self::Linear { factor } => frequency / factor as f32,
            Self::Llama3 {
                factor,
                low_frequency,
                high_frequency,
                original_context,
            } => {
                let wavelength = TAU as f32 / frequency;
                let stretched = frequency / factor as f32;
                if wavelength < (original_context / high_frequency) as f32 {
                    frequency
                } else if wavelength > (original_context / low_frequency) as f32 {
                    stretched
                } else {
                    let smooth = (original_context as f32 / wavelength - low_frequency as f32)
                        / (high_frequency - low_frequency) as f32;
                    (1.0 - smooth) * frequency / factor as f32 + smooth * frequency
                }
            }
        }
    }
}

/// Cosines and sines of a sequence's positions.
#[derive(Debug, Clone)]
pub struct Angles {
    /// `[1, 1, length, width / 2]`
    cos: Tensor<4>,
    /// `[1, 1, length, width / 2]`
    sin: Tensor<4>,
}

impl Angles {
    /// [`Angles::rotate`] in place, before heads are cut; also gives whether it was done, which it is
    /// not where the values cannot be had.
    ///
    /// # Shapes
    /// - `x` and result: `[batch, length, heads x head width]`
    pub(crate) fn rotate_on_host(
        &self,
        x: Tensor<3>,
        sequences: &Sequences,
        head_width: usize,
    ) -> (Tensor<3>, bool) {
        let [batch, length, row] = x.dims();
        let [.., half] = self.cos.dims();
        let (Some(cos), Some(sin)) = (host::values(&self.cos), host::values(&self.sin)) else {
            return (x, false);
        };
        host::change(x, |values| {
            let positions: Vec<_> = sequences.positions().collect();
            debug_assert_eq!(positions.len(), batch * length);
            host::rotate(values, &cos, &sin, &positions, [row, head_width, half]);
        })
    }

    /// Turns the i-th value of the rotated part together with the one half the part's width further
    /// on, as transformers pairs them; leaves the rest of the head as it is.
    ///
    /// # Shapes
    /// - `x` and result: `[batch, heads, length, head width]`
    pub fn rotate(&self, x: Tensor<4>) -> Tensor<4> {
        let [.., width] = x.dims();
        let [.., half] = self.cos.dims();
        let a = x.clone().narrow(3, 0, half);
        let b = x.clone().narrow(3, half, half);
        let (cos, sin) = (self.cos.clone(), self.sin.clone());
        let mut parts = vec![
            a.clone() * cos.clone() - b.clone() * sin.clone(),
            b * cos + a * sin,
        ];
        if width > 2 * half {
            parts.push(x.narrow(3, 2 * half, width - 2 * half));
        }
        Tensor::cat(parts, 3)
    }
}
