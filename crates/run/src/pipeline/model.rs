//! `[model]`: the model to record.

use super::documented::documented;
use serde::{Deserialize, Serialize};

documented! {
    /// `[model]`
    #[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    pub struct ModelSection {
        /// `artifacts/models/<name>` by its name, a directory, or `hub:<owner>/<repo>[@<revision>]`.
        pub source: String,
    }
}
