//! Run directories for tests, as the stages leave them, without a model.
//!
//! A test of `stats` needs what `extract` would have written, a test of `render` also what `stats`
//! would have. [`RunBuilder`] writes both: of everything there is a small and sensible default, and a
//! test says only what it is about. A new column or a new field of the manifest is given its default
//! here, once.
//!
//! ```
//! use selectron_testkit::{RunBuilder, noise, pipeline_of, words};
//!
//! // Two categories of three words; neuron 2 is higher for the first category.
//! let run = RunBuilder::new(&pipeline_of(2, "[test]\nalpha = 0.01"))
//!     .neurons(4)
//!     .words(words(&[("c0", &["time", "way", "day"]), ("c1", &["go", "see", "make"])]))
//!     .activations(|item, id| {
//!         let planted = if item < 3 && id.neuron == 2 { 3.0 } else { 0.0 };
//!         noise(item, id) + planted
//!     })
//!     .write();
//! assert_eq!(run.pipeline().test.alpha, 0.01);
//! assert!(run.manifest().extract.is_some());
//! ```
//!
//! - [`words`], [`numbered_words`]: rows of `words.parquet`;
//! - [`Text`]: a text, word by word, with its tokens;
//! - [`TestRun`]: the run directory, to be read, changed and handed to a stage;
//! - [`RunBuilder::tested`]: what the stats stage would say of the neurons, for tests of `render`.
#![allow(clippy::expect_used)] // A test helper that cannot go on says so and stops.

mod builder;
mod facts;
mod noise;
mod pipeline;
mod recorded;
mod run;
mod tested;
mod text;
mod words;

pub use builder::RunBuilder;
pub use noise::noise;
pub use pipeline::pipeline_of;
pub use run::{TestRun, hashes};
pub use text::Text;
pub use words::{numbered_words, words};
