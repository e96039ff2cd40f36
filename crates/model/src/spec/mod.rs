//! What a computation is described by: plain values without tensors, below everything that computes.

pub mod activation;
pub mod flow;
pub mod heads;
pub mod outline;
pub mod rotary;
pub mod sequences;
pub mod shape;
