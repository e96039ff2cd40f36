//! One run of a case.

use crate::cases::{Case, Kind};
use crate::geometry::matmul_flops;
use selectron_extract::record;
use selectron_extract::record::batches::{BATCH_TOKENS, record_chunk};
use selectron_items::present::Presented;
use selectron_model::checkpoint::Checkpoint;
use selectron_model::{Network, Recorded, Request, TokenBatch, device};
use selectron_run::pipeline::{Layers, Reduce};
use selectron_run::{Error, Result, Site};
use selectron_tables::activations::Block;
use std::path::Path;
use std::time::Instant;

/// A case that is ready to run again and again.
pub(crate) struct Measured {
    case: Case,
    checkpoint: Checkpoint,
    backend: String,
    /// None while loading itself is what is measured.
    network: Option<Network>,
    /// Activations of the last run, by place, for the comparison with another implementation.
    pub(crate) sample: Vec<f32>,
}

impl Measured {
    /// Loads what the case needs.
    pub(crate) fn new(case: Case, folder: &Path, backend: &str) -> Result<Self> {
        let checkpoint = Checkpoint::open(folder)?;
        let network = match case.kind {
            Kind::Load => None,
            _ => Some(Network::load(&checkpoint, device::open(backend)?)?),
        };
        Ok(Self {
            case,
            checkpoint,
            backend: backend.to_owned(),
            network,
            sample: Vec::new(),
        })
    }

    /// Operations of the matrix products that a run needs; 0 where these are not what is measured.
    pub(crate) fn flops(&self) -> f64 {
        match (self.case.kind, self.case.layers.last()) {
            (Kind::Words | Kind::Text, Some(last)) => {
                matmul_flops(self.case.ids.iter().map(Vec::len), *last)
            }
            _ => 0.0,
        }
    }

    /// Runs the case once; returns the seconds it took.
    pub(crate) fn run(&mut self) -> Result<f64> {
        let started = Instant::now();
        let loaded = match self.case.kind {
            Kind::Load => Some(Network::load(
                &self.checkpoint,
                device::open(&self.backend)?,
            )?),
            _ => None,
        };
        let Some(network) = self.network.as_ref().or(loaded.as_ref()) else {
            return Err(Error::bug("a case without a network"));
        };
        let layers = Layers::Some(self.case.layers.clone());
        let request = network.request(&[Site::MlpPre], &layers)?;
        let sample = match self.case.kind {
            Kind::Words => {
                let blocks = words(network, &request, &self.case.ids)?;
                let seconds = started.elapsed().as_secs_f64();
                self.sample = sample_of_words(&self.case, &blocks)?;
                return Ok(seconds);
            }
            _ => text(network, &request, &self.case)?,
        };
        let seconds = started.elapsed().as_secs_f64();
        self.sample = sample;
        Ok(seconds)
    }
}

/// Records words and keeps the mean over each one's tokens at every layer.
fn words(network: &Network, request: &Request, ids: &[Vec<u32>]) -> Result<Vec<Block>> {
    let words: Vec<_> = ids
        .iter()
        .map(|ids| Presented {
            ids: ids.clone(),
            own: 0..ids.len(),
        })
        .collect();
    let mut blocks = Vec::new();
    let mut keep = |block| {
        blocks.push(block);
        Ok(())
    };
    let shape = network.shape();
    let bytes_per_word = request.len() * shape.hidden.max(shape.neurons) * size_of::<f32>();
    for items in record::words::cut(words.len(), bytes_per_word) {
        let chunk = record::words::chunk(&words, items, Reduce::Mean);
        record_chunk(network, request, &chunk, &mut keep, &mut |_| {})?;
    }
    Ok(blocks)
}

fn sample_of_words(case: &Case, blocks: &[Block]) -> Result<Vec<f32>> {
    let mut sample = Vec::new();
    for layer in &case.sample_layers {
        for (item, _) in &case.sample_rows {
            let row = blocks
                .iter()
                .filter(|block| block.place.layer == *layer)
                .find_map(|block| {
                    let mut items = block.keys[0].iter();
                    Some(block.row(items.position(|key| key == item)?))
                });
            let missing = || Error::bug(format!("word {item} was not recorded in layer {layer}"));
            pick(case, row.ok_or_else(missing)?, &mut sample);
        }
    }
    Ok(sample)
}

/// Records text a batch of equally long sequences at a time and keeps a batch's activations until
/// the next one's come.
fn text(network: &Network, request: &Request, case: &Case) -> Result<Vec<f32>> {
    let mut sampled = vec![Vec::new(); case.sample_layers.len() * case.sample_rows.len()];
    let mut first = 0;
    for run in case.ids.chunk_by(|a, b| a.len() == b.len()) {
        let length = run.first().map_or(1, Vec::len).max(1);
        for batch in run.chunks((BATCH_TOKENS / length).max(1)) {
            let sequences: Vec<_> = batch.iter().map(Vec::as_slice).collect();
            let tokens = TokenBatch::new(&sequences)?;
            let mut kept = Vec::new();
            network.record(&tokens, request, &mut |recorded| {
                kept.push(recorded.into_owned());
                Ok(())
            })?;
            for recorded in &kept {
                take_sample(case, first, recorded, &mut sampled);
            }
            first += batch.len();
        }
    }
    Ok(sampled.concat())
}

fn take_sample(case: &Case, first: usize, recorded: &Recorded<'_>, sampled: &mut [Vec<f32>]) {
    let layers = case.sample_layers.iter();
    let places = layers.flat_map(|layer| case.sample_rows.iter().map(move |row| (*layer, *row)));
    for ((layer, (sequence, token)), out) in places.zip(sampled) {
        if layer == recorded.layer
            && let Some(sequence) = sequence.checked_sub(first)
            && sequence < recorded.batch()
            && out.is_empty()
        {
            pick(case, recorded.token(sequence, token), out);
        }
    }
}

fn pick(case: &Case, row: &[f32], out: &mut Vec<f32>) {
    out.extend(case.sample_neurons.iter().map(|neuron| row[*neuron]));
}

/// The largest number of bytes that this process has held in memory, where the system tells.
pub(crate) fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

/// Reads a case and makes it ready.
pub(crate) fn prepare(folder: &Path, name: &str, backend: &str) -> Result<Measured> {
    let case = crate::cases::read(folder, name)?;
    Measured::new(case, folder, backend)
}

/// Whether the sample is whole: as many values as the case asks for.
pub(crate) fn check_sample(measured: &Measured) -> Result<()> {
    let case = &measured.case;
    let expected = case.sample_layers.len() * case.sample_rows.len() * case.sample_neurons.len();
    if measured.sample.len() == expected {
        return Ok(());
    }
    let found = measured.sample.len();
    Err(Error::bug(format!(
        "{found} of {expected} sampled activations were recorded"
    )))
}
