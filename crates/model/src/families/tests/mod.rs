//! What holds of every family, tried on every checkpoint of `tests/reference/models`.

mod configs;
mod identities;
mod mistakes;
mod norms;
mod parity;
pub(crate) mod reference;
