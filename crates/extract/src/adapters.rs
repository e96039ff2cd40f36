//! The list of GPUs that `cargo xtask adapters` prints.

use selectron_model::device::{Adapter, list};
use std::io::Write;

/// Prints number, name, graphics API, kind and driver of every adapter.
pub fn print() {
    let adapters = list();
    let mut out = std::io::stdout().lock();
    if adapters.is_empty() {
        let _ = writeln!(
            out,
            "wgpu finds no GPU adapter on this machine: install the GPU's driver or, to compute on the \
             CPU through Vulkan, Mesa's (Debian: apt-get install mesa-vulkan-drivers)"
        );
    }
    for (number, adapter) in adapters.iter().enumerate() {
        let Adapter {
            name,
            api,
            kind,
            driver,
            ..
        } = adapter;
        let _ = writeln!(out, "{number}  {name}  ({api}, {kind}, driver {driver})");
    }
}
