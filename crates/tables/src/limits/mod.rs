//! What reading a Parquet file may cost: as much memory as its size allows.
//!
//! A few bytes of Parquet can stand for any number of values: runs, dictionaries and compression
//! expand. A damaged or hostile table could make a reader reserve gigabytes before it noticed. So
//! the claims of a file are read first, from its footer and its page headers. A file that claims
//! more than an honest table of its size could hold is refused.

mod thrift;

use crate::damaged::damaged;
use arrow::array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Type;
use parquet::file::metadata::ColumnChunkMetaData;
use selectron_run::error::{Error, Result};
use selectron_run::guard::guarded;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use thrift::{Bytes, Visit};

/// What any file may expand to, in bytes.
const BASE: u64 = 64 << 20;

/// To how many times its own size a larger file may expand. Activations hardly shrink at all, and
/// our tables to about a tenth; a table of constants falls under [`BASE`].
const EXPANSION: u64 = 64;

/// The least number of bytes that a value takes while its page is decoded.
const VALUE: u64 = 8;

/// Rows that are decoded at a time.
const BATCH: u64 = 1024;

/// What the texts of one batch may expand to, if each were as long as a whole dictionary.
const BATCH_BYTES: u64 = 32 << 20;

/// Our widest table has 44 columns, and the deepest column is a list; a schema that takes more room
/// or goes deeper is not ours.
const SCHEMA_BYTES: u64 = 256 << 10;
const SCHEMA_DEPTH: usize = 16;

/// What is left of what a file may cost.
#[derive(Debug)]
pub(crate) struct Allowance {
    /// Bytes of pages, uncompressed.
    pages: u64,
    /// Values in all columns, in bytes.
    values: u64,
    /// Bytes of decoded columns.
    memory: u64,
}

impl Allowance {
    /// What a file may cost by its size.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let failed = |source| Error::io("read", path, source);
        let size = std::fs::metadata(path).map_err(failed)?.len();
        let all = BASE.saturating_add(size.saturating_mul(EXPANSION));
        Ok(Self {
            pages: all,
            values: all,
            memory: all,
        })
    }

    /// The batches of a reader, as long as the allowance covers their memory.
    pub(crate) fn batches(
        &mut self,
        reader: ParquetRecordBatchReaderBuilder<File>,
        path: &Path,
    ) -> Result<impl Iterator<Item = Result<RecordBatch>>> {
        let library = |panic| damaged(path, panic);
        let reader = guarded(|| reader.build()).map_err(library)?;
        let mut reader = reader.map_err(|error| damaged(path, error))?;
        Ok(std::iter::from_fn(move || {
            let batch = match guarded(|| reader.next()) {
                Ok(batch) => batch?.map_err(|error| damaged(path, error)),
                Err(panic) => Err(library(panic)),
            };
            Some(batch.and_then(|batch| {
                let size = batch.get_array_memory_size() as u64;
                take(&mut self.memory, size, path)?;
                Ok(batch)
            }))
        }))
    }
}

fn take(left: &mut u64, cost: u64, path: &Path) -> Result<()> {
    *left = left.checked_sub(cost).ok_or_else(|| {
        Error::artifact(
            path,
            "the table expands to far more than a table of its size can hold",
            "it is damaged, or another program wrote it: delete it and rerun the stage that writes it",
        )
    })?;
    Ok(())
}

/// Refuses a file whose schema is larger or deeper than any table of ours, before a reader follows
/// it down.
pub(crate) fn check_schema(file: &File, path: &Path) -> Result<()> {
    let mut file = file;
    let failed = |source| Error::io("read", path, source);
    let size = file.seek(SeekFrom::End(0)).map_err(failed)?;
    let mut tail = [0; 8];
    let Some(end) = size.checked_sub(tail.len() as u64) else {
        // The reader will say what is wrong.
        return Ok(());
    };
    file.seek(SeekFrom::Start(end)).map_err(failed)?;
    file.read_exact(&mut tail).map_err(failed)?;
    let [a, b, c, d, ..] = tail;
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    let Some(start) = end.checked_sub(length) else {
        return Ok(());
    };
    file.seek(SeekFrom::Start(start)).map_err(failed)?;
    let mut footer = Vec::new();
    file.take(length.min(SCHEMA_BYTES))
        .read_to_end(&mut footer)
        .map_err(failed)?;
    match schema_depth(&footer) {
        Some(depth) if depth <= SCHEMA_DEPTH => Ok(()),
        Some(_) => Err(damaged(path, "its columns are nested too deeply")),
        None => Err(damaged(path, "its footer does not describe a table")),
    }
}

