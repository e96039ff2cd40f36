//! Recording a chunk with a model, a batch at a time.

use super::chunk::{Chunk, Keep, Progress};
use super::rows::Rows;
use selectron_model::{Network, Request, TokenBatch};
use selectron_run::error::Result;

/// Tokens of one forward pass, unless a single sequence has more: enough for the matrix products to run
/// at full speed, and few enough for their results to stay in the cache.
pub const BATCH_TOKENS: usize = 2048;

/// Records a chunk and hands over its blocks.
///
/// # Errors
/// When the model or `keep` refuses.
///
/// # Panics
/// When a row names a token that its sequence does not have.
pub fn record_chunk(
    network: &Network,
    request: &Request,
    chunk: &Chunk,
    keep: &mut Keep<'_>,
    progress: &mut Progress<'_>,
) -> Result<()> {
    let sequences = &chunk.sequences;
    let lengths: Vec<_> = sequences.iter().map(|one| one.ids.len()).collect();
    let batches = network.batches(&lengths, BATCH_TOKENS);
    let mut rows = Rows::new(chunk);
    for (number, batch) in batches.iter().enumerate() {
        let is_last = number + 1 == batches.len();
        let ids: Vec<_> = batch
            .iter()
            .map(|index| sequences[*index].ids.as_slice())
            .collect();
        let tokens = TokenBatch::new(&ids)?;
        network.record(
            &tokens,
            request,
            &mut |recorded| match rows.take(recorded, batch, is_last) {
                Some(block) => Ok(keep(block)?),
                None => Ok(()),
            },
        )?;
        progress(batch.len());
    }
    Ok(())
}
