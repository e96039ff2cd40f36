//! How Parquet files are written: through a temporary file, with floats packed as floats.

use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;
use selectron_run::error::{Error, Result};
use selectron_run::files::AtomicFile;
use std::path::Path;
use std::sync::Arc;

/// The level at which ZSTD is about as fast as the encoding before it.
const ZSTD_LEVEL: i32 = 3;

/// What a file is packed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// To be kept: compressed.
    Small,
    /// To be read once and removed: as it is in memory.
    Fast,
}

pub(crate) fn arrow_writer(
    path: &Path,
    schema: &Arc<Schema>,
    metadata: Vec<KeyValue>,
    packing: Packing,
) -> Result<ArrowWriter<AtomicFile>> {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(|error| Error::bug(error.to_string()))?;
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

pub(crate) fn finish(writer: ArrowWriter<AtomicFile>, path: &Path) -> Result<()> {
    writer
        .into_inner()
        .map_err(|error| write_error(path, error))?
        .commit()
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
