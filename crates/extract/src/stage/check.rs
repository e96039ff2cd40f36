//! Whether the device can be trusted with this run.

use crate::error::Result;
use crate::present::Presented;
use crate::record_words::BATCH_TOKENS;
use crate::shapes::extremes;
use selectron_model::checkpoint::Checkpoint;
use selectron_model::{Model, Request, self_check};
use selectron_run::stage::Console;

/// Holds a GPU against the CPU at the shapes of this run, the words' and, if there is a text, a
/// window's of up to a batch of tokens; on the CPU there is nothing to do.
pub(super) fn check_device(
    console: &Console,
    checkpoint: &Checkpoint,
    model: &Model,
    request: &Request,
    words: &[Presented],
    with_text: bool,
) -> Result<()> {
    let mut shapes = extremes(words.iter().map(|word| word.ids.len()), BATCH_TOKENS);
    if with_text {
        let window = model.network.shape().context.clamp(1, BATCH_TOKENS);
        shapes.push((BATCH_TOKENS / window, window));
    }
    if let Some(difference) = self_check::check(checkpoint, &model.network, request, &shapes)? {
        console.say(format_args!(
            "check  the GPU agrees with the CPU: activations differ by {difference:.0e} of their size \
             at most, {:.0e} is allowed",
            self_check::TOLERANCE
        ));
    }
    Ok(())
}
