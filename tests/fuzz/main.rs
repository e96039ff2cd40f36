//! Hostile files: each reader of the project against mutations of sound files and against noise.
//!
//! A *target* is one kind of file and the code that reads it. `cargo test` replays what was once
//! found (`findings/`) and a fixed number of new inputs; `cargo xtask fuzz` goes on for minutes. A
//! target runs in a child process of its own, whose memory is limited by the operating system. It
//! must not panic, abort, hang, or allocate more than the size of its input allows: it reads the
//! input, or it says what is wrong with it.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says so and stops.

mod child;
mod mutate;
mod parent;
mod seeds;
mod targets;

/// Counts what is allocated, so that an input's peak can be compared with its size.
#[global_allocator]
static ALLOCATOR: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

macro_rules! targets {
    ($($name:ident)+) => {
        $(
            #[test]
            fn $name() {
                parent::fuzz(stringify!($name));
            }
        )+
    };
}

targets!(safetensors config tokenizer pipeline words conllu table activations manifest);

/// Makes the seeds that no file of the repository is: the outputs of a small run, and tables that
/// say a lot in few bytes. To be run again when the tables change.
#[test]
#[ignore = "writes into tests/fuzz/seeds"]
fn make_seeds() {
    // Writing columns within columns recurs as deeply as they go.
    let writer = std::thread::Builder::new().stack_size(1 << 30);
    writer.spawn(seeds::make).unwrap().join().unwrap();
}

/// What the tests above start in a child process; by itself it does nothing.
#[test]
#[ignore = "the other tests start it"]
fn child_process() {
    child::run();
}
