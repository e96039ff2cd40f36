//! Recording the activations of a text's tokens.
//!
//! A text is recorded in chunks of neighbouring windows, which bound what is held in memory. A
//! chunk is computed in batches, while another thread writes what is finished.

use crate::document::{Document, Placed};
use crate::error::{Error, Result};
use crate::int;
use selectron_model::{Network, Recorded, Request, TokenBatch};
use selectron_run::Site;
use selectron_tables::activations::Block;
use selectron_tables::rows::TokenRow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::mpsc::{SyncSender, sync_channel};

/// Tokens of one forward pass, unless a single window has more.
const BATCH_TOKENS: usize = 2048;

/// A window of a document.
#[derive(Debug, Clone)]
pub struct Window {
    /// Number of the document.
    pub document: usize,
    /// Number of the window within the document.
    pub window: usize,
    /// Its tokens.
    pub tokens: Vec<Placed>,
}

impl Window {
    /// The tokens that the window is the first to hold, with their positions.
    pub fn new_tokens(&self) -> impl Iterator<Item = (usize, &Placed)> {
        let tokens = self.tokens.iter().enumerate();
        tokens.filter(|(_, placed)| !placed.repeated)
    }
}

/// The rows of `tokens.parquet`, in the order in which the windows are recorded.
///
/// # Errors
/// When a number does not fit its column.
pub fn token_rows(documents: &[Document], windows: &[Window]) -> Result<Vec<TokenRow>> {
    let mut rows = Vec::new();
    let mut characters: Vec<char> = Vec::new();
    let mut current = None;
    for window in windows {
        let Some(document) = documents.get(window.document) else {
            return Err(Error::bug("a window of no document"));
        };
        if current != Some(window.document) {
            characters = document.text.chars().collect();
            current = Some(window.document);
        }
        for (position, placed) in window.new_tokens() {
            let span = &placed.token.span;
            let covered = characters.get(span.clone()).unwrap_or(&[]);
            let word = placed.word.and_then(|word| document.words.get(word));
            rows.push(TokenRow {
                document: int(window.document)?,
                window: int(window.window)?,
                position: int(position)?,
                token: match &placed.special {
                    Some(name) => name.clone(),
                    None => covered.iter().collect(),
                },
                token_id: placed.token.id.cast_signed(),
                char_start: int(span.start)?,
                char_end: int(span.end)?,
                word: placed.word.map(int).transpose()?,
                upos: word.and_then(|word| word.upos.clone()),
            });
        }
    }
    Ok(rows)
}

/// Cuts windows into chunks of neighbours with at most `tokens` tokens, rounded up to whole batches,
/// unless a single window has more.
pub fn chunks(windows: &[Window], tokens: usize) -> Vec<Range<usize>> {
    let most = tokens.max(1).next_multiple_of(BATCH_TOKENS);
    let mut chunks: Vec<Range<usize>> = Vec::new();
    let mut count = 0;
    for (index, window) in windows.iter().enumerate() {
        count += window.tokens.len();
        match chunks.last_mut() {
            Some(chunk) if count <= most => chunk.end = index + 1,
            _ => {
                chunks.push(index..index + 1);
                count = window.tokens.len();
            }
        }
    }
    chunks
}

/// Where the chunks of a text are written.
pub trait Keep {
    /// Takes the activations of a chunk at one site and layer.
    ///
    /// # Errors
    /// When they cannot be written.
    fn block(&mut self, block: Block) -> Result<()>;

    /// Ends a chunk.
    ///
    /// # Errors
    /// When it cannot be written.
    fn end(&mut self) -> Result<()>;
}

/// What the recording thread tells the writing thread.
enum Message {
    Block(Block),
    End,
}

/// Records chunks of windows, while another thread hands what is finished to `keep`: a block a site
/// and layer, in forward order, then the end of the chunk.
///
/// # Errors
/// When the model or the disk refuses.
pub fn record_text(
    network: &Network,
    request: &Request,
    windows: &[Window],
    chunks: &[Range<usize>],
    keep: &mut (dyn Keep + Send),
    mut progress: impl FnMut(usize),
) -> Result<()> {
    // Blocks that wait to be written are as many as memory allows: one.
    let (sender, receiver) = sync_channel(1);
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || {
            receiver.into_iter().try_for_each(|message| match message {
                Message::Block(block) => keep.block(block),
                Message::End => keep.end(),
            })
        });
        let recording = chunks.iter().try_for_each(|range| {
            let windows = windows.get(range.clone()).unwrap_or(&[]);
            record_chunk(network, request, windows, &sender, &mut progress)
        });
        drop(sender);
        let written = writing
            .join()
            .unwrap_or_else(|_| Err(Error::bug("the writing thread panicked")));
        // Recording also fails when nobody receives, and then writing says why.
        written.and(recording)
    })
}

