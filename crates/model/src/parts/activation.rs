//! The nonlinearity of the MLP.

use burn::tensor::{Tensor, activation};

/// A nonlinearity, by what a checkpoint's configuration calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// `gelu_new`: the tanh approximation of GELU (Hendrycks and Gimpel 2016, arXiv:1606.08415),
    /// `0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`. GPT-2 and GPT-Neo were trained with it.
    GeluTanh,
    /// `gelu`: the exact GELU, `x Phi(x)` with the normal distribution function.
    Gelu,
    /// `relu`.
    Relu,
    /// `silu` or `swish`: `x sigmoid(x)`.
    Silu,
}

impl Activation {
    /// The activation that a configuration names, under transformers' names.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "gelu_new" | "gelu_fast" | "gelu_pytorch_tanh" => Some(Self::GeluTanh),
            "gelu" => Some(Self::Gelu),
            "relu" => Some(Self::Relu),
            "silu" | "swish" => Some(Self::Silu),
            _ => None,
        }
    }

    /// Applies it to each value.
    pub fn forward<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::GeluTanh => activation::gelu_approximate(x),
            Self::Gelu => activation::gelu(x),
            Self::Relu => activation::relu(x),
            Self::Silu => activation::silu(x),
        }
    }
}
