//! Processes that measure, and how they are spoken with.

use crate::error::{Error, Result};
use crate::process::{failed, failed_as, show};
use serde::de::DeserializeOwned;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// A side of a comparison: a process that has loaded a case and runs it when told to.
pub(super) struct Side {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    command: String,
}

impl Side {
    /// Starts a side and waits until it is ready; returns what it says then.
    pub(super) fn start<T: DeserializeOwned>(mut command: Command) -> Result<(Self, T)> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = spawn(&mut command)?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed(&command, "has no standard input and output"));
        };
        let mut side = Self {
            child,
            input: Some(input),
            output: BufReader::new(output),
            command: show(&command),
        };
        let ready = side.read()?;
        Ok((side, ready))
    }

    /// Runs the case once.
    pub(super) fn run<T: DeserializeOwned>(&mut self) -> Result<T> {
        let told = self
            .input
            .as_mut()
            .map(|input| input.write_all(b"run\n").and_then(|()| input.flush()));
        match told {
            Some(Ok(())) => self.read(),
            _ => Err(self.failed("stopped reading")),
        }
    }

    /// Lets the side end; returns its last words.
    pub(super) fn end<T: DeserializeOwned>(mut self) -> Result<T> {
        self.input = None;
        let last = self.read()?;
        match self.child.wait() {
            Ok(status) if status.success() => Ok(last),
            _ => Err(self.failed("failed")),
        }
    }

    fn read<T: DeserializeOwned>(&mut self) -> Result<T> {
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(length) if length > 0 => serde_json::from_str(&line)
                .map_err(|_| self.failed(&format!("said `{}`", line.trim()))),
            _ => Err(self.failed("ended early")),
        }
    }

    fn failed(&self, what: &str) -> Error {
        failed_as(&self.command, what)
    }
}

/// Runs a command that prints one line of JSON.
pub(super) fn output<T: DeserializeOwned>(command: Command) -> Result<T> {
    let (mut side, line) = Side::start(command)?;
    side.input = None;
    match side.child.wait() {
        Ok(status) if status.success() => Ok(line),
        _ => Err(side.failed("failed")),
    }
}

/// Runs a command to its end, without its standard output; returns the seconds it took and the peak
/// memory of the largest process in it.
pub(super) fn watch(command: &mut Command) -> Result<(f64, Option<u64>)> {
    let started = Instant::now();
    let mut child = spawn(command.stdin(Stdio::null()).stdout(Stdio::null()))?;
    let mut peak = None;
    loop {
        // The kernel keeps the mark itself, so that only what a process adds in its last
        // milliseconds can be missed.
        peak = peak.max(peak_bytes(child.id()));
        match child.try_wait() {
            Ok(Some(status)) if status.success() => {
                return Ok((started.elapsed().as_secs_f64(), peak));
            }
            Ok(Some(status)) => return Err(failed(command, &format!("failed ({status})"))),
            Ok(None) => std::thread::sleep(Duration::from_millis(2)),
            Err(error) => return Err(failed(command, &format!("was lost ({error})"))),
        }
    }
}

fn spawn(command: &mut Command) -> Result<Child> {
    let child = command.spawn();
    child.map_err(|error| failed(command, &format!("could not be started ({error})")))
}

/// The largest number of bytes that a process, or one that it has started and that still runs, has
/// held in memory; none where the system does not tell.
fn peak_bytes(process: u32) -> Option<u64> {
    let folder = Path::new("/proc").join(process.to_string());
    let status = std::fs::read_to_string(folder.join("status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    let children = folder
        .join("task")
        .join(process.to_string())
        .join("children");
    let children = std::fs::read_to_string(children).unwrap_or_default();
    let children = children
        .split_whitespace()
        .filter_map(|child| child.parse().ok());
    children
        .map(peak_bytes)
        .fold(Some(kibibytes << 10), Option::max)
}
