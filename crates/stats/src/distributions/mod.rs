//! Tail probabilities in logarithms, so that they keep their digits where the probability itself is
//! too small for a double, and the quantiles that belong to them.
//!
//! erfc and ln Γ are `libm`'s, which are right to the last digit or two. `statrs` is used for the
//! normal quantile only, as a start: its erfc is good to 1e-10, and its tails of Student's t and of F
//! are differences from 1, or underflow.

pub mod beta;
pub mod fisher;
pub mod gamma;
pub mod noncentral_t;
pub mod student;

/// ln 10, for turning natural into decimal logarithms.
pub const LN_10: f64 = std::f64::consts::LN_10;
