//! What parts compute: one trait of operations, and one implementation for each kind of device.
//!
//! [`operations`] says what there is to compute; [`host`] computes it by the fused kernels of
//! `host` in this process's memory, [`burn`] by burn's operations wherever a tensor lives.
//! Which of them serves a backend is decided where [`crate::device`] opens it, and nowhere else.

pub mod burn;
pub mod host;
pub mod operations;
