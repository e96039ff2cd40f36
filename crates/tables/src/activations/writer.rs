//! Writing activation tables, a row group per site and layer.

use super::block::{Block, Subject};
use crate::columns::{Column, list_item};
use crate::packing::{Packing, arrow_writer, finish, write_error};
use crate::provenance::Provenance;
use arrow::array::{ArrayRef, FixedSizeListArray, Float32Array, ListArray, RecordBatch};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Schema};
use parquet::arrow::ArrowWriter;
use selectron_run::Site;
use selectron_run::error::{Error, Result};
use selectron_run::files::AtomicFile;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Values of a block that the library encodes at a time: beside each it holds its levels of nesting,
/// which for a whole block of a long text would take as much memory again.
pub(super) const VALUES_AT_A_TIME: usize = 4 << 20;

/// Streams blocks of all neurons into an activation table, a row group each.
#[derive(Debug)]
pub struct ActivationWriter {
    blocks: Blocks,
    /// Neurons per row, where all recorded sites are equally wide.
    width: Option<usize>,
}

impl ActivationWriter {
    /// Starts a table whose rows have `width` neurons each, or a number that differs between sites.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn create(
        path: impl AsRef<Path>,
        subject: Subject,
        provenance: &Provenance,
        width: Option<usize>,
        packing: Packing,
    ) -> Result<Self> {
        let item = Arc::new(list_item(DataType::Float32));
        let list = match width {
            Some(width) => DataType::FixedSizeList(item, list_size(width)),
            None => DataType::List(item),
        };
        Ok(Self {
            blocks: Blocks::create(path.as_ref(), subject, provenance, list, packing)?,
            width,
        })
    }

    /// Appends a block as a row group.
    ///
    /// # Errors
    /// When the disk is full, or the block's shape is not the table's.
    pub fn write(&mut self, block: Block) -> Result<()> {
        if self.width.is_some_and(|width| width != block.width) {
            return Err(misshapen(&block));
        }
        self.blocks.write(block, self.width.is_some(), None)
    }

    /// Finishes the file and gives it its name; returns the number of rows.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn close(self) -> Result<usize> {
        self.blocks.close()
    }
}

/// Streams blocks of some neurons, named by number, into `shown_activations.parquet`.
#[derive(Debug)]
pub struct ShownWriter {
    blocks: Blocks,
}

impl ShownWriter {
    /// Starts the table.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn create(path: impl AsRef<Path>, provenance: &Provenance) -> Result<Self> {
        let list = DataType::List(Arc::new(list_item(DataType::Float32)));
        let subject = Subject::Shown;
        Ok(Self {
            blocks: Blocks::create(path.as_ref(), subject, provenance, list, Packing::Small)?,
        })
    }

    /// Appends a block as a row group. `neurons` are the numbers of the neurons in each of its rows.
    ///
    /// # Errors
    /// When the disk is full, or the block is not as wide as there are neurons.
    pub fn write(&mut self, block: Block, neurons: &[usize]) -> Result<()> {
        if block.width != neurons.len() {
            return Err(misshapen(&block));
        }
        self.blocks.write(block, false, Some(neurons))
    }

    /// Finishes the file and gives it its name; returns the number of rows.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn close(self) -> Result<usize> {
        self.blocks.close()
    }
}

/// What both writers do.
#[derive(Debug)]
struct Blocks {
    writer: ArrowWriter<AtomicFile>,
    path: PathBuf,
    schema: Arc<Schema>,
    subject: Subject,
    rows: usize,
}

impl Blocks {
    fn create(
        path: &Path,
        subject: Subject,
        provenance: &Provenance,
        list: DataType,
        packing: Packing,
    ) -> Result<Self> {
        let columns = subject.columns(list).into_iter();
        let schema = Arc::new(Schema::new(
            columns.map(|(field, _)| field).collect::<Vec<_>>(),
        ));
        let metadata = provenance.metadata(subject.table());
        let writer = arrow_writer(path, &schema, metadata, packing)?;
        Ok(Self {
            writer,
            path: path.to_owned(),
            schema,
            subject,
            rows: 0,
        })
    }

    fn write(&mut self, block: Block, fixed: bool, neurons: Option<&[usize]>) -> Result<()> {
        let rows = block.rows();
        let fits = block.keys.len() == self.subject.keys().len()
            && block.keys.iter().all(|key| key.len() == rows)
            && block.values.len() == rows * block.width;
        if !fits {
            return Err(misshapen(&block));
        }
        let Block {
            place,
            keys,
            width,
            values,
        } = block;
        let mut columns: Vec<ArrayRef> = keys.into_iter().map(usize::build).collect();
        columns.push(Site::build(vec![place.site; rows]));
        columns.push(usize::build(vec![place.layer; rows]));
        if let Some(neurons) = neurons {
            columns.push(Vec::<usize>::build(vec![neurons.to_vec(); rows]));
        }
        columns.push(lists(values, rows, width, fixed)?);
        let batch = RecordBatch::try_new(self.schema.clone(), columns)
            .map_err(|error| Error::bug(format!("activations: {error}")))?;
        self.rows += rows;
        let at_a_time = (VALUES_AT_A_TIME / width.max(1)).max(1);
        for start in (0..rows).step_by(at_a_time) {
            let some = batch.slice(start, at_a_time.min(rows - start));
            let written = self.writer.write(&some);
            written.map_err(|error| write_error(&self.path, error))?;
        }
        let flushed = self.writer.flush();
        flushed.map_err(|error| write_error(&self.path, error))
    }

    fn close(self) -> Result<usize> {
        finish(self.writer, &self.path)?;
        Ok(self.rows)
    }
}

fn misshapen(block: &Block) -> Error {
    Error::bug(format!("a block of {} is misshapen", block.place))
}

fn list_size(width: usize) -> i32 {
    assert!(width <= i32::MAX as usize, "{width} neurons fit no list");
    width as i32
}

/// A column of lists of `width` values each, of fixed size or not.
pub(super) fn lists(values: Vec<f32>, rows: usize, width: usize, fixed: bool) -> Result<ArrayRef> {
    let item = Arc::new(list_item(DataType::Float32));
    let values: ArrayRef = Arc::new(Float32Array::from(values));
    let misshapen = |error| Error::bug(format!("activations: {error}"));
    Ok(if fixed {
        let size = list_size(width);
        Arc::new(FixedSizeListArray::try_new(item, size, values, None).map_err(misshapen)?)
    } else {
        let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(width, rows));
        Arc::new(ListArray::try_new(item, offsets, values, None).map_err(misshapen)?)
    })
}
