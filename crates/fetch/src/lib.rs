//! Downloads the files of one model from the Hugging Face Hub into the local cache, where Python's
//! `huggingface_hub` finds them and where it leaves its own.
//!
//! This is the only part of Selectron that touches the network, and it runs only when it is asked to.
//! It is a crate of its own so that nothing else carries an HTTP client: it uses `hf-hub`, the Hub's
//! own client, in the line of versions that goes without an asynchronous runtime and goes on with a
//! download that broke off (0.5; 1.0 starts again from the first byte and brings four times as many
//! packages).
//!
//! - [`settings`] reads the environment; [`plan`] says which of a model's files a run needs;
//! - [`fetch`] does the work and checks what came.

mod fetching;
pub mod plan;
mod request;
pub mod settings;

pub use fetching::{Fetched, Listener, fetch};
pub use settings::Settings;
