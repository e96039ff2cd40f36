//! What files may cost, tested on our own files.

use super::*;
use crate::activations::{ActivationReader, ActivationWriter, Block, Packing, Subject};
use crate::file::open;
use crate::provenance::Provenance;
use crate::rows::NullRow;
use crate::table::{read_table, write_table};
use selectron_run::{Place, Site};

#[test]
fn a_long_table_of_constants_is_an_honest_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nulls.parquet");
    let provenance = Provenance::new("t");
    write_table(&path, &provenance, &vec![NullRow::default(); 100_000]).unwrap();
    let rows: Vec<NullRow> = read_table(&path, &provenance).unwrap();
    assert_eq!(rows.len(), 100_000);
}

fn zeros(path: &Path, rows: usize, width: usize) {
    let provenance = Provenance::new("t");
    let mut writer = ActivationWriter::create(
        path,
        Subject::Words,
        &provenance,
        Some(width),
        Packing::Small,
    )
    .unwrap();
    let block = Block {
        place: Place::new(Site::MlpPre, 0),
        keys: vec![(0..rows).collect()],
        width,
        values: vec![0.0; rows * width],
    };
    writer.write(block).unwrap();
    writer.close().unwrap();
}

#[test]
fn a_file_that_expands_too_far_is_refused_before_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("activations.parquet");
    let read = || {
        let reader = ActivationReader::open(&path, Subject::Words, &Provenance::new("t"))?;
        reader
            .read(Place::new(Site::MlpPre, 0))
            .map(|block| block.rows())
    };
    zeros(&path, 200, 3072);
    assert_eq!(read().unwrap(), 200);
    zeros(&path, 2000, 20_000);
    let size = std::fs::metadata(&path).unwrap().len();
    assert!(size < 1 << 20, "{size} bytes");
    let message = read().unwrap_err().to_string();
    assert!(message.contains("expands to far more"), "{message}");
}

#[test]
fn what_is_claimed_is_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("activations.parquet");
    zeros(&path, 50, 30);
    let reader = open(&path).unwrap();
    let mut file = File::open(&path).unwrap();
    let columns = reader.metadata().row_group(0).columns();
    let claims: Vec<_> = columns
        .iter()
        .map(|chunk| claims(&mut file, chunk, &path).unwrap())
        .collect();
    let last = claims.last().unwrap();
    assert_eq!((last.values, last.dictionary), (1500, 0));
    assert!(last.bytes >= 6000, "{last:?}");
    // Values and the dictionary's: `item` counts, `site` is always the same.
    let values: Vec<_> = claims.iter().map(|claims| claims.values).collect();
    assert_eq!(values, [100, 51, 51, 1500]);
}
