//! A device, made ready to compute on.

use crate::ops::operations::Ops;
use burn::tensor::Device;
use std::sync::Arc;

/// A device and what to call it in a manifest.
#[derive(Debug, Clone)]
pub struct Compute {
    /// The device that tensors live on.
    pub device: Device,
    /// The backend's name, as on the command line.
    pub backend: &'static str,
    /// The GPU adapter, where there is one.
    pub adapter: Option<String>,
    /// What computes on it.
    pub ops: Arc<dyn Ops>,
}
