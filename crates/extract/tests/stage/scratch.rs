//! When the activations of a large text have to be recorded again.

use selectron_run::stage::{Inputs, State, scratch_is_spent};
use selectron_run::{Stage, Table};
use selectron_testkit::{RunBuilder, Text, numbered_words, pipeline_of};

const TEXT: &str = "[text]\nsource = \"t.txt\"\n";

#[test]
fn the_text_is_needed_again_exactly_when_it_would_be_scored_again() {
    let mut run = RunBuilder::new(&pipeline_of(2, TEXT))
        .words(numbered_words(&[3, 3]))
        .text(Text::of_tokens(&["a", "b", "c"]))
        .in_scratch(2)
        .tested(|_| {})
        .write();
    let is_spent = |run: &selectron_testkit::TestRun| {
        scratch_is_spent(run.run(), run.pipeline(), Stage::Extract)
    };
    assert!(!is_spent(&run), "no stage has read it");
    let inputs = Inputs::of_tables(
        Stage::Stats,
        run.pipeline(),
        run.run(),
        &run.manifest(),
        |_, _| Ok(()),
    );
    State::save(run.run(), Stage::Stats, &inputs.unwrap()).unwrap();
    assert!(is_spent(&run));
    std::fs::remove_dir_all(run.run().scratch()).unwrap();
    assert!(is_spent(&run), "it has served its purpose");

    run.set_pipeline(&pipeline_of(2, &format!("{TEXT}[test]\nalpha = 0.01\n")));
    assert!(!is_spent(&run), "the neurons are to be tested anew");
    run.set_pipeline(&pipeline_of(2, TEXT));
    assert!(is_spent(&run));
    std::fs::write(run.run().table(Table::TValues), "damaged").unwrap();
    assert!(!is_spent(&run), "a result has changed");
}
