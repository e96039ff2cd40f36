//! Parquet files: their footers, their page headers, and tables of other columns than are expected.

use super::{NUMBERS, few, pick};
use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Float32Array, Float64Array, Int32Array, Int64Array,
    LargeStringArray, ListArray, NullArray, RecordBatch, StringArray, StructArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::Field;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::{
    ColumnChunkMetaData, FileMetaData, ParquetMetaData, ParquetMetaDataReader,
    ParquetMetaDataWriter, RowGroupMetaData,
};
use parquet::file::properties::{WriterProperties, WriterVersion};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::io::Write;
use std::sync::Arc;

/// The bytes before the footer, and what the footer says; none if the file cannot be read so far.
fn open(bytes: &[u8]) -> Option<(Vec<u8>, ParquetMetaData)> {
    let mut file = tempfile::tempfile().ok()?;
    file.write_all(bytes).ok()?;
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&file).ok()?;
    let tail = bytes.get(bytes.len().checked_sub(8)?..)?;
    let footer = u32::from_le_bytes(tail.get(..4)?.try_into().ok()?) as usize;
    let body = bytes.get(..bytes.len().checked_sub(8 + footer)?)?;
    Some((body.to_vec(), metadata))
}

/// Changes what the footer or a page header says; a file that cannot be read is left alone.
pub(crate) fn mutate(rng: &mut ChaCha8Rng, seed: &[u8]) -> Vec<u8> {
    let Some((mut body, metadata)) = open(seed) else {
        return seed.to_vec();
    };
    if metadata.num_row_groups() == 0 {
        return seed.to_vec();
    }
    let mut groups = metadata.row_groups().to_vec();
    let mut rows = metadata.file_metadata().num_rows();
    for _ in 0..few(rng) {
        let at = rng.random_range(0..groups.len());
        match rng.random_range(0..10) {
            0 => rows = *pick(rng, &NUMBERS),
            1 => groups[at] = with_rows(&groups[at], *pick(rng, &NUMBERS)),
            2 => groups = vec![groups[at].clone(); *pick(rng, &[0, 1, 2, 50])],
            3..=5 => groups[at] = claims(rng, &groups[at]),
            _ => change_page_header(rng, &mut body, &mut groups, at),
        }
        if groups.is_empty() {
            break;
        }
    }
    write(&body, metadata.file_metadata(), rows, groups).unwrap_or_else(|| seed.to_vec())
}

fn write(
    body: &[u8],
    file: &FileMetaData,
    rows: i64,
    groups: Vec<RowGroupMetaData>,
) -> Option<Vec<u8>> {
    let file = FileMetaData::new(
        file.version(),
        rows,
        None,
        file.key_value_metadata().cloned(),
        file.schema_descr_ptr(),
        None,
    );
    let mut bytes = body.to_vec();
    let metadata = ParquetMetaData::new(file, groups);
    ParquetMetaDataWriter::new(&mut bytes, &metadata)
        .finish()
        .ok()?;
    Some(bytes)
}

fn with_rows(group: &RowGroupMetaData, rows: i64) -> RowGroupMetaData {
    let builder = group.clone().into_builder().set_num_rows(rows);
    builder.build().unwrap_or_else(|_| group.clone())
}

fn with_columns(group: &RowGroupMetaData, columns: Vec<ColumnChunkMetaData>) -> RowGroupMetaData {
    let builder = group.clone().into_builder().set_column_metadata(columns);
    builder.build().unwrap_or_else(|_| group.clone())
}

/// Changes a number that the footer gives of a column.
fn claims(rng: &mut ChaCha8Rng, group: &RowGroupMetaData) -> RowGroupMetaData {
    let mut columns = group.columns().to_vec();
    let at = rng.random_range(0..columns.len());
    let number = *pick(rng, &NUMBERS);
    let builder = columns[at].clone().into_builder();
    let builder = match rng.random_range(0..7) {
        0 => builder.set_num_values(number),
        1 => builder.set_total_compressed_size(number),
        2 => builder.set_total_uncompressed_size(number),
        3 => builder.set_data_page_offset(number),
        4 => builder.set_dictionary_page_offset(Some(number)),
        5 => builder.set_dictionary_page_offset(None),
        _ => builder.set_compression(*pick(
            rng,
            &[
                Compression::UNCOMPRESSED,
                Compression::SNAPPY,
                Compression::ZSTD(ZstdLevel::default()),
            ],
        )),
    };
    if let Ok(column) = builder.build() {
        columns[at] = column;
    }
    with_columns(group, columns)
}

