//! Rotary position embedding (Su et al. 2021, arXiv:2104.09864).

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
    /// How many values of each head, from its first on, are rotated; an even number.
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

    /// The cosines and sines of the first `length` positions.
    pub fn angles(&self, length: usize) -> Angles {
        let frequencies = self.frequencies();
        let mut angles = Vec::with_capacity(length * frequencies.len());
        for position in 0..length {
            let turned = frequencies.iter();
            angles.extend(turned.map(|frequency| position as f32 * frequency));
        }
        Angles {
            cos: angles.iter().map(|angle| angle.cos()).collect(),
            sin: angles.iter().map(|angle| angle.sin()).collect(),
            half: self.width / 2,
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

/// Cosines and sines of a sequence's positions, for each rotated pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Angles {
    /// `[length, half]`
    pub cos: Vec<f32>,
    /// `[length, half]`
    pub sin: Vec<f32>,
    /// Rotated pairs per head: half the width of the rotated part.
    pub half: usize,
}
