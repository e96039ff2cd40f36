//! Interrupts: a stage that is told to stop removes its unfinished files and goes.

/// From now on SIGINT and SIGTERM end the process, with exit code 130 or 143, after its unfinished
/// files have been removed. Finished files stay: the next run takes up from them.
#[cfg(unix)]
pub(super) fn install() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    // Without the handler an interrupt leaves temporary files behind, which the next run removes:
    // no reason to refuse to work.
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else {
        return;
    };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            let _guard = crate::files::abandon_unfinished();
            super::console::Console::error(&format!("stopped by {}", name(signal)));
            // By convention 128 plus the signal's number.
            std::process::exit(128 + signal);
        }
    });
}

#[cfg(unix)]
fn name(signal: i32) -> &'static str {
    if signal == signal_hook::consts::SIGINT {
        "an interrupt"
    } else {
        "a request to terminate"
    }
}

#[cfg(not(unix))]
pub(super) fn install() {}
