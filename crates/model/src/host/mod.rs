//! Fused arithmetic over tensors that lie in this process's memory.
//!
//! The matrix products of the fast CPU backend run near the machine's peak, but what lies between
//! them does not: an activation function as a chain of tensor operations reads and writes the
//! memory several times, with one value at a time through the C library's `tanh`. The kernels here
//! do each such step in one pass, over all threads, in plain loops that the compiler turns into
//! vector instructions; `pulp` chooses at run time those that the processor has. Every kernel has a
//! twin made of burn's operations in [`crate::ops::burn`], which every other backend uses and which
//! the tests compare it with.
//!
//! Results depend neither on the number of threads nor on the width of the vectors: sums run over a
//! fixed number of lanes, and products are added with one rounding everywhere.

pub(crate) mod activation;
pub(crate) mod attention;
mod lanes;
pub(crate) mod norm;
#[cfg(test)]
mod numbers;
pub(crate) mod pairwise;
pub(crate) mod product;
pub(crate) mod rotary;
mod tasks;
