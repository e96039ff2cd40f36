//! A key with a value that makes no sense.

/// What is wrong with a key, and what to do about it; the file's path is added by whoever knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) key: &'static str,
    pub(super) what: String,
    pub(super) remedy: String,
}

impl Problem {
    pub(super) fn at(
        key: &'static str,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            key,
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}
