//! Libraries that panic over a damaged file.
//!
//! Some readers of complicated formats end in a panic over a file that breaks a rule they rely on.
//! Where one is called on a file from outside, it is called through here, and the user learns that
//! the file is damaged, not that a program has a bug.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Calls a library; a panic in it becomes an error that holds its message.
///
/// # Errors
/// When the call panics. What it was working on must not be used any more.
pub fn guarded<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    let before = GUARDED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(call));
    GUARDED.set(before);
    outcome.map_err(|panic| message(panic.as_ref()))
}

/// Whether this thread is in a guarded call, whose panic is reported by whoever made the call.
pub(crate) fn is_guarded() -> bool {
    GUARDED.get()
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error() {
        assert_eq!(guarded(|| 3), Ok(3));
        assert!(!is_guarded());
        let reason = "a rule was broken";
        assert_eq!(
            guarded(|| -> usize {
                assert!(is_guarded());
                panic!("{reason}")
            }),
            Err(reason.to_owned())
        );
        assert!(!is_guarded());
    }
}
