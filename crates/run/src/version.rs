//! The version of what the stages exchange.

/// Version of the layout of the run directory. It is written into every file, and a file of another
/// version is refused rather than misread.
pub const SCHEMA_VERSION: u32 = 1;
