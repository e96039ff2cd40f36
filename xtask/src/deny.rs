//! What comes in with dependencies: licences, duplicates, sources and known vulnerabilities, by
//! `cargo deny` and `deny.toml`.

use crate::error::{Error, Result};
use crate::process::{cargo, run_command, say};
use std::process::Stdio;

/// Runs every check of `cargo deny`.
///
/// Where the database of known vulnerabilities cannot be fetched, that one check is left out, and
/// a line says so.
pub(crate) fn check() -> Result<()> {
    if !succeeds(&["deny", "--version"])? {
        return Err(Error::new(
            "cargo-deny is missing",
            "install it with `cargo install --locked cargo-deny`, or run .ci/run, which brings it \
             along",
        ));
    }
    run_command(cargo()?.args([
        "deny",
        "--locked",
        "check",
        "--hide-inclusion-graph",
        "licenses",
        "bans",
        "sources",
    ]))?;
    if succeeds(&["deny", "fetch", "db"])? {
        return run_command(cargo()?.args(["deny", "--locked", "check", "advisories"]));
    }
    say(
        "note: known vulnerabilities are NOT checked, since the RustSec database cannot be fetched \
         from here; with access to GitHub, run `cargo deny check advisories`",
    );
    Ok(())
}

fn succeeds(arguments: &[&str]) -> Result<bool> {
    let mut command = cargo()?;
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Ok(command.status().is_ok_and(|status| status.success()))
}
