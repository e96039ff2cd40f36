//! The GPUs that wgpu reaches, and the choice among them.

use super::compute::Compute;
use crate::error::{Error, Result};
use crate::ops::burn::Burn;
use burn::tensor::wgpu::{WgpuBackend, wgpu};
use burn::tensor::{Device, DeviceKind};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// A GPU, or a program that poses as one, through one graphics API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapter {
    /// Its name, as the driver gives it.
    pub name: String,
    /// The graphics API.
    pub api: &'static str,
    /// The driver's name and version.
    pub driver: String,
    /// `discrete GPU`, `integrated GPU`, `virtual GPU`, `CPU` or `unclassified`.
    pub kind: &'static str,
    /// How burn names it: the how-many-eth of its kind on its API. None where burn cannot.
    selector: Option<(DeviceKind, WgpuBackend)>,
}

impl Adapter {
    /// Name, API and driver in a line, as the manifest has it.
    pub fn describe(&self) -> String {
        format!("{} ({}, driver {})", self.name, self.api, self.driver)
    }
}

/// What has been found and opened.
struct Known {
    /// Looked for once in a process.
    adapters: Option<Vec<Adapter>>,
    /// burn opens each device only once in a process.
    open: Vec<(Adapter, Device)>,
}

/// Whatever talks to a driver's loader does so under this lock, since Vulkan's loader does not bear
/// instances that come and go on several threads at once.
static KNOWN: Mutex<Known> = Mutex::new(Known {
    adapters: None,
    open: Vec::new(),
});

fn known() -> MutexGuard<'static, Known> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every adapter there is, numbered from 0 in this order.
pub fn list() -> Vec<Adapter> {
    known().adapters.get_or_insert_with(enumerate).clone()
}

/// The graphics APIs, those that burn prefers first, and how burn names them.
const APIS: [(wgpu::Backend, WgpuBackend, &str); 4] = [
    (wgpu::Backend::Vulkan, WgpuBackend::Vulkan, "Vulkan"),
    (wgpu::Backend::Metal, WgpuBackend::Metal, "Metal"),
    (wgpu::Backend::Dx12, WgpuBackend::Dx12, "DirectX 12"),
    (wgpu::Backend::Gl, WgpuBackend::Gl, "OpenGL"),
];

fn enumerate() -> Vec<Adapter> {
    let mut adapters = Vec::new();
    for (api, selector, name) in APIS {
        // OpenGL is for machines that have nothing else: it shows the other APIs' cards once more.
        let needless = api == wgpu::Backend::Gl && !adapters.is_empty();
        if needless || !wgpu::Instance::enabled_backend_features().contains(api.into()) {
            continue;
        }
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends: api.into(),
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
        let found = finished(instance.enumerate_adapters(api.into())).unwrap_or_default();
        let infos: Vec<_> = found.iter().map(wgpu::Adapter::get_info).collect();
        adapters.extend(infos.iter().enumerate().map(|(index, info)| {
            let earlier = infos.iter().take(index);
            let nth = earlier
                .filter(|other| other.device_type == info.device_type)
                .count();
            let (kind, device) = kind(info.device_type, nth);
            Adapter {
                name: info.name.clone(),
                api: name,
                driver: format!("{} {}", info.driver, info.driver_info)
                    .trim()
                    .to_owned(),
                kind,
                selector: device.map(|device| (device, selector)),
            }
        }));
    }
    adapters
}

/// What a kind of adapter is called, and how burn names the `nth` of it. Of adapters that run on the
/// CPU burn reaches the first.
fn kind(device: wgpu::DeviceType, nth: usize) -> (&'static str, Option<DeviceKind>) {
    match device {
        wgpu::DeviceType::DiscreteGpu => ("discrete GPU", Some(DeviceKind::DiscreteGpu(nth))),
        wgpu::DeviceType::IntegratedGpu => ("integrated GPU", Some(DeviceKind::IntegratedGpu(nth))),
        wgpu::DeviceType::VirtualGpu => ("virtual GPU", Some(DeviceKind::VirtualGpu(nth))),
        wgpu::DeviceType::Cpu => ("CPU", (nth == 0).then_some(DeviceKind::Cpu)),
        wgpu::DeviceType::Other => ("unclassified", None),
    }
}

/// The value of a future that waits for nothing, as wgpu's are outside browsers.
fn finished<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// Opens the adapter that `wanted` names, or the best there is.
pub(super) fn open(wanted: Option<&str>) -> Result<Compute> {
    let mut known = known();
    let adapters = known.adapters.get_or_insert_with(enumerate).clone();
    let adapter = choose(&adapters, wanted)?;
    let opened = known.open.iter().find(|(other, _)| other == adapter);
    let device = match (opened, &adapter.selector) {
        (Some((_, device)), _) => device.clone(),
        (None, Some((kind, api))) => {
            let device = Device::wgpu_options()
                .device_kind(kind.clone())
                .graphics_api(*api)
                .init()
                .map_err(|error| {
                    Error::new(
                        format!(
                            "the adapter {} cannot be opened: {error}",
                            adapter.describe()
                        ),
                        "update its driver, or choose another with --adapter",
                    )
                })?;
            known.open.push((adapter.clone(), device.clone()));
            device
        }
        (None, None) => return Err(Error::bug("an adapter without a selector".to_owned())),
    };
    Ok(Compute {
        ops: Arc::new(Burn::new(device.clone())),
        device,
        backend: "wgpu",
        adapter: Some(adapter.describe()),
    })
}

