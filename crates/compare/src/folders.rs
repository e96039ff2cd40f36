//! Two run directories, byte for byte.

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::Schema;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use selectron_run::error::{Error, Result};
use selectron_run::files::{files_below, read_text};
use std::fs::File;
use std::path::Path;

/// Compares two run directories; returns how many files they have.
///
/// Hidden files, in which stages keep notes of their own, do not count.
///
/// # Errors
/// When they differ: every difference is named, for a table with row group, column and row.
pub fn compare(first: &Path, second: &Path) -> Result<usize> {
    let (ours, theirs) = (files_below(first)?, files_below(second)?);
    let mut differences = Vec::new();
    for name in ours.union(&theirs) {
        if !ours.contains(name) || !theirs.contains(name) {
            differences.push(format!("{}: only one run wrote it", name.display()));
            continue;
        }
        let (a, b) = (first.join(name), second.join(name));
        if read(&a)? != read(&b)? {
            differences.push(format!("{}: {}", name.display(), difference(&a, &b)));
        }
    }
    if differences.is_empty() {
        return Ok(ours.len());
    }
    let remedy = "the program is not reproducible on this machine: find what it depends on";
    Err(Error::new(differences.join("\n       "), remedy))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|source| Error::io("read", path, source))
}

/// Where two files of one name, which differ, first do.
fn difference(a: &Path, b: &Path) -> String {
    if a.extension()
        .is_some_and(|extension| extension == "parquet")
    {
        return match table_difference(a, b) {
            Ok(Some(place)) => place,
            Ok(None) => "the values are the same, the encoding or metadata is not".to_owned(),
            Err(problem) => problem,
        };
    }
    match (read_text(a), read_text(b)) {
        (Ok(a), Ok(b)) => {
            let line = a.lines().zip(b.lines()).take_while(|(a, b)| a == b).count() + 1;
            format!("line {line} differs")
        }
        _ => "the bytes differ".to_owned(),
    }
}

fn table_difference(a: &Path, b: &Path) -> Result<Option<String>, String> {
    let (a, b) = (Table::open(a)?, Table::open(b)?);
    if a.schema.fields() != b.schema.fields() {
        return Ok(Some("the columns differ".to_owned()));
    }
    if a.groups != b.groups {
        return Ok(Some(format!(
            "{} row groups against {}",
            a.groups, b.groups
        )));
    }
    for group in 0..a.groups {
        let (ours, theirs) = (a.read(group)?, b.read(group)?);
        for (field, (ours, theirs)) in a.schema.fields().iter().zip(ours.iter().zip(&theirs)) {
            if let Some(row) = first_difference(ours, theirs) {
                let name = field.name();
                return Ok(Some(format!(
                    "row group {group}, column `{name}`, row {row} differs"
                )));
            }
        }
    }
    Ok(None)
}

/// A Parquet file, read a row group at a time.
struct Table<'a> {
    path: &'a Path,
    schema: Schema,
    groups: usize,
}

impl<'a> Table<'a> {
    fn open(path: &'a Path) -> Result<Self, String> {
        let reader = builder(path)?;
        let schema = Schema::new(reader.schema().fields().clone());
        Ok(Self {
            path,
            schema,
            groups: reader.metadata().num_row_groups(),
        })
    }

    /// The columns of a row group.
    fn read(&self, group: usize) -> Result<Vec<ArrayRef>, String> {
        let reader = builder(self.path)?
            .with_row_groups(vec![group])
            .with_batch_size(usize::MAX >> 1);
        let mut reader = reader.build().map_err(|error| error.to_string())?;
        match reader.next() {
            None => Ok(Vec::new()),
            Some(batch) => Ok(batch.map_err(|error| error.to_string())?.columns().to_vec()),
        }
    }
}

fn builder(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())
}

/// The first row in which two columns of one type differ.
fn first_difference(a: &ArrayRef, b: &ArrayRef) -> Option<usize> {
    let shared = a.len().min(b.len());
    // Equality is by bits for whole arrays; halving finds the row in few comparisons.
    if a.slice(0, shared) == b.slice(0, shared) {
        return (a.len() != b.len()).then_some(shared);
    }
    let (mut same, mut differs) = (0, shared);
    while differs - same > 1 {
        let middle = same + (differs - same) / 2;
        if a.slice(same, middle - same) == b.slice(same, middle - same) {
            same = middle;
        } else {
            differs = middle;
        }
    }
    Some(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use selectron_tables::Provenance;
    use selectron_tables::rows::WordRow;
    use selectron_tables::table::write_table;

    fn words(path: &Path, changed: Option<usize>) {
        let rows: Vec<_> = (0..100)
            .map(|item| WordRow {
                item,
                category: "noun".to_owned(),
                word: if changed == Some(item) {
                    "x".into()
                } else {
                    format!("w{item}")
                },
                rank: item,
                pair: None,
                token_ids: vec![7],
                token_start: 0,
                token_end: 1,
            })
            .collect();
        std::fs::create_dir_all(path).unwrap();
        write_table(path.join("words.parquet"), &Provenance::new("t"), &rows).unwrap();
    }

    #[test]
    fn a_difference_is_named_by_row_group_column_and_row() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        words(&a, None);
        words(&b, None);
        assert_eq!(compare(&a, &b).unwrap(), 1);
        for row in [0, 37, 99] {
            words(&b, Some(row));
            let message = compare(&a, &b).unwrap_err().to_string();
            let place = format!("words.parquet: row group 0, column `word`, row {row} differs");
            assert!(message.contains(&place), "{message}");
        }
        std::fs::write(b.join("more.txt"), "").unwrap();
        let message = compare(&a, &b).unwrap_err().to_string();
        assert!(
            message.contains("more.txt: only one run wrote it"),
            "{message}"
        );
    }
}
