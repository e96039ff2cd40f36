//! Starts a target in a child process, and keeps what it finds.

use crate::child::{CURRENT, FINDING, Order};
use crate::seeds::{findings_folder, read_folder};
use selectron_run::files::sha256;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Inputs of each target in an ordinary run of the tests.
const CASES: u64 = 300;

/// What a child may map into memory, in KiB: 1 GiB, of which programs and stacks take a part.
const MEMORY: u64 = 1 << 20;

/// A target that finds so much is broken enough.
const ENOUGH: usize = 10;

/// Replays what was once found, then tries new inputs: a fixed number, or for as many minutes as
/// `SELECTRON_FUZZ_MINUTES` says.
pub(crate) fn fuzz(target: &str) {
    let folder = tempfile::tempdir().unwrap();
    for (name, input) in read_folder(&findings_folder(target)) {
        std::fs::write(folder.path().join("input"), input).unwrap();
        let order = Order {
            target: target.to_owned(),
            input: true,
            ..Order::default()
        };
        if let Some(finding) = run(&order, folder.path()) {
            panic!("{target}: what {name} once found is back: {finding}");
        }
    }
    let minutes = std::env::var("SELECTRON_FUZZ_MINUTES");
    let minutes: Option<f64> = minutes.ok().map(|minutes| minutes.parse().unwrap());
    let started = Instant::now();
    let mut findings = Vec::new();
    let mut seed = match minutes {
        None => 0,
        // Long runs see other inputs every time.
        Some(_) => std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(1, |now| now.as_secs()),
    };
    loop {
        let left = minutes.map(|minutes| {
            Duration::from_secs_f64(minutes * 60.0).saturating_sub(started.elapsed())
        });
        if left == Some(Duration::ZERO) || findings.len() >= ENOUGH {
            break;
        }
        let order = Order {
            target: target.to_owned(),
            input: false,
            // A seed that does harm would do it again.
            mutations_only: !findings.is_empty(),
            seed,
            cases: if minutes.is_none() { CASES } else { u64::MAX },
            milliseconds: left.map_or(u64::MAX, |left| left.as_millis() as u64),
        };
        if let Some(finding) = run(&order, folder.path()) {
            let place = keep(target, folder.path());
            eprintln!("{target}: {finding} ({place})");
            findings.push(format!("{place}: {finding}"));
        }
        if minutes.is_none() {
            break;
        }
        seed += 1;
    }
    assert!(findings.is_empty(), "{target}:\n{}", findings.join("\n"));
}

/// Runs a child; how it failed, if it did.
fn run(order: &Order, folder: &Path) -> Option<String> {
    for name in [FINDING, CURRENT] {
        let _ = std::fs::remove_file(folder.join(name));
    }
    let output = Command::new("bash")
        .args(["-c", "ulimit -v \"$1\" -c 0; shift; exec \"$@\"", "bash"])
        .arg(MEMORY.to_string())
        .arg(std::env::current_exe().unwrap())
        .args([
            "child_process",
            "--exact",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .envs(order.to_variables(folder))
        // Every thread's stack, and every thread's heap, is address space.
        .env("RUST_BACKTRACE", "0")
        .env("RAYON_NUM_THREADS", "2")
        .env("MALLOC_ARENA_MAX", "2")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    for line in said.lines().filter(|line| line.starts_with("fuzz ")) {
        eprintln!("{line}");
    }
    if output.status.success() {
        // A child that tried nothing would succeed too.
        assert!(said.contains("fuzz "), "the child did nothing: {said}");
        return None;
    }
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let finding = std::fs::read_to_string(folder.join(FINDING));
    Some(finding.unwrap_or_else(|_| format!("{} {}", output.status, last_lines(&errors))))
}

fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(6)..].join(" | ")
}

/// Saves the input that the child was reading, to be replayed from now on.
fn keep(target: &str, folder: &Path) -> String {
    let input = std::fs::read(folder.join(CURRENT)).unwrap_or_default();
    let kept = findings_folder(target);
    std::fs::create_dir_all(&kept).unwrap();
    let path = kept.join(&sha256(&input)[..16]);
    std::fs::write(&path, input).unwrap();
    path.display().to_string()
}
