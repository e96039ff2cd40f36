//! Rearranging the words at random: what the statistics would be if the categories did not matter.

pub mod draws;
pub mod max_t;
pub mod sums;