fn record_chunk(
    network: &Network,
    request: &Request,
    windows: &[Window],
    sender: &SyncSender<Message>,
    progress: &mut impl FnMut(usize),
) -> Result<()> {
    let send = |message| {
        let gone = |_| Error::bug("the writing thread ended early");
        sender.send(message).map_err(gone)
    };
    let mut chunk = Chunk::new(windows)?;
    let lengths: Vec<_> = windows.iter().map(|window| window.tokens.len()).collect();
    let batches = network.batches(&lengths, BATCH_TOKENS);
    for (number, batch) in batches.iter().enumerate() {
        let members: Vec<_> = batch
            .iter()
            .filter_map(|index| windows.get(*index))
            .collect();
        let ids: Vec<Vec<u32>> = members
            .iter()
            .map(|window| window.tokens.iter().map(|placed| placed.token.id).collect())
            .collect();
        let sequences: Vec<_> = ids.iter().map(Vec::as_slice).collect();
        let tokens = TokenBatch::new(&sequences)?;
        let last = number + 1 == batches.len();
        let mut outcome = Ok(());
        network.record(&tokens, request, &mut |recorded: Recorded<'_>| {
            if let Some(block) = chunk.take(recorded, batch, windows, last)
                && outcome.is_ok()
            {
                outcome = block.and_then(|block| send(Message::Block(block)));
            }
            Ok(())
        })?;
        outcome?;
        progress(batch.len());
    }
    send(Message::End)
}

/// The activations of a chunk, while its batches are computed.
struct Chunk {
    /// Document, window and position of each row.
    keys: Vec<Vec<i32>>,
    /// The first row of each window.
    first_row: Vec<usize>,
    values: BTreeMap<(usize, Site), Vec<f32>>,
}

impl Chunk {
    fn new(windows: &[Window]) -> Result<Self> {
        let mut chunk = Self {
            keys: vec![Vec::new(); 3],
            first_row: Vec::with_capacity(windows.len()),
            values: BTreeMap::new(),
        };
        for window in windows {
            chunk.first_row.push(chunk.rows());
            for (position, _) in window.new_tokens() {
                let key = [window.document, window.window, position];
                for (column, value) in chunk.keys.iter_mut().zip(key) {
                    column.push(int(value)?);
                }
            }
        }
        Ok(chunk)
    }

    fn rows(&self) -> usize {
        self.keys.first().map_or(0, Vec::len)
    }

    /// Puts a batch's activations at a site and layer in their rows. After the last batch these are
    /// complete, and returned as a block.
    fn take(
        &mut self,
        recorded: Recorded<'_>,
        batch: &[usize],
        windows: &[Window],
        last: bool,
    ) -> Option<Result<Block>> {
        let (site, layer, width) = (recorded.site, recorded.layer, recorded.width);
        // A batch that is all there is of a chunk, and repeats nothing, already is the block.
        let whole =
            last && batch.len() == windows.len() && self.rows() * width == recorded.values.len();
        let recorded = match whole.then_some(()) {
            Some(()) => match recorded.into_rows() {
                Ok(values) => return Some(self.block(site, layer, width, values)),
                Err(recorded) => recorded,
            },
            None => recorded,
        };
        let size = self.rows() * width;
        let values = self
            .values
            .entry((layer, site))
            .or_insert_with(|| vec![0.0; size]);
        for (sequence, index) in batch.iter().enumerate() {
            let (Some(window), Some(first)) = (windows.get(*index), self.first_row.get(*index))
            else {
                continue;
            };
            for (row, (position, _)) in (*first..).zip(window.new_tokens()) {
                let activations = recorded.token(sequence, position);
                if let Some(out) = values.get_mut(row * width..(row + 1) * width)
                    && out.len() == activations.len()
                {
                    out.copy_from_slice(activations);
                }
            }
        }
        last.then(|| {
            let values = self.values.remove(&(layer, site)).unwrap_or_default();
            self.block(site, layer, width, values)
        })
    }

    fn block(&self, site: Site, layer: usize, width: usize, values: Vec<f32>) -> Result<Block> {
        Ok(Block {
            site,
            layer: int(layer)?,
            keys: self.keys.clone(),
            width,
            values,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use selectron_model::tokenizer::Token;

    fn window(length: usize, repeated: usize) -> Window {
        let placed = |index| Placed {
            token: Token {
                id: 0,
                span: index..index + 1,
            },
            special: None,
            word: None,
            repeated: index < repeated,
        };
        Window {
            document: 0,
            window: 0,
            tokens: (0..length).map(placed).collect(),
        }
    }

    proptest! {
        #[test]
        fn chunks_hold_every_window_once_in_order(
            lengths in proptest::collection::vec(1_usize..3000, 1..40),
            tokens in 1_usize..10_000,
        ) {
            let windows: Vec<_> = lengths.iter().map(|length| window(*length, 0)).collect();
            let chunks = chunks(&windows, tokens);
            let all: Vec<_> = chunks.iter().cloned().flatten().collect();
            prop_assert_eq!(all, (0..windows.len()).collect::<Vec<_>>());
            let most = tokens.next_multiple_of(BATCH_TOKENS);
            let total = |range: Range<usize>| lengths[range].iter().sum::<usize>();
            for (index, range) in chunks.iter().enumerate() {
                prop_assert!(range.len() == 1 || total(range.clone()) <= most);
                // No chunk could have taken the next window too.
                if index + 1 < chunks.len() {
                    prop_assert!(total(range.start..range.end + 1) > most);
                }
            }
        }
    }
}
