//! Tables of activations.

use selectron_run::{NeuronId, Place, RunDir};
use selectron_tables::Provenance;
use selectron_tables::activations::{ActivationWriter, Block, Packing, ShownWriter, Subject};
use std::path::Path;

/// The activation of a row at a neuron; rows are counted from 0.
pub(crate) type Value<'a> = Box<dyn Fn(usize, NeuronId) -> f32 + 'a>;

/// The rows of a table of activations, the same at each site and layer.
pub(crate) struct Recorded<'a> {
    /// The key columns, one value per row each.
    pub(crate) keys: Vec<Vec<usize>>,
    pub(crate) value: Value<'a>,
}

/// Where neurons are.
pub(crate) struct Places {
    pub(crate) places: Vec<Place>,
    /// Neurons per place.
    pub(crate) width: usize,
}

impl Recorded<'_> {
    fn block(&self, place: Place, neurons: &[usize], rows: std::ops::Range<usize>) -> Block {
        let keys = self.keys.iter();
        let values = rows.clone().flat_map(|row| {
            let value = move |neuron: &usize| (self.value)(row, place.neuron(*neuron));
            neurons.iter().map(value)
        });
        Block {
            place,
            keys: keys.map(|key| key[rows.clone()].to_vec()).collect(),
            width: neurons.len(),
            values: values.collect(),
        }
    }

    fn rows(&self) -> usize {
        self.keys.first().map_or(0, Vec::len)
    }

    /// Writes all neurons of some rows into one file.
    fn write_rows(
        &self,
        path: &Path,
        subject: Subject,
        provenance: &Provenance,
        Places { places, width }: &Places,
        rows: std::ops::Range<usize>,
    ) {
        let neurons: Vec<usize> = (0..*width).collect();
        let mut writer =
            ActivationWriter::create(path, subject, provenance, Some(*width), Packing::Small)
                .expect("a table of activations");
        for place in places {
            let block = self.block(*place, &neurons, rows.clone());
            writer.write(block).expect("a written block");
        }
        writer.close().expect("a finished table");
    }

    /// Writes the table as one file.
    pub(crate) fn write(&self, run: &RunDir, subject: Subject, of: &Provenance, places: &Places) {
        let path = run.table(subject.table());
        self.write_rows(&path, subject, of, places, 0..self.rows());
    }

    /// Writes the table into `.scratch/`, as a folder of parts of `part` rows.
    pub(crate) fn write_parts(
        &self,
        run: &RunDir,
        subject: Subject,
        provenance: &Provenance,
        places: &Places,
        part: usize,
    ) {
        let folder = run.scratch().join(subject.table().file_name());
        std::fs::create_dir_all(&folder).expect("a folder of parts");
        for (number, start) in (0..self.rows()).step_by(part).enumerate() {
            let rows = start..self.rows().min(start + part);
            let path = folder.join(format!("part-{number:05}.parquet"));
            self.write_rows(&path, subject, provenance, places, rows);
        }
    }

    /// Writes the table of some neurons.
    pub(crate) fn write_shown(&self, run: &RunDir, provenance: &Provenance, shown: &[NeuronId]) {
        let path = run.table(Subject::Shown.table());
        let mut writer = ShownWriter::create(path, provenance).expect("a table of activations");
        let mut shown = shown.to_vec();
        shown.sort_unstable_by_key(|id| (id.place.forward_order(), id.neuron));
        shown.dedup();
        for of_place in shown.chunk_by(|a, b| a.place == b.place) {
            let neurons: Vec<usize> = of_place.iter().map(|id| id.neuron).collect();
            let block = self.block(of_place[0].place, &neurons, 0..self.rows());
            writer.write(block, &neurons).expect("a written block");
        }
        writer.close().expect("a finished table");
    }
}
