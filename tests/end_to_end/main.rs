//! Whole runs of the real binaries.

mod bad_input;
mod bundled_model;
mod house;
mod transformers;
mod up_to_date;