/// How deeply the columns are nested. None if the footer is not a footer.
fn schema_depth(footer: &[u8]) -> Option<usize> {
    const SCHEMA: i64 = 2;
    const CHILDREN: i64 = 5;
    // How many children are still to come at each level.
    let mut open: Vec<i64> = Vec::new();
    let mut deepest = None;
    Bytes(footer).fields(|number, _, bytes| {
        if number != SCHEMA {
            return Some(Visit::Left);
        }
        let (elements, _) = bytes.list()?;
        let mut depth = 0;
        for _ in 0..elements {
            let mut children = 0;
            bytes.fields(|number, _, bytes| {
                if number == CHILDREN {
                    children = bytes.integer()?;
                    return Some(Visit::Read);
                }
                Some(Visit::Left)
            })?;
            while open.last() == Some(&0) {
                open.pop();
            }
            if let Some(siblings) = open.last_mut() {
                *siblings -= 1;
            }
            if children > 0 {
                open.push(children);
            }
            depth = depth.max(open.len());
        }
        deepest = Some(depth);
        Some(Visit::Enough)
    })?;
    deepest
}

/// Sets a reader on some row groups and columns of a file, after what they claim has been deducted
/// from the allowance. Columns that are not there are left out.
pub(crate) fn bound(
    reader: ParquetRecordBatchReaderBuilder<File>,
    path: &Path,
    groups: &[usize],
    columns: &[&str],
    allowance: &mut Allowance,
) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let mask = ProjectionMask::columns(reader.parquet_schema(), columns.iter().copied());
    let mut file = File::open(path).map_err(|source| Error::io("read", path, source))?;
    let mut largest_dictionary = 0;
    for group in groups {
        let chunks = reader.metadata().row_groups().get(*group);
        let chunks = chunks.into_iter().flat_map(|group| group.columns());
        for (leaf, chunk) in chunks.enumerate() {
            if !mask.leaf_included(leaf) {
                continue;
            }
            let column = chunk.column_descr();
            if column.max_rep_level() > 0 && chunk.column_type() == Type::BYTE_ARRAY {
                let what = format!("`{}` holds lists of text", column.path());
                return Err(damaged(path, what));
            }
            let claims = claims(&mut file, chunk, path)?;
            take(&mut allowance.pages, claims.bytes, path)?;
            take(
                &mut allowance.values,
                claims.values.saturating_mul(VALUE),
                path,
            )?;
            largest_dictionary = largest_dictionary.max(claims.dictionary);
        }
    }
    let batch = (BATCH_BYTES / largest_dictionary.max(1)).clamp(1, BATCH);
    Ok(reader
        .with_row_groups(groups.to_vec())
        .with_projection(mask)
        .with_batch_size(usize::try_from(batch).unwrap_or(1)))
}

/// What the page headers of a column say.
#[derive(Debug, Default)]
struct Claims {
    /// Bytes of all pages, uncompressed.
    bytes: u64,
    /// Values in all pages.
    values: u64,
    /// Bytes of the largest dictionary, uncompressed.
    dictionary: u64,
}

