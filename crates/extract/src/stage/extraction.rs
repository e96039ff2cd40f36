//! The stage as units of work.

use super::outputs::Outputs;
use super::prepared::Prepared;
use super::unit::PlannedUnit;
use super::writing::{Message, Writing, send};
use crate::source::kind::Source;
use selectron_run::Stage;
use selectron_run::error::Result;
use selectron_run::manifest::{ExtractFacts, Section};
use selectron_run::stage::{Console, Task};
use selectron_run::units::{Store, Unit, Work};
use selectron_tables::Provenance;
use std::sync::mpsc::{SyncSender, sync_channel};

/// The work of the stage.
pub(super) struct Extraction<'a> {
    pub(super) task: &'a Task,
    pub(super) console: &'a Console,
    pub(super) source: &'a dyn Source,
    pub(super) prepared: Prepared,
    pub(super) units: Vec<PlannedUnit>,
}

impl Work for Extraction<'_> {
    fn stage(&self) -> Stage {
        Stage::Extract
    }

    fn plan(&self) -> Result<Vec<Unit>> {
        let unit = |unit: &PlannedUnit| Unit {
            title: unit.title(),
        };
        Ok(self.units.iter().map(unit).collect())
    }

    /// Records the units, while another thread writes what has been recorded.
    fn units(&self, numbers: &[usize], store: &Store) -> Result<()> {
        let writing = Writing {
            store,
            units: &self.units,
            provenance: self.provenance(),
            width: self.width(),
        };
        // Blocks that wait to be written are as many as memory allows: one.
        let (sender, receiver) = sync_channel(1);
        std::thread::scope(|scope| {
            let writer = scope.spawn(move || writing.receive(receiver));
            let recorded = self.record(numbers, &sender);
            drop(sender);
            let written = writer.join();
            let written = written.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            // Recording also fails when nobody receives, and then writing says why.
            written.and(recorded)
        })
    }

    fn collect(&self, _units: usize, store: &Store) -> Result<Section> {
        self.source.unchanged()?;
        let mut outputs = Outputs::new(&self.task.run, self.console, self.provenance());
        outputs.write_lists(&self.task.pipeline, &self.prepared)?;
        outputs.publish(&self.units, store)?;
        Ok(Section::Extract(Box::new(self.facts(outputs))))
    }
}

impl Extraction<'_> {
    fn provenance(&self) -> Provenance {
        Provenance::new(&self.task.pipeline.name)
    }

    /// Neurons of each row, if all recorded places are equally wide.
    fn width(&self) -> Option<usize> {
        let (_, first) = self.source.places().first()?;
        let mut places = self.source.places().iter();
        places.all(|(_, width)| width == first).then_some(*first)
    }

    fn record(&self, numbers: &[usize], sender: &SyncSender<Message>) -> Result<()> {
        let units = numbers.iter().map(|number| (*number, &self.units[*number]));
        let pieces = units.clone().map(|(_, unit)| unit.pieces.len()).sum();
        let bar = self.console.progress("activations", pieces);
        for (number, unit) in units {
            send(sender, Message::Begin(number))?;
            for piece in &unit.pieces {
                self.source.record(
                    &self.prepared.selection.stimuli,
                    &self.prepared.chunk(piece),
                    &mut |block| send(sender, Message::Block(block)),
                    &mut |_| {},
                )?;
                bar.inc(1);
            }
            // What was computed while the model's files changed must not count as done.
            self.source.unchanged()?;
            send(sender, Message::End)?;
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn facts(&self, outputs: Outputs<'_>) -> ExtractFacts {
        let record = &self.task.pipeline.record;
        let selection = &self.prepared.selection;
        let (model, backend) = self.source.facts();
        let places = self.source.places().iter();
        let mut layers: Vec<_> = places.map(|(place, _)| place.layer).collect();
        layers.dedup();
        let presentations = self.prepared.presentations.iter();
        ExtractFacts {
            model,
            backend,
            sites: record.site.clone(),
            layers,
            presentation: record.presentation.clone(),
            reduce: record.reduce,
            categories: selection.categories.clone(),
            pairs: selection.pairs,
            shared: selection.shared.clone(),
            text: self.prepared.text.as_ref().map(|text| text.facts.clone()),
            presentations: presentations.map(|(one, _)| one.clone()).collect(),
            artifacts: outputs.artifacts,
            scratch: outputs.scratch,
        }
    }
}