/// The adapter of that number, or the only one whose name holds `wanted` whatever the case; without
/// a wish, the first of the best kind.
fn choose<'a>(adapters: &'a [Adapter], wanted: Option<&str>) -> Result<&'a Adapter> {
    if adapters.is_empty() {
        return Err(Error::new(
            "wgpu finds no GPU adapter on this machine",
            "install the GPU's driver; to compute on the CPU through Vulkan instead, install Mesa's \
             (Debian: apt-get install mesa-vulkan-drivers), or leave out --backend wgpu",
        ));
    }
    let known: Vec<_> = adapters
        .iter()
        .enumerate()
        .map(|(number, adapter)| format!("{number} {}", adapter.describe()))
        .collect();
    let remedy = format!("choose among {}", known.join(", "));
    let numbered = |wanted: &str| adapters.get(wanted.parse::<usize>().ok()?);
    let found: Vec<_> = match (wanted, wanted.and_then(numbered)) {
        (_, Some(adapter)) => vec![adapter],
        (Some(name), None) => {
            let name = name.to_lowercase();
            let mut named: Vec<_> = adapters
                .iter()
                .filter(|adapter| adapter.name.to_lowercase().contains(&name))
                .collect();
            // One card that several graphics APIs reach is one card: the first API is the best.
            named.dedup_by(|later, first| later.name == first.name && later.api != first.api);
            named
        }
        (None, None) => {
            let usable = adapters.iter().filter(|adapter| adapter.selector.is_some());
            usable
                .min_by_key(|adapter| rank(adapter))
                .into_iter()
                .collect()
        }
    };
    match (found.as_slice(), wanted) {
        ([adapter], _) if adapter.selector.is_some() => Ok(adapter),
        ([adapter], _) => Err(Error::new(
            format!(
                "the adapter {} cannot be computed on: its driver does not say what kind it is, or it \
                 is not the first of several that run on the CPU",
                adapter.describe()
            ),
            remedy,
        )),
        ([], None) => Err(Error::new("no adapter here can be computed on", remedy)),
        ([], Some(wanted)) => Err(Error::new(
            format!("there is no adapter `{wanted}`"),
            remedy,
        )),
        (_, wanted) => Err(Error::new(
            format!(
                "more than one adapter is called `{}`",
                wanted.unwrap_or_default()
            ),
            format!("give a number: {remedy}"),
        )),
    }
}

/// What is likely fastest comes first.
fn rank(adapter: &Adapter) -> usize {
    match adapter.selector {
        Some((DeviceKind::DiscreteGpu(_), _)) => 0,
        Some((DeviceKind::IntegratedGpu(_), _)) => 1,
        Some((DeviceKind::VirtualGpu(_), _)) => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter(name: &str, kind: Option<DeviceKind>) -> Adapter {
        Adapter {
            name: name.to_owned(),
            api: "Vulkan",
            driver: "d 1".to_owned(),
            kind: "",
            selector: kind.map(|kind| (kind, WgpuBackend::Vulkan)),
        }
    }

    #[test]
    fn an_adapter_is_chosen_by_number_by_name_or_by_kind() {
        let adapters = [
            adapter("llvmpipe", Some(DeviceKind::Cpu)),
            adapter("Iris Xe", Some(DeviceKind::IntegratedGpu(0))),
            adapter("RTX 4090", Some(DeviceKind::DiscreteGpu(0))),
            adapter("RTX 4080", Some(DeviceKind::DiscreteGpu(1))),
            adapter("odd", None),
        ];
        let chosen = |wanted| choose(&adapters, wanted).map(|adapter| adapter.name.as_str());
        let refusal = |wanted| choose(&adapters, Some(wanted)).unwrap_err().to_string();
        assert_eq!(chosen(None).unwrap(), "RTX 4090");
        assert_eq!(chosen(Some("0")).unwrap(), "llvmpipe");
        assert_eq!(chosen(Some("iris")).unwrap(), "Iris Xe");
        assert_eq!(chosen(Some("4080")).unwrap(), "RTX 4080");
        assert_eq!(chosen(Some("RTX 4080")).unwrap(), "RTX 4080");
        assert!(refusal("rtx").starts_with("more than one adapter is called `rtx`; give a number"));
        assert!(
            refusal("5").starts_with("there is no adapter `5`; choose among 0 llvmpipe (Vulkan")
        );
        assert!(refusal("voodoo").starts_with("there is no adapter `voodoo`"));
        assert!(refusal("odd").contains("cannot be computed on"));
    }

    #[test]
    fn without_any_adapter_the_error_says_what_to_install() {
        let error = choose(&[], None).unwrap_err().to_string();
        assert!(error.contains("mesa-vulkan-drivers"), "{error}");
    }

    #[test]
    fn an_adapter_is_opened_once_and_has_a_name() {
        let first = open(None).unwrap();
        let second = open(Some("0")).map_or_else(|_| open(None), Ok).unwrap();
        assert_eq!(first.backend, "wgpu");
        assert!(
            first
                .adapter
                .is_some_and(|adapter| adapter.contains("driver"))
        );
        assert!(second.adapter.is_some());
        assert!(!list().is_empty());
    }
}
