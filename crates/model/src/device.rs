//! The compute backends. This is the only place that knows one by name; everything else computes on
//! the [`burn::tensor::Device`] made here.

#[cfg(feature = "wgpu")]
mod adapters;

#[cfg(feature = "wgpu")]
pub use adapters::{Adapter, list};

use crate::error::{Error, Result};
use burn::tensor::Device;

/// A device and what to call it in a manifest.
#[derive(Debug, Clone)]
pub struct Compute {
    /// The device that tensors live on.
    pub device: Device,
    /// The backend's name, as on the command line.
    pub backend: &'static str,
    /// The GPU adapter, where there is one.
    pub adapter: Option<String>,
}

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
        return Err(Error::request(
            format!("the backend {backend} has no adapter to choose"),
            "leave --adapter out, or add --backend wgpu",
        ));
    }
    let cpu = |device, backend| {
        Ok(Compute {
            device,
            backend,
            adapter: None,
        })
    };
    match backend {
        "flex" => cpu(Device::flex(), "flex"),
        // Deprecated upstream, and kept on purpose: it shares no kernel with flex, so the tests
        // hold one against the other.
        #[allow(deprecated)]
        "ndarray" => cpu(Device::ndarray(), "ndarray"),
        #[cfg(feature = "wgpu")]
        "wgpu" => adapters::open(adapter),
        #[cfg(not(feature = "wgpu"))]
        "wgpu" => Err(Error::request(
            "this build has no wgpu backend",
            "start it through `cargo xtask`, which turns on the feature, or build with --features wgpu",
        )),
        other => Err(Error::request(
            format!("unknown backend `{other}`"),
            "choose one of flex, ndarray, wgpu",
        )),
    }
}

/// Whether the fused kernels of [`crate::host`] serve a device: that of the fast CPU backend, whose
/// tensors can be changed where they lie. The other CPU backend, which the tests hold it against,
/// computes everything in its own way.
pub(crate) fn is_host(device: &Device) -> bool {
    *device == Device::flex()
}
