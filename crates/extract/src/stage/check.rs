//! Whether the device can be trusted with this run.

use crate::error::Result;
use crate::present::Presented;
use crate::record_words::BATCH_TOKENS;
use crate::shapes::extremes;
use selectron_model::checkpoint::Checkpoint;
use selectron_model::{Model, Request, self_check};
use selectron_schema::stage::Console;

/// Holds a GPU against the CPU at the shapes of this run, the words' and a whole window of text's;
/// on the CPU there is nothing to do.
pub(super) fn check_device(
    console: &Console,
    checkpoint: &Checkpoint,
    model: &Model,
    request: &Request,
    words: &[Presented],
) -> Result<()> {
    let context = model.network.shape().context;
    let mut shapes = extremes(words.iter().map(|word| word.ids.len()), BATCH_TOKENS);
    shapes.push(((BATCH_TOKENS / context.max(1)).max(1), context));
    if let Some(difference) = self_check::check(checkpoint, &model.network, request, &shapes)? {
        console.say(format_args!(
            "check  the GPU agrees with the CPU: activations differ by {difference:.0e} of their size \
             at most, {:.0e} is allowed",
            self_check::TOLERANCE
        ));
    }
    Ok(())
}
