//! `[words]`: which words to leave out.

use super::documented::documented;
use super::names::Covariate;
use serde::{Deserialize, Serialize};

documented! {
    /// `[words]`
    #[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
    #[serde(deny_unknown_fields, default)]
    pub struct WordsSection {
        /// A list of words to leave out of every category. The path is relative to the pipeline
        /// file. Without it, none.
        pub exclude: Option<String>,
        /// Leave out words that are in more than one category.
        pub exclude_shared: bool,
        /// Keep only words of A and B that can be matched one to one on these properties, and pair
        /// the matches.
        pub r#match: Vec<Covariate>,
    }
}
