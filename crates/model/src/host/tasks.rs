//! How kernels are cut into tasks, and compiled.

/// Values that one task of a kernel works on: enough to outweigh handing it to a thread, few enough
/// to stay in the cache.
pub(super) const TASK: usize = 1 << 14;

/// Runs a loop with the widest vector instructions that the processor has.
#[inline(always)]
pub(super) fn vectorised<R>(kernel: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(kernel)
}
