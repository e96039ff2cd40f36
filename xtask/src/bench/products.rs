//! The machine's best matrix products, with which the models' speed is compared.

use super::flags::BenchFlags;
use super::process;
use crate::error::Result;
use serde::Deserialize;
use std::path::Path;

/// The best float32 matrix products, in operations per second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Products {
    pub(super) ours: f64,
    pub(super) torch: Option<f64>,
}

impl Products {
    /// The better of two looks.
    pub(super) fn best_of(self, other: Self) -> Self {
        Self {
            ours: self.ours.max(other.ours),
            torch: self.torch.zip(other.torch).map(|(a, b)| a.max(b)),
        }
    }
}

/// What a side prints.
#[derive(Deserialize)]
struct Line {
    flops: f64,
}

/// Measures them.
pub(super) fn products(flags: &BenchFlags, checkpoint: &Path) -> Result<Products> {
    let mut ours = flags.worker()?;
    ours.arg("product");
    let ours: Line = process::output(ours)?;
    let torch: Option<Line> = match flags.torch(checkpoint, "product")? {
        Some(torch) => Some(process::output(torch)?),
        None => None,
    };
    Ok(Products {
        ours: ours.flops,
        torch: torch.map(|line| line.flops),
    })
}
