//! The compute backends. This is the only place that knows one by name, and the one that chooses what
//! computes on it; everything else uses the [`Compute`] made here.

#[cfg(feature = "wgpu")]
mod adapters;
pub mod compute;

#[cfg(feature = "wgpu")]
pub use adapters::{Adapter, list};
pub use compute::Compute;

use crate::error::{Error, Result};
use crate::ops::burn::Burn;
use crate::ops::host::Host;
use burn::tensor::Device;
use std::sync::Arc;

/// The backend that the others are compared with: it agrees with transformers at every site of every
/// family.
pub const REFERENCE: &str = "flex";

/// Makes the device of a backend: `flex` (the fast CPU one), `ndarray` (an independent second CPU
/// implementation) or, when compiled in, `wgpu` on the best adapter.
///
/// # Errors
/// When the backend is unknown or was not compiled in, or there is no GPU.
pub fn open(backend: &str) -> Result<Compute> {
    open_on(backend, None)
}

/// [`open`] on the adapter of that number or name; `None` is the best one. A CPU backend has no
/// adapter to choose.
///
/// # Errors
/// As [`open`], or when there is no such adapter.
pub fn open_on(backend: &str, adapter: Option<&str>) -> Result<Compute> {
    if adapter.is_some() && backend != "wgpu" {
        return Err(Error::new(
            format!("the backend {backend} has no adapter to choose"),
            "leave --adapter out, or add --backend wgpu",
        ));
    }
    match backend {
        // The kernels change its tensors where they lie.
        "flex" => {
            let device = Device::flex();
            Ok(Compute {
                ops: Arc::new(Host::new(device.clone())),
                device,
                backend: "flex",
                adapter: None,
            })
        }
        // Deprecated upstream, and kept on purpose: it shares no kernel with flex, so the tests
        // compare one with the other.
        #[allow(deprecated)]
        "ndarray" => {
            let device = Device::ndarray();
            Ok(Compute {
                ops: Arc::new(Burn::new(device.clone())),
                device,
                backend: "ndarray",
                adapter: None,
            })
        }
        #[cfg(feature = "wgpu")]
        "wgpu" => adapters::open(adapter),
        #[cfg(not(feature = "wgpu"))]
        "wgpu" => Err(Error::new(
            "this build has no wgpu backend",
            "start it through `cargo xtask`, which turns on the feature, or build with --features wgpu",
        )),
        other => Err(Error::new(
            format!("unknown backend `{other}`"),
            "choose one of flex, ndarray, wgpu",
        )),
    }
}