/// Writes another number into a column's first page header, and moves all that lies behind it.
fn change_page_header(
    rng: &mut ChaCha8Rng,
    body: &mut Vec<u8>,
    groups: &mut [RowGroupMetaData],
    group: usize,
) {
    let columns = groups[group].columns();
    let column = rng.random_range(0..columns.len());
    let chunk = &columns[column];
    let start = chunk
        .dictionary_page_offset()
        .unwrap_or(chunk.data_page_offset());
    let Ok(start) = usize::try_from(start) else {
        return;
    };
    // A header begins with fields of one byte of type and a variable-length number each; the
    // second is the uncompressed size, and those of the inner header follow the third.
    let mut numbers = Vec::new();
    let mut at = start;
    while numbers.len() < 8 {
        let Some(header) = body.get(at) else {
            return;
        };
        at += 1;
        if header & 0x0f != 5 {
            continue;
        }
        let from = at;
        while body.get(at).is_some_and(|byte| byte & 0x80 != 0) {
            at += 1;
        }
        at += 1;
        numbers.push(from..at);
    }
    let place = pick(rng, &numbers).clone();
    let number = *pick(rng, &NUMBERS);
    // Zigzag: small numbers of either sign are short.
    let mut rest = ((number << 1) ^ (number >> 63)) as u64;
    let mut bytes = Vec::new();
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    if place.end > body.len() {
        return;
    }
    let moved = bytes.len() as i64 - place.len() as i64;
    body.splice(place, bytes);
    for (index, other) in groups.iter_mut().enumerate() {
        let columns = other.columns().iter().enumerate().map(|(at, chunk)| {
            let here = index == group && at == column;
            moved_by(chunk, start as i64, moved, here).unwrap_or_else(|| chunk.clone())
        });
        let columns = columns.collect();
        *other = with_columns(other, columns);
    }
}

/// A column whose pages lie elsewhere: those after `start` by `moved` bytes.
fn moved_by(
    chunk: &ColumnChunkMetaData,
    start: i64,
    moved: i64,
    grows: bool,
) -> Option<ColumnChunkMetaData> {
    let place = |offset: i64| match offset > start {
        true => offset.saturating_add(moved),
        false => offset,
    };
    let size = chunk.compressed_size();
    chunk
        .clone()
        .into_builder()
        .set_data_page_offset(place(chunk.data_page_offset()))
        .set_dictionary_page_offset(chunk.dictionary_page_offset().map(place))
        .set_total_compressed_size(if grows {
            size.saturating_add(moved)
        } else {
            size
        })
        .build()
        .ok()
}

/// A table with some of these columns, each of a type of its own choice.
pub(crate) fn other_types(rng: &mut ChaCha8Rng, names: &[&str]) -> Vec<u8> {
    let rows = *pick(rng, &[0, 1, 2, 17, 1000, 3000]);
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    for name in names {
        if rng.random_range(0..40) > 0 {
            let column = any_column(rng, name, rows);
            columns.push(((*name).to_owned(), column));
        }
    }
    if columns.is_empty() {
        return Vec::new();
    }
    to_parquet(rng, columns)
}

/// Mostly what the column's name suggests, at times anything.
fn any_column(rng: &mut ChaCha8Rng, name: &str, rows: usize) -> ArrayRef {
    let numbers: Vec<_> = (0..rows).map(|_| *pick(rng, &NUMBERS)).collect();
    let small: Vec<_> = (0..rows).map(|row| (row % 7) as i32).collect();
    let text: Vec<_> = numbers.iter().map(|number| format!("é{number}")).collect();
    let named = match name {
        "site" => 1,
        "activation" | "token_ids" | "neurons" => 2,
        _ => 0,
    };
    match (named, rng.random_range(0..14)) {
        (1, 0..=9) => Arc::new(StringArray::from(vec!["mlp.pre"; rows])),
        (2, 0..=9) => lists(rng, rows),
        (_, 0) => Arc::new(Int64Array::from(numbers)),
        (_, 1) => Arc::new(Float32Array::from(vec![f32::NAN; rows])),
        (_, 2) => Arc::new(Float64Array::from(vec![f64::INFINITY; rows])),
        (_, 3) => Arc::new(BooleanArray::from(vec![true; rows])),
        (_, 4) => Arc::new(NullArray::new(rows)),
        (_, 5) => Arc::new(BinaryArray::from_iter_values(
            text.iter().map(|text| &text.as_bytes()[..1]),
        )),
        (_, 6) => Arc::new(LargeStringArray::from(text)),
        (_, 7) => {
            let sparse = small.iter().map(|value| (*value > 3).then_some(*value));
            Arc::new(sparse.collect::<Int32Array>())
        }
        (_, 8) => lists(rng, rows),
        (_, 9) => Arc::new(StringArray::from(text)),
        _ => Arc::new(Int32Array::from(small)),
    }
}

