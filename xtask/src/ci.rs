//! What continuous integration runs.

use crate::error::Result;
use crate::process::{cargo, run_command, say, show};
use std::time::Instant;

/// The checks, in order: the quickest to fail first.
const CHECKS: &[&[&str]] = &[
    &["fmt", "--all", "--check"],
    &["xtask", "deny"],
    &[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ],
    &["test", "--workspace"],
    &["xtask", "docs", "--check"],
    // What needs a browser is not asked of everybody who runs the tests.
    &[
        "test",
        "--workspace",
        "--test",
        "end_to_end",
        "--",
        "--ignored",
        "browser",
    ],
    &["xtask", "run-all", "--force"],
    &["xtask", "readme"],
    &[
        "xtask",
        "run-all",
        "pipelines/grammar-faithful.toml",
        "--force",
    ],
    &["xtask", "verify", "--all"],
    &["doc", "--workspace", "--no-deps"],
    // The GPU: on a machine without one, through Mesa's software Vulkan. Both commands choose the
    // packages as a run does, so that the tensor library is compiled once for them.
    &[
        "test",
        "--workspace",
        "--exclude",
        "selectron-fetch",
        "--exclude",
        "selectron-bench",
        "--lib",
        "--features",
        "selectron-extract/wgpu",
        "--",
        "families::",
        "self_check::",
        "device::",
    ],
    &["xtask", "verify", "--backend", "wgpu"],
];

/// Runs every check.
pub(crate) fn run() -> Result<()> {
    for check in CHECKS {
        let mut command = cargo()?;
        command.args(*check);
        if check.contains(&"doc") {
            command.env("RUSTDOCFLAGS", "-D warnings");
        }
        say(&format!("==> {}", show(&command)));
        let started = Instant::now();
        run_command(&mut command)?;
        say(&format!(
            "==> done in {:.0} s",
            started.elapsed().as_secs_f64()
        ));
    }
    Ok(())
}
