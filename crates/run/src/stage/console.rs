//! What a stage says while it works.

use indicatif::{ProgressBar, ProgressStyle};
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::time::Instant;

/// Prints what a stage read, wrote and how long it took; a closed standard output stops nothing.
#[derive(Debug)]
pub struct Console {
    stage: &'static str,
    started: Instant,
}

impl Console {
    /// Starts the clock of a stage.
    pub fn new(stage: &'static str) -> Self {
        Self {
            stage,
            started: Instant::now(),
        }
    }

    /// A plain line.
    pub fn say(&self, line: impl Display) {
        // Whoever closed the pipe has seen enough; the run's files matter more.
        let _ = writeln!(std::io::stdout().lock(), "{:>8}  {line}", self.stage);
    }

    /// What was read.
    pub fn read(&self, what: impl Display) {
        self.say(format_args!("read   {what}"));
    }

    /// What was written.
    pub fn wrote(&self, what: impl Display) {
        self.say(format_args!("wrote  {what}"));
    }

    /// Something the user should know.
    pub fn warn(&self, what: impl Display) {
        self.say(format_args!("note   {what}"));
    }

    /// The last line of a stage that did its work.
    pub fn done(&self) {
        self.say(format_args!(
            "done in {:.2} s",
            self.started.elapsed().as_secs_f64()
        ));
    }

    /// The last line of a stage that had nothing to do.
    pub fn up_to_date(&self) {
        self.say("up to date (--force redoes it)");
    }

    /// A progress bar on a terminal, nothing elsewhere.
    pub fn progress(&self, what: &str, steps: usize) -> ProgressBar {
        if !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(steps as u64);
        let template = "{prefix:>8}  {msg} [{bar:40}] {pos}/{len} {eta}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(self.stage);
        bar.set_message(what.to_owned());
        bar
    }

    /// `error: …` on the standard error.
    pub fn error(message: &str) {
        let _ = writeln!(std::io::stderr().lock(), "error: {message}");
    }
}
