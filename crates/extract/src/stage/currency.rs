//! Whether there is anything to do.

use selectron_run::Stage;
use selectron_run::stage::{Console, Currency, Inputs, State, Task, scratch_is_spent};

/// Whether the stage is up to date; says so where it is not because a file has changed.
pub(super) fn is_up_to_date(task: &Task, console: &Console, inputs: &Inputs) -> bool {
    match State::currency(&task.run, Stage::Extract, inputs) {
        Currency::Current => true,
        // The activations of a large text are needed as long as a stage has not made use of them.
        Currency::WithoutScratch => scratch_is_spent(&task.run, &task.pipeline, Stage::Extract),
        Currency::Stale => false,
        Currency::Damaged(name) => {
            console.warn(format_args!(
                "{name} is missing or has changed since it was written; it is made again"
            ));
            false
        }
    }
}
