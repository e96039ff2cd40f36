//! Reading Parquet files: opened, checked and bounded before anything in them is followed.

use crate::columns::Column;
use crate::damaged::damaged;
use crate::limits::{Allowance, bound, check_schema};
use crate::provenance::Provenance;
use arrow::array::RecordBatch;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReaderBuilder, RowSelection};
use selectron_run::Table;
use selectron_run::error::{Error, Result};
use selectron_run::files::folder_entries;
use selectron_run::guard::guarded;
use std::fs::File;
use std::path::{Path, PathBuf};

/// A Parquet file of one of our tables, with what is left of what reading it may cost.
#[derive(Debug)]
pub(crate) struct TableFile<'a> {
    path: &'a Path,
    reader: ParquetRecordBatchReaderBuilder<File>,
    allowance: Allowance,
}

impl<'a> TableFile<'a> {
    /// Opens a file and checks that it belongs to a run and holds a table.
    pub(crate) fn open(path: &'a Path, table: Table, provenance: &Provenance) -> Result<Self> {
        let reader = open(path)?;
        let metadata = reader.metadata().file_metadata().key_value_metadata();
        provenance.check(table, metadata, path)?;
        Ok(Self {
            path,
            reader,
            allowance: Allowance::of(path)?,
        })
    }

    /// Opens a file that has been checked before.
    pub(crate) fn reopen(path: &'a Path) -> Result<Self> {
        Ok(Self {
            path,
            reader: open(path)?,
            allowance: Allowance::of(path)?,
        })
    }

    /// Continues with what an earlier reading of the same file has left of its allowance.
    pub(crate) fn with_allowance(mut self, allowance: Allowance) -> Self {
        self.allowance = allowance;
        self
    }

    /// Whether it has a column.
    pub(crate) fn has_column(&self, name: &str) -> bool {
        self.reader.schema().column_with_name(name).is_some()
    }

    /// Rows of each row group.
    pub(crate) fn groups(&self) -> Result<Vec<usize>> {
        let groups = self.reader.metadata().row_groups().iter();
        groups
            .map(|group| {
                usize::try_from(group.num_rows())
                    .map_err(|_| damaged(self.path, "a row group has a negative number of rows"))
            })
            .collect()
    }

    /// Hands over some columns of some row groups, a batch at a time, those rows alone that are
    /// wanted. Returns what is left of what reading the file may cost.
    pub(crate) fn batches(
        self,
        groups: &[usize],
        columns: &[&str],
        wanted: Wanted<'_>,
        mut receive: impl FnMut(&RecordBatch) -> Result<(), String>,
    ) -> Result<Allowance> {
        let Self {
            path,
            reader,
            mut allowance,
        } = self;
        let mut reader = bound(reader, path, groups, columns, &mut allowance)?;
        match wanted {
            Wanted::All => {}
            Wanted::Only(row) => reader = reader.with_offset(row).with_limit(1),
            Wanted::Where(mask) => {
                let mask = arrow::array::BooleanArray::from(mask.to_vec());
                reader = reader.with_row_selection(RowSelection::from_filters(&[mask]));
            }
        }
        for batch in allowance.batches(reader, path)? {
            receive(&batch?)
                .map_err(|what| Error::artifact(path, what, "rerun the stage that writes it"))?;
        }
        Ok(allowance)
    }
}

/// Which rows of the row groups are read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted<'a> {
    /// All.
    All,
    /// One, by its number among them.
    Only(usize),
    /// Those for which the mask is true.
    Where(&'a [bool]),
}

/// Opens a Parquet file for reading; its schema has been checked.
pub(crate) fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = File::open(path).map_err(|source| Error::io("read", path, source))?;
    check_schema(&file, path)?;
    guarded(|| ParquetRecordBatchReaderBuilder::try_new(file))
        .map_err(|panic| damaged(path, panic))?
        .map_err(|error| damaged(path, error))
}

/// The Parquet files of a table: itself, or the parts in its folder in order of name.
pub(crate) fn parts(path: &Path, table: Table) -> Result<Vec<PathBuf>> {
    if path.is_dir() {
        let parts: Vec<_> = folder_entries(path)?
            .into_iter()
            .filter(|part| {
                part.extension()
                    .is_some_and(|extension| extension == "parquet")
            })
            .collect();
        if parts.is_empty() {
            let what = "the folder holds no part-*.parquet";
            return Err(Error::artifact(
                path,
                what,
                "rerun the stage that writes it",
            ));
        }
        return Ok(parts);
    }
    if !path.exists() {
        return Err(Error::artifact(
            path,
            "the table is missing",
            table.stage().remedy(),
        ));
    }
    Ok(vec![path.to_owned()])
}

/// Reads one column of a batch by name.
///
/// # Errors
/// A phrase, when it is missing or of another type.
pub fn column<T: Column>(batch: &RecordBatch, name: &str) -> Result<Vec<T>, String> {
    let array = batch
        .column_by_name(name)
        .ok_or(format!("the column `{name}` is missing"))?;
    T::read(array).map_err(|problem| format!("the column `{name}` {problem}"))
}
