//! `[model]`: the model to record.

use super::documented::documented;
use serde::{Deserialize, Serialize};

documented! {
    /// `[model]`
    #[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    pub struct ModelSection {
        /// A bundled model by its name (those in `artifacts/models`), a directory in Hugging Face layout,
        /// `hub:<owner>/<repo>[@<revision>]` for a model in the local Hugging Face cache, or
        /// `simulate`. The flag `--model` takes its place.
        pub source: String,
    }
}
