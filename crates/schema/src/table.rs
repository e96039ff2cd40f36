//! Reading and writing Parquet tables of rows.
//!
//! A row type is declared once with the `table!` macro; its schema, its writer and its reader
//! follow from that. Tables may be one file or a folder of parts.

use crate::SCHEMA_VERSION;
use crate::columns::Column;
use crate::error::{Error, Result};
use crate::files::{AtomicFile, folder_entries};
use crate::guard::guarded;
use crate::limits::{Allowance, bound, check_schema};
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReaderBuilder, RowSelection};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const KEY_VERSION: &str = "selectron.schema_version";
const KEY_PIPELINE: &str = "selectron.pipeline";
const KEY_TABLE: &str = "selectron.table";

/// The level at which ZSTD is about as fast as the encoding before it.
const ZSTD_LEVEL: i32 = 3;

/// A row type of a table.
pub trait Row: Sized {
    /// The table's name, which is its file name without `.parquet`.
    const TABLE: &'static str;
    /// The table's columns.
    fn fields() -> Vec<Field>;
    /// The columns of these rows, in the order of [`Row::fields`].
    fn columns(rows: &[Self]) -> Vec<ArrayRef>;
    /// The rows of a batch.
    ///
    /// # Errors
    /// A phrase about the column that is missing or of the wrong type.
    fn rows(batch: &RecordBatch) -> Result<Vec<Self>, String>;
}

/// Declares a row type: a struct with public fields, one a column.
macro_rules! table {
    (
        $(#[$meta:meta])*
        $name:ident in $table:literal { $( $(#[$doc:meta])* $field:ident: $type:ty, )+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name { $( $(#[$doc])* pub $field: $type, )+ }

        impl $crate::table::Row for $name {
            const TABLE: &'static str = $table;

            fn fields() -> Vec<arrow::datatypes::Field> {
                vec![ $( <$type as $crate::columns::Column>::field(stringify!($field)), )+ ]
            }

            fn columns(rows: &[Self]) -> Vec<arrow::array::ArrayRef> {
                vec![ $( <$type as $crate::columns::Column>::build(
                    rows.iter().map(|row| row.$field.clone()).collect()
                ), )+ ]
            }

            fn rows(batch: &arrow::array::RecordBatch) -> Result<Vec<Self>, String> {
                $( let mut $field =
                    $crate::table::column::<$type>(batch, stringify!($field))?.into_iter(); )+
                let mut rows = Vec::with_capacity(batch.num_rows());
                for _ in 0..batch.num_rows() {
                    rows.push(Self {
                        $( $field: $field.next().ok_or("a column is too short")?, )+
                    });
                }
                Ok(rows)
            }
        }
    };
}
pub(crate) use table;

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

/// Which run a table belongs to; written into every file as Parquet metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The pipeline's name.
    pub pipeline: String,
}

impl Provenance {
    /// The provenance of tables of the pipeline called `pipeline`.
    pub fn new(pipeline: impl Into<String>) -> Self {
        Self {
            pipeline: pipeline.into(),
        }
    }

    pub(crate) fn metadata(&self, table: &str) -> Vec<KeyValue> {
        vec![
            KeyValue::new(KEY_VERSION.to_owned(), SCHEMA_VERSION.to_string()),
            KeyValue::new(KEY_PIPELINE.to_owned(), self.pipeline.clone()),
            KeyValue::new(KEY_TABLE.to_owned(), table.to_owned()),
        ]
    }

    /// Refuses a file of another pipeline, another table or another schema version. A file without
    /// such metadata comes from another program and is judged by its columns alone.
    pub(crate) fn check(
        &self,
        table: &str,
        metadata: Option<&Vec<KeyValue>>,
        path: &Path,
    ) -> Result<()> {
        let find = |key: &str| {
            let mut pairs = metadata.into_iter().flatten();
            pairs
                .find(|pair| pair.key == key)
                .and_then(|pair| pair.value.as_deref())
        };
        let remedy = "rerun the stage that writes it";
        if let Some(version) = find(KEY_VERSION)
            && version != SCHEMA_VERSION.to_string()
        {
            let what = format!("schema version {version}, but this program reads {SCHEMA_VERSION}");
            return Err(Error::artifact(path, what, remedy));
        }
        if let Some(name) = find(KEY_TABLE)
            && name != table
        {
            return Err(Error::artifact(
                path,
                format!("holds the table `{name}`, not `{table}`"),
                remedy,
            ));
        }
        if let Some(pipeline) = find(KEY_PIPELINE)
            && pipeline != self.pipeline
        {
            let what = format!(
                "belongs to the pipeline `{pipeline}`, not to `{}`",
                self.pipeline
            );
            return Err(Error::artifact(
                path,
                what,
                "choose another folder with --out, or rerun",
            ));
        }
        Ok(())
    }
}

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
            .map_err(|error| Error::Bug(format!("table {}: {error}", R::TABLE)))?;
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
    for part in parts(path.as_ref(), R::TABLE)? {
        let reader = open(&part)?;
        provenance.check(
            R::TABLE,
            reader.metadata().file_metadata().key_value_metadata(),
            &part,
        )?;
        let groups: Vec<_> = (0..reader.metadata().num_row_groups()).collect();
        let fields = R::fields();
        let columns: Vec<_> = fields.iter().map(|field| field.name().as_str()).collect();
        let mut allowance = Allowance::of(&part)?;
        let reader = bound(reader, &part, &groups, &columns, &mut allowance)?;
        for batch in allowance.batches(reader, &part)? {
            rows.extend(
                R::rows(&batch?).map_err(|what| {
                    Error::artifact(&part, what, "rerun the stage that writes it")
                })?,
            );
        }
    }
    Ok(rows)
}

/// Checks that a table can be opened and belongs to a run, without reading its rows.
///
/// # Errors
/// When it is missing, damaged, or of another pipeline or schema.
pub fn check_table(path: impl AsRef<Path>, table: &str, provenance: &Provenance) -> Result<()> {
    for part in parts(path.as_ref(), table)? {
        let reader = open(&part)?;
        provenance.check(
            table,
            reader.metadata().file_metadata().key_value_metadata(),
            &part,
        )?;
    }
    Ok(())
}

/// The Parquet files of a table: itself, or the parts in its folder in order of name.
pub(crate) fn parts(path: &Path, table: &str) -> Result<Vec<PathBuf>> {
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
        let stage = match table {
            "words"
            | "activations"
            | "position_activations"
            | "presentation_activations"
            | "tokens"
            | "text_words"
            | "text_activations" => "extract",
            _ => "stats",
        };
        return Err(Error::artifact(
            path,
            "the table is missing",
            format!("run `cargo xtask {stage}` for this pipeline first"),
        ));
    }
    Ok(vec![path.to_owned()])
}

pub(crate) fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = File::open(path).map_err(|source| Error::io("read", path, source))?;
    check_schema(&file, path)?;
    guarded(|| ParquetRecordBatchReaderBuilder::try_new(file))
        .map_err(|panic| damaged(path, panic))?
        .map_err(|error| damaged(path, error))
}

