//! The nonlinearity of the MLP.

/// A nonlinearity, by what a checkpoint's configuration calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// `gelu_new`: the tanh approximation of GELU (Hendrycks and Gimpel 2016, arXiv:1606.08415),
    /// `0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`. GPT-2 and GPT-Neo were trained with it.
    GeluTanh,
    /// `gelu`: the exact GELU, `x Phi(x)` with the normal distribution function. BERT and Pythia
    /// were trained with it.
    Gelu,
    /// `quick_gelu`: `x sigmoid(1.702 x)`.
    QuickGelu,
    /// `relu`.
    Relu,
    /// `silu` or `swish`: `x sigmoid(x)`.
    Silu,
}

impl Activation {
    /// The names that [`Activation::from_name`] understands, under transformers' names.
    pub const NAMES: &[(&str, Self)] = &[
        ("gelu", Self::Gelu),
        ("gelu_accurate", Self::GeluTanh),
        ("gelu_fast", Self::GeluTanh),
        ("gelu_new", Self::GeluTanh),
        ("gelu_python", Self::Gelu),
        ("gelu_python_tanh", Self::GeluTanh),
        ("gelu_pytorch_tanh", Self::GeluTanh),
        ("quick_gelu", Self::QuickGelu),
        ("relu", Self::Relu),
        ("silu", Self::Silu),
        ("swish", Self::Silu),
    ];

    /// The activation that a configuration names.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, activation)| *activation)
    }
}
