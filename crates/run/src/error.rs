//! The one error type: a sentence that says where, what is wrong, and what to do about it.

use std::error::Error as StdError;
use std::fmt;
use std::path::Path;

/// A `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as every crate of the workspace reports it.
///
/// It is shown as one line: `{place}: {what}; {remedy}`, without the place or the remedy where
/// there is none. A mistake of ours is shown as an internal error instead, by [`bug_sentence`].
#[derive(Debug)]
pub struct Error(Box<Parts>);

#[derive(Debug)]
struct Parts {
    place: Option<String>,
    what: String,
    remedy: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    is_bug: bool,
}

impl Error {
    /// Something is wrong that has no place of its own.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            place: None,
            what: what.into(),
            remedy: Some(remedy.into()),
            source: None,
            is_bug: false,
        }))
    }

    /// Something is wrong at a place: a file, and a line or key where there is one.
    pub fn input(
        place: impl fmt::Display,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::new(what, remedy).at(place)
    }

    /// A file of the run directory does not fit this run.
    pub fn artifact(
        path: impl AsRef<Path>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::input(path.as_ref().display(), what, remedy)
    }

    /// The operating system refused a file operation: `cannot {action} {path}: …`. `action` is a
    /// verb, such as `read` or `create`.
    pub fn io(action: &str, path: impl AsRef<Path>, source: std::io::Error) -> Self {
        let what = format!("cannot {action} {}: {source}", path.as_ref().display());
        Self::new(what, io_remedy(&source)).caused_by(source)
    }

    /// Something that cannot happen has happened: a mistake of ours.
    pub fn bug(what: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            place: None,
            what: what.into(),
            remedy: None,
            source: None,
            is_bug: true,
        }))
    }

    /// The same error, at a place.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.0.place = Some(place.to_string());
        self
    }

    /// The same error, with the error that caused it; [`StdError::source`] gives it back.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Where it is, if anywhere: a file, with line or key where there is one.
    pub fn place(&self) -> Option<&str> {
        self.0.place.as_deref()
    }

    /// What is wrong.
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// What to do about it; none for a mistake of ours.
    pub fn remedy(&self) -> Option<&str> {
        self.0.remedy.as_deref()
    }

    /// Whether it is a mistake of ours rather than of an input or of the machine.
    pub fn is_bug(&self) -> bool {
        self.0.is_bug
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts {
            place,
            what,
            remedy,
            is_bug,
            ..
        } = &*self.0;
        if *is_bug {
            return f.write_str(&bug_sentence(what));
        }
        if let Some(place) = place {
            write!(f, "{place}: ")?;
        }
        f.write_str(what)?;
        match remedy {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}

/// How a mistake of ours is reported to the user, whether it is an [`Error::bug`] or a panic.
pub fn bug_sentence(what: impl fmt::Display) -> String {
    format!(
        "internal error: {what}; this is a bug in Selectron, please report it with the pipeline file"
    )
}

/// What a user can do about an operating-system error.
fn io_remedy(source: &std::io::Error) -> &'static str {
    match source.kind() {
        std::io::ErrorKind::NotFound => "check the path",
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            "choose a folder that you may write to with --out, or change its permissions"
        }
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            "free some space, or choose another folder with --out"
        }
        _ => "fix that and run again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_sentence_with_place_what_and_remedy() {
        let error = Error::input("words.txt, line 3", "not a word", "remove it");
        assert_eq!(
            error.to_string(),
            "words.txt, line 3: not a word; remove it"
        );
        assert_eq!(Error::new("no", "do").to_string(), "no; do");
        let source = std::io::Error::from(std::io::ErrorKind::NotFound);
        let error = Error::io("read", "a.txt", source);
        assert!(
            error.to_string().starts_with("cannot read a.txt: "),
            "{error}"
        );
        assert!(error.source().is_some() && error.remedy() == Some("check the path"));
    }

    #[test]
    fn a_bug_is_reported_as_one() {
        let error = Error::bug("two heads");
        assert!(error.is_bug());
        assert_eq!(
            error.to_string(),
            "internal error: two heads; this is a bug in Selectron, please report it with the \
             pipeline file"
        );
    }
}
