//! Reading and writing the small tables: rows of a type, in one file or in a folder of parts.

use crate::file::{TableFile, Wanted, parts};
use crate::packing::{Packing, arrow_writer, finish, write_error};
use crate::provenance::Provenance;
use crate::row::Row;
use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use parquet::arrow::ArrowWriter;
use selectron_run::Table;
use selectron_run::error::{Error, Result};
use selectron_run::files::AtomicFile;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Streams rows into a Parquet file, which appears under its name only when closed.
#[derive(Debug)]
pub struct TableWriter<R> {
    writer: ArrowWriter<AtomicFile>,
    path: PathBuf,
    schema: Arc<Schema>,
    rows: usize,
    _row: std::marker::PhantomData<R>,
}

impl<R: Row> TableWriter<R> {
    /// Starts a table.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn create(path: impl AsRef<Path>, provenance: &Provenance) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let schema = Arc::new(Schema::new(R::fields()));
        let writer = arrow_writer(
            &path,
            &schema,
            provenance.metadata(R::TABLE),
            Packing::Small,
        )?;
        Ok(Self {
            writer,
            path,
            schema,
            rows: 0,
            _row: std::marker::PhantomData,
        })
    }

    /// Appends rows; they become a row group of their own.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn write(&mut self, rows: &[R]) -> Result<()> {
        let batch = RecordBatch::try_new(self.schema.clone(), R::columns(rows))
            .map_err(|error| Error::bug(format!("table {}: {error}", R::TABLE)))?;
        self.rows += rows.len();
        self.writer
            .write(&batch)
            .and_then(|()| self.writer.flush())
            .map_err(|error| write_error(&self.path, error))
    }

    /// Finishes the file and gives it its name; returns the number of rows.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn close(self) -> Result<usize> {
        finish(self.writer, &self.path)?;
        Ok(self.rows)
    }
}

/// Writes a whole table at once.
///
/// # Errors
/// When the folder cannot be written.
pub fn write_table<R: Row>(
    path: impl AsRef<Path>,
    provenance: &Provenance,
    rows: &[R],
) -> Result<()> {
    let mut writer = TableWriter::create(path, provenance)?;
    writer.write(rows)?;
    writer.close()?;
    Ok(())
}

/// Reads a whole table, from one file or from a folder of parts.
///
/// # Errors
/// When it is missing, damaged, of another pipeline or schema, or lacks a column.
pub fn read_table<R: Row>(path: impl AsRef<Path>, provenance: &Provenance) -> Result<Vec<R>> {
    let mut rows = Vec::new();
    let fields = R::fields();
    let columns: Vec<_> = fields.iter().map(|field| field.name().as_str()).collect();
    for part in parts(path.as_ref(), R::TABLE)? {
        let file = TableFile::open(&part, R::TABLE, provenance)?;
        let groups: Vec<_> = (0..file.groups()?.len()).collect();
        file.batches(&groups, &columns, Wanted::All, |batch| {
            rows.extend(R::rows(batch)?);
            Ok(())
        })?;
    }
    Ok(rows)
}

/// Checks that a table can be opened and belongs to a run, without reading its rows.
///
/// # Errors
/// When it is missing, damaged, or of another pipeline or schema.
pub fn check_table(path: impl AsRef<Path>, table: Table, provenance: &Provenance) -> Result<()> {
    for part in parts(path.as_ref(), table)? {
        TableFile::open(&part, table, provenance)?;
    }
    Ok(())
}
