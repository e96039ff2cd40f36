//! `[model]`: the model to record.

use super::documented::documented;
use serde::{Deserialize, Serialize};

documented! {
    /// `[model]`
    #[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    pub struct ModelSection {
        /// The name of a bundled model (`artifacts/models/<name>`), a directory in Hugging Face
        /// layout, `hub:<owner>/<repo>[@<revision>]`, or `simulate`. The flag `--model`
        /// takes its place.
        pub source: String,
    }
}
