//! The tests, one file each: from a neuron's activations to a test statistic and its p-value.

mod anova;
mod exact_ranks;
mod kruskal;
mod logit;
pub mod outcome;
mod paired_t;
mod rank_sum;
pub mod ranks;
mod signed_rank;
mod tester;
mod two_sample_t;

pub use outcome::{Fit, Outcome, Test};
pub use rank_sum::RankSumNull;
pub use tester::Tester;
pub use two_sample_t::welch;
