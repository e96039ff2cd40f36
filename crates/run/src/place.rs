//! Where a neuron is, and which side of a contrast it answers to.

use crate::site::Site;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A recording site of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The site.
    pub site: Site,
    /// The layer, from 0.
    pub layer: usize,
}

impl Place {
    /// A site of a layer.
    pub const fn new(site: Site, layer: usize) -> Self {
        Self { site, layer }
    }

    /// One of its neurons.
    pub const fn neuron(self, neuron: usize) -> NeuronId {
        NeuronId {
            place: self,
            neuron,
        }
    }

    /// Sorts places as a forward pass meets them: by layer, then by site.
    pub const fn forward_order(self) -> (usize, Site) {
        (self.layer, self.site)
    }
}

impl fmt::Display for Place {
    /// `mlp.pre, layer 3`, as messages have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, layer {}", self.site, self.layer)
    }
}

/// One neuron: a coordinate of a site of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NeuronId {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place,
    /// Its number there, from 0.
    pub neuron: usize,
}

impl NeuronId {
    /// A neuron by its site, layer and number.
    pub const fn new(site: Site, layer: usize, neuron: usize) -> Self {
        Place::new(site, layer).neuron(neuron)
    }
}

impl fmt::Display for NeuronId {
    /// `mlp.pre/1/905`, as links and flags have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { site, layer } = self.place;
        write!(f, "{site}/{layer}/{}", self.neuron)
    }
}

impl FromStr for NeuronId {
    type Err = String;

    /// Reads `mlp.pre/1/905`; the error is a phrase.
    fn from_str(text: &str) -> Result<Self, String> {
        let malformed = || format!("`{text}` names no neuron: write it as mlp.pre/1/905");
        let mut fields = text.split('/');
        let (Some(site), Some(layer), Some(neuron), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(malformed());
        };
        let number = |field: &str| field.parse::<usize>().map_err(|_| malformed());
        Ok(Self::new(site.parse()?, number(layer)?, number(neuron)?))
    }
}

/// A side of a contrast of two categories.
///
/// The pipeline's first category is A, its second B; a positive t means that A is higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The first category, which positive effects prefer.
    A,
    /// The second category, which negative effects prefer.
    B,
}

impl Side {
    /// Both sides, A first.
    pub const BOTH: [Self; 2] = [Self::A, Self::B];

    /// The side that an effect of this sign prefers; an effect of 0 prefers neither, and counts as
    /// A's only where a side must be shown.
    pub fn of_effect(effect: f64) -> Self {
        if effect < 0.0 { Self::B } else { Self::A }
    }

    /// The other side.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// Its place among the pipeline's categories.
    pub const fn index(self) -> usize {
        match self {
            Self::A => 0,
            Self::B => 1,
        }
    }

    /// The side of the category at a place among the pipeline's categories; none of a further one.
    pub const fn of_category(index: usize) -> Option<Self> {
        match index {
            0 => Some(Self::A),
            1 => Some(Self::B),
            _ => None,
        }
    }

    /// The sign of an effect that prefers it.
    pub const fn sign(self) -> f64 {
        match self {
            Self::A => 1.0,
            Self::B => -1.0,
        }
    }

    /// `a` or `b`, as in names of files and columns.
    pub const fn letter(self) -> char {
        match self {
            Self::A => 'a',
            Self::B => 'b',
        }
    }
}

/// One value for each side of a contrast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
pub struct Sides<T> {
    /// A's.
    pub a: T,
    /// B's.
    pub b: T,
}

impl<T> Sides<T> {
    /// Makes each side's value.
    pub fn of(mut make: impl FnMut(Side) -> T) -> Self {
        Self {
            a: make(Side::A),
            b: make(Side::B),
        }
    }

    /// The value of a side.
    pub const fn get(&self, side: Side) -> &T {
        match side {
            Side::A => &self.a,
            Side::B => &self.b,
        }
    }

    /// The value of a side, to be changed.
    pub const fn get_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }

    /// Both sides with their values, A first.
    pub fn iter(&self) -> impl Iterator<Item = (Side, &T)> {
        Side::BOTH.into_iter().map(|side| (side, self.get(side)))
    }

    /// The same sides with other values.
    pub fn map<U>(self, mut change: impl FnMut(T) -> U) -> Sides<U> {
        Sides {
            a: change(self.a),
            b: change(self.b),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neurons_name_reads_back() {
        let neuron = NeuronId::new(Site::MlpPre, 1, 905);
        assert_eq!(neuron.to_string(), "mlp.pre/1/905");
        assert_eq!("mlp.pre/1/905".parse(), Ok(neuron));
        for wrong in ["mlp.pre/1", "mlp.pre/1/905/3", "mlp.pre/one/2", "mlp/1/2"] {
            assert!(wrong.parse::<NeuronId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn sides_are_signs_indices_and_values() {
        for side in Side::BOTH {
            assert_eq!(Side::of_effect(side.sign()), side);
            assert_eq!(Side::of_category(side.index()), Some(side));
            assert_ne!(side.other(), side);
            assert_eq!(*Sides::of(|side| side).get(side), side);
        }
        assert_eq!(Side::of_category(2), None);
    }
}
