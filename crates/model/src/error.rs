//! The workspace's one error type.

pub use selectron_run::error::{Error, Result};
