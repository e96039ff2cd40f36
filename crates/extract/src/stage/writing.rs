//! Writing the units of work while the next are computed.

use super::unit::PlannedUnit;
use selectron_run::error::{Error, Result};
use selectron_run::units::{Store, UnitFiles};
use selectron_tables::Provenance;
use selectron_tables::activations::{ActivationWriter, Block};
use std::sync::mpsc::{Receiver, SyncSender};

/// What the recording thread tells the writing thread.
#[derive(Debug)]
pub(super) enum Message {
    /// What follows belongs to this unit.
    Begin(usize),
    /// The activations of a chunk at one place.
    Block(Block),
    /// The unit is complete.
    End,
}

/// Sends a message to the writing thread, which is gone only if it has failed.
pub(super) fn send(sender: &SyncSender<Message>, message: Message) -> Result<()> {
    let gone = |_| Error::bug("the writing thread ended early");
    sender.send(message).map_err(gone)
}

/// Writes units into the store.
#[derive(Debug)]
pub(super) struct Writing<'a> {
    pub(super) store: &'a Store,
    pub(super) units: &'a [PlannedUnit],
    pub(super) provenance: Provenance,
    /// Neurons of each row, if all recorded places are equally wide.
    pub(super) width: Option<usize>,
}

impl Writing<'_> {
    /// Writes what arrives until nothing more does. A unit that has not been completed by then does
    /// not count as done.
    pub(super) fn receive(&self, messages: Receiver<Message>) -> Result<()> {
        let mut open: Option<OpenUnit<'_>> = None;
        for message in messages {
            match (message, &mut open) {
                (Message::Begin(number), None) => open = Some(self.begin(number)?),
                (Message::Block(block), Some(unit)) => unit.writer.write(block)?,
                (Message::End, Some(_)) => {
                    if let Some(unit) = open.take() {
                        unit.end()?;
                    }
                }
                (message, _) => {
                    let what = format!("out of turn: {message:.20?}");
                    return Err(Error::bug(what));
                }
            }
        }
        Ok(())
    }

    fn begin(&self, number: usize) -> Result<OpenUnit<'_>> {
        let unit = &self.units[number];
        let files = self.store.begin(number)?;
        let name = unit.subject.table().file_name();
        let path = files.path(&name);
        let (subject, packing) = (unit.subject, unit.packing);
        let writer =
            ActivationWriter::create(path, subject, &self.provenance, self.width, packing)?;
        Ok(OpenUnit {
            files,
            name,
            writer,
        })
    }
}

/// A unit that is being written.
#[derive(Debug)]
struct OpenUnit<'a> {
    files: UnitFiles<'a>,
    name: String,
    writer: ActivationWriter,
}

impl OpenUnit<'_> {
    fn end(self) -> Result<()> {
        let Self {
            mut files,
            name,
            writer,
        } = self;
        let rows = writer.close()?;
        files.wrote(&name, Some(rows))?;
        files.finish()
    }
}