/// A Parquet file that cannot be read.
pub(crate) fn damaged(path: &Path, error: impl std::fmt::Display) -> Error {
    Error::artifact(
        path,
        format!("not a readable Parquet file ({error})"),
        "delete it and rerun the stage that writes it",
    )
}

pub(crate) fn write_error(path: &Path, error: parquet::errors::ParquetError) -> Error {
    let source = match error {
        parquet::errors::ParquetError::External(inner) => {
            match inner.downcast::<std::io::Error>() {
                Ok(source) => *source,
                Err(other) => std::io::Error::other(other),
            }
        }
        other => std::io::Error::other(other),
    };
    Error::io("write", path, source)
}

pub(crate) fn finish(writer: ArrowWriter<AtomicFile>, path: &Path) -> Result<()> {
    writer
        .into_inner()
        .map_err(|error| write_error(path, error))?
        .commit()
}

/// What a file is packed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// To be kept: compressed.
    Small,
    /// To be read once and removed: as it lies in memory.
    Fast,
}

pub(crate) fn arrow_writer(
    path: &Path,
    schema: &Arc<Schema>,
    metadata: Vec<KeyValue>,
    packing: Packing,
) -> Result<ArrowWriter<AtomicFile>> {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(|error| Error::Bug(error.to_string()))?;
    let mut properties = WriterProperties::builder().set_key_value_metadata(Some(metadata));
    if packing == Packing::Small {
        properties = properties.set_compression(Compression::ZSTD(level));
    }
    for field in schema.fields() {
        properties = encode_floats(properties, field, packing);
    }
    ArrowWriter::try_new(
        AtomicFile::create(path)?,
        schema.clone(),
        Some(properties.build()),
    )
    .map_err(|error| write_error(path, error))
}

/// Floats hardly repeat, so a dictionary only costs; splitting their bytes into streams puts the
/// similar exponents side by side, where ZSTD finds them.
fn encode_floats(
    properties: WriterPropertiesBuilder,
    field: &Field,
    packing: Packing,
) -> WriterPropertiesBuilder {
    let path = match field.data_type() {
        DataType::Float64 => ColumnPath::from(field.name().as_str()),
        DataType::FixedSizeList(item, _) | DataType::List(item)
            if *item.data_type() == DataType::Float32 =>
        {
            ColumnPath::new(vec![
                field.name().clone(),
                "list".to_owned(),
                item.name().clone(),
            ])
        }
        _ => return properties,
    };
    let encoding = match packing {
        Packing::Small => Encoding::BYTE_STREAM_SPLIT,
        Packing::Fast => Encoding::PLAIN,
    };
    properties
        .set_column_dictionary_enabled(path.clone(), false)
        .set_column_encoding(path, encoding)
}

/// Selects rows for a reader from a mask, as runs.
pub(crate) fn selection(mask: &[bool]) -> RowSelection {
    RowSelection::from_filters(&[arrow::array::BooleanArray::from(mask.to_vec())])
}