/// Lists of one length or of several, of numbers or of lists, with or without nulls.
fn lists(rng: &mut ChaCha8Rng, rows: usize) -> ArrayRef {
    let ragged = rng.random_range(0..3) == 0;
    let lengths: Vec<_> = (0..rows)
        .map(|row| if ragged { row % 5 } else { 4 })
        .collect();
    let count = lengths.iter().sum();
    let values: ArrayRef = match rng.random_range(0..4) {
        0 => Arc::new(Int32Array::from(vec![1; count])),
        1 => Arc::new(Float32Array::from_iter(
            (0..count).map(|value| (value % 3 > 0).then_some(1.0)),
        )),
        2 if count < 5000 => lists(rng, count),
        _ => Arc::new(Float32Array::from(vec![1.5; count])),
    };
    let field = Field::new("element", values.data_type().clone(), true);
    let offsets = OffsetBuffer::from_lengths(lengths);
    Arc::new(ListArray::new(Arc::new(field), offsets, values, None))
}

/// Writes columns with some of the settings that a writer has.
fn to_parquet(rng: &mut ChaCha8Rng, columns: Vec<(String, ArrayRef)>) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(rng.random())
        .set_writer_version(*pick(
            rng,
            &[WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0],
        ))
        .set_compression(*pick(
            rng,
            &[
                Compression::UNCOMPRESSED,
                Compression::SNAPPY,
                Compression::ZSTD(ZstdLevel::default()),
            ],
        ))
        .set_max_row_group_row_count(Some(*pick(rng, &[100, 1 << 20])))
        .build();
    save(columns, properties)
}

fn save(columns: Vec<(String, ArrayRef)>, properties: WriterProperties) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns
            .into_iter()
            .map(|(name, column)| (name, column, true)),
    )
    .unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// Small files that say a lot, by kind: one long text in each of many rows, one row with an endless
/// list, very many rows of the same, and columns within columns within columns.
pub(crate) fn bombs(names: &[&str]) -> Vec<(&'static str, Vec<u8>)> {
    let table = |column: &dyn Fn(&str) -> ArrayRef| {
        let columns = names.iter().map(|name| ((*name).to_owned(), column(name)));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_dictionary_page_size_limit(1 << 30)
            .build();
        save(columns.collect(), properties)
    };
    let site = |rows: usize| -> ArrayRef { Arc::new(StringArray::from(vec!["mlp.pre"; rows])) };
    let zeros = |rows: usize| -> ArrayRef { Arc::new(Int32Array::from(vec![0; rows])) };
    let long = "x".repeat(1 << 20);
    vec![
        (
            "long-texts",
            table(&|name| match name {
                "category" | "word" | "site" => {
                    Arc::new(StringArray::from(vec![long.as_str(); 1900]))
                }
                _ => zeros(1900),
            }),
        ),
        (
            "endless-list",
            table(&|name| match name {
                "activation" => list_of(Arc::new(Float32Array::from(vec![0.0; 1 << 28]))),
                "token_ids" => list_of(zeros(1 << 28)),
                "site" | "category" | "word" => site(1),
                _ => zeros(1),
            }),
        ),
        (
            "many-rows",
            table(&|name| match name {
                "site" | "category" | "word" => site(1 << 25),
                _ => zeros(1 << 25),
            }),
        ),
        (
            "deep-columns",
            table(&|name| match name {
                "site" => site(1),
                _ => nested(1000),
            }),
        ),
    ]
}

fn nested(depth: usize) -> ArrayRef {
    let mut column: ArrayRef = Arc::new(Int32Array::from(vec![0]));
    for _ in 0..depth {
        let field = Arc::new(Field::new("x", column.data_type().clone(), false));
        column = Arc::new(StructArray::from(vec![(field, column)]));
    }
    column
}

fn list_of(values: ArrayRef) -> ArrayRef {
    let field = Field::new("element", values.data_type().clone(), false);
    let offsets = OffsetBuffer::from_lengths([values.len()]);
    Arc::new(ListArray::new(Arc::new(field), offsets, values, None))
}
