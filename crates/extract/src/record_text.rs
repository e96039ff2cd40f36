//! Recording the activations of a text's tokens.

use crate::document::{Document, Placed};
use crate::error::{Error, Result};
use selectron_model::{Network, Recorded, Request, TokenBatch};
use selectron_schema::Site;
use selectron_schema::activations::{ActivationWriter, Block};
use selectron_schema::tables::TokenRow;
use std::collections::BTreeMap;

/// Tokens of one forward pass, unless a single window has more.
const BATCH_TOKENS: usize = 2048;

/// Bytes of activations held until they are written as row groups.
const CHUNK_BYTES: usize = 128 << 20;

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
        for (position, placed) in window.tokens.iter().enumerate() {
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

/// Records all windows, a chunk at a time, and writes a row group a chunk, site and layer.
///
/// # Errors
/// When the model or the disk refuses.
pub fn record_text(
    network: &Network,
    request: &Request,
    windows: &[Window],
    writer: &mut ActivationWriter,
    mut progress: impl FnMut(usize),
) -> Result<()> {
    let width = network.shape().hidden.max(network.shape().neurons);
    let bytes_a_token = (request.len() * width * size_of::<f32>()).max(1);
    let mut chunk = Chunk::default();
    for batch in batches(windows) {
        chunk.record(network, request, batch)?;
        progress(batch.len());
        if chunk.keys[0].len() * bytes_a_token >= CHUNK_BYTES {
            std::mem::take(&mut chunk).write(writer)?;
        }
    }
    chunk.write(writer)
}

/// Runs of neighbouring windows of equal length, in order.
fn batches(windows: &[Window]) -> impl Iterator<Item = &[Window]> {
    windows
        .chunk_by(|a, b| a.tokens.len() == b.tokens.len())
        .flat_map(|run| {
            let length = run.first().map_or(1, |window| window.tokens.len()).max(1);
            run.chunks((BATCH_TOKENS / length).max(1))
        })
}

/// Activations that wait to be written.
#[derive(Default)]
struct Chunk {
    /// Document, window and position of each token.
    keys: [Vec<i32>; 3],
    by_place: BTreeMap<(usize, Site), (usize, Vec<f32>)>,
}

impl Chunk {
    fn record(&mut self, network: &Network, request: &Request, batch: &[Window]) -> Result<()> {
        let ids: Vec<Vec<u32>> = batch
            .iter()
            .map(|window| window.tokens.iter().map(|placed| placed.token.id).collect())
            .collect();
        let sequences: Vec<_> = ids.iter().map(Vec::as_slice).collect();
        let tokens = TokenBatch::new(&sequences)?;
        let by_place = &mut self.by_place;
        network.record(&tokens, request, &mut |recorded: Recorded| {
            let place = (recorded.layer, recorded.site);
            let (_, values) = by_place
                .entry(place)
                .or_insert((recorded.width, Vec::new()));
            values.extend(recorded.values);
            Ok(())
        })?;
        for window in batch {
            for position in 0..window.tokens.len() {
                let key = [window.document, window.window, position];
                for (column, value) in self.keys.iter_mut().zip(key) {
                    column.push(int(value)?);
                }
            }
        }
        Ok(())
    }

    fn write(self, writer: &mut ActivationWriter) -> Result<()> {
        for ((layer, site), (width, values)) in self.by_place {
            let keys = self.keys.to_vec();
            writer.write(Block {
                site,
                layer: int(layer)?,
                keys,
                width,
                values,
            })?;
        }
        Ok(())
    }
}

fn int(value: usize) -> Result<i32> {
    i32::try_from(value).map_err(|_| Error::bug(format!("{value} does not fit a column of i32")))
}
