//! The type of this machine: what of its processor decides the last bits of a matrix product.

use std::fmt::Write;

/// Describes the processor as far as floating-point results depend on it: the architecture, the
/// instruction sets among which kernels are chosen at run time, and the cache sizes, by which
/// matrix products are cut into blocks and so in which order they add up.
///
/// Two machines of one description give the same bytes; nothing is promised otherwise.
pub fn description() -> String {
    let mut text = std::env::consts::ARCH.to_owned();
    for feature in features() {
        let _ = write!(text, " {feature}");
    }
    for index in 0..4 {
        let read = |name: &str| {
            let path = format!("/sys/devices/system/cpu/cpu0/cache/index{index}/{name}");
            std::fs::read_to_string(path)
                .ok()
                .map(|text| text.trim().to_owned())
        };
        if let (Some(level), Some(kind), Some(size)) = (read("level"), read("type"), read("size"))
            && kind != "Instruction"
        {
            let _ = write!(text, " L{level}:{size}");
        }
    }
    text
}

#[cfg(target_arch = "x86_64")]
fn features() -> Vec<&'static str> {
    let all = [
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512vl", is_x86_feature_detected!("avx512vl")),
        ("avx512bw", is_x86_feature_detected!("avx512bw")),
    ];
    all.into_iter()
        .filter(|(_, present)| *present)
        .map(|(name, _)| name)
        .collect()
}

#[cfg(not(target_arch = "x86_64"))]
fn features() -> Vec<&'static str> {
    Vec::new()
}