/// Reads the page headers of a column in a row group.
fn claims(file: &mut File, chunk: &ColumnChunkMetaData, path: &Path) -> Result<Claims> {
    let start = chunk
        .dictionary_page_offset()
        .unwrap_or(chunk.data_page_offset());
    let odd = || {
        let what = format!(
            "the pages of `{}` are not where its footer says",
            chunk.column_path()
        );
        damaged(path, what)
    };
    let start = u64::try_from(start).map_err(|_| odd())?;
    let length = u64::try_from(chunk.compressed_size()).map_err(|_| odd())?;
    let end = start.checked_add(length).ok_or_else(odd)?;
    let mut claims = Claims::default();
    let mut has_dictionary = false;
    let mut at = start;
    while at < end {
        let page = page_header(file, at, end - at, path)?.ok_or_else(odd)?;
        has_dictionary |= page.is_dictionary;
        if page.needs_dictionary && !has_dictionary {
            let what = format!("`{}` lacks its dictionary", chunk.column_path());
            return Err(damaged(path, what));
        }
        claims.bytes = claims.bytes.saturating_add(page.bytes);
        if page.is_dictionary {
            claims.dictionary = claims.dictionary.max(page.bytes);
        }
        claims.values = claims.values.saturating_add(page.values);
        at = at.checked_add(page.length).ok_or_else(odd)?;
    }
    Ok(claims)
}

/// What a page header says.
#[derive(Debug)]
struct Page {
    /// Bytes that header and page take in the file.
    length: u64,
    /// Bytes of the page, uncompressed.
    bytes: u64,
    values: u64,
    is_dictionary: bool,
    /// Its values are places in a dictionary.
    needs_dictionary: bool,
}

/// Reads the page header at a place; none where there is none.
fn page_header(file: &mut File, at: u64, room: u64, path: &Path) -> Result<Option<Page>> {
    let failed = |source| Error::io("read", path, source);
    // Most headers take some twenty bytes; those with statistics of long texts more.
    for limit in [256, 64 << 10, 16 << 20] {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(at)).map_err(failed)?;
        file.take(room.min(limit))
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        if let Some(page) = parse_page_header(&bytes) {
            return Ok(Some(page));
        }
        if (bytes.len() as u64) < limit {
            break;
        }
    }
    Ok(None)
}

fn parse_page_header(bytes: &[u8]) -> Option<Page> {
    // Of `PageHeader` in the Parquet specification.
    const KIND: i64 = 1;
    const UNCOMPRESSED: i64 = 2;
    const COMPRESSED: i64 = 3;
    const DATA: i64 = 5;
    const DICTIONARY: i64 = 7;
    const DATA_V2: i64 = 8;
    // Of the inner headers.
    const VALUES: i64 = 1;
    const DATA_ENCODING: i64 = 2;
    const DATA_V2_ENCODING: i64 = 4;
    // Kinds of pages, and the two encodings that need a dictionary.
    const IS_DICTIONARY: i64 = 2;
    const BY_DICTIONARY: [i64; 2] = [2, 8];
    let (mut kind, mut uncompressed, mut compressed, mut values) = (None, None, None, 0);
    let mut encoding = None;
    let mut rest = Bytes(bytes);
    rest.fields(|number, _, bytes| {
        match number {
            KIND => kind = Some(bytes.integer()?),
            UNCOMPRESSED => uncompressed = Some(u64::try_from(bytes.integer()?).ok()?),
            COMPRESSED => compressed = Some(u64::try_from(bytes.integer()?).ok()?),
            DATA | DICTIONARY | DATA_V2 => {
                let header = number;
                bytes.fields(|number, _, bytes| {
                    match (header, number) {
                        (_, VALUES) => values = u64::try_from(bytes.integer()?).ok()?,
                        (DATA, DATA_ENCODING) | (DATA_V2, DATA_V2_ENCODING) => {
                            encoding = Some(bytes.integer()?);
                        }
                        _ => return Some(Visit::Left),
                    }
                    Some(Visit::Read)
                })?;
            }
            _ => return Some(Visit::Left),
        }
        Some(Visit::Read)
    })?;
    let header = (bytes.len() - rest.0.len()) as u64;
    Some(Page {
        length: header.checked_add(compressed?)?,
        bytes: uncompressed?,
        values,
        is_dictionary: kind? == IS_DICTIONARY,
        needs_dictionary: encoding.is_some_and(|encoding| BY_DICTIONARY.contains(&encoding)),
    })
}

#[cfg(test)]
mod tests;
