//! Tables written and read back, sound and damaged.

use super::*;
use crate::provenance::Provenance;
use crate::row::Row;
use crate::table::{TableWriter, read_table, write_table};

fn word(item: usize) -> WordRow {
    WordRow {
        item,
        category: "noun".to_owned(),
        word: format!("word{item}"),
        rank: item,
        pair: item.is_multiple_of(2).then_some(item / 2),
        token_ids: vec![0; item],
        token_start: 0,
        token_end: item,
    }
}

#[test]
fn a_table_reads_back_as_it_was_written_from_one_file_or_from_parts() {
    let folder = tempfile::tempdir().unwrap();
    let provenance = Provenance::new("test");
    let rows: Vec<_> = (0..5).map(word).collect();
    let file = folder.path().join("words.parquet");
    write_table(&file, &provenance, &rows).unwrap();
    assert_eq!(read_table::<WordRow>(&file, &provenance).unwrap(), rows);

    let parts = folder.path().join("parts.parquet");
    std::fs::create_dir(&parts).unwrap();
    write_table(parts.join("part-00000.parquet"), &provenance, &rows[..2]).unwrap();
    write_table(parts.join("part-00001.parquet"), &provenance, &rows[2..]).unwrap();
    assert_eq!(read_table::<WordRow>(&parts, &provenance).unwrap(), rows);
}

#[test]
fn another_pipelines_table_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("words.parquet");
    write_table(&path, &Provenance::new("one"), &[word(0)]).unwrap();
    let error = read_table::<WordRow>(&path, &Provenance::new("two")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("belongs to the pipeline `one`, not to `two`")
    );
    let error = read_table::<TokenRow>(&path, &Provenance::new("one")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("holds the table `words`, not `tokens`")
    );
}

#[test]
fn a_missing_truncated_or_foreign_file_is_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let provenance = Provenance::new("test");
    let path = folder.path().join("words.parquet");
    let missing = read_table::<WordRow>(&path, &provenance)
        .unwrap_err()
        .to_string();
    assert!(missing.contains("run `cargo xtask extract`"), "{missing}");
    write_table(&path, &provenance, &[word(0)]).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let truncated = read_table::<WordRow>(&path, &provenance)
        .unwrap_err()
        .to_string();
    assert!(
        truncated.contains("not a readable Parquet file"),
        "{truncated}"
    );
}

#[test]
fn the_contracts_columns_are_there() {
    let names = |fields: Vec<arrow::datatypes::Field>| -> Vec<String> {
        fields
            .iter()
            .map(|field| format!("{}:{}", field.name(), field.data_type()))
            .collect()
    };
    insta::assert_debug_snapshot!([
        names(WordRow::fields()),
        names(TokenRow::fields()),
        names(TextWordRow::fields()),
        names(TValueRow::fields()),
        names(BalanceRow::fields()),
        names(NullRow::fields()),
        names(ControlRow::fields()),
        names(LeaveOneOutRow::fields()),
        names(ReliabilityRow::fields()),
        names(PositionRow::fields()),
        names(GeneralizationRow::fields()),
        names(UposMeanRow::fields()),
        names(PreferenceRow::fields()),
        names(TextNullRow::fields()),
        names(TransferRow::fields()),
        names(ExampleRow::fields()),
        names(ContextGapRow::fields()),
    ]);
}

#[test]
fn rows_may_be_streamed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("words.parquet");
    let provenance = Provenance::new("test");
    let mut writer = TableWriter::create(&path, &provenance).unwrap();
    writer.write(&[word(0), word(1)]).unwrap();
    writer.write(&[word(2)]).unwrap();
    assert!(!path.exists());
    assert_eq!(writer.close().unwrap(), 3);
    assert_eq!(read_table::<WordRow>(&path, &provenance).unwrap().len(), 3);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn a_damaged_table_is_rows_or_a_sentence(place in 0.0_f64..1.0, bit in 0_u8..8, cut: bool) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.parquet");
        let provenance = Provenance::new("test");
        let rows: Vec<_> = (0..20).map(word).collect();
        write_table(&path, &provenance, &rows).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let place = (place * bytes.len() as f64) as usize;
        if cut {
            bytes.truncate(place);
        } else {
            bytes[place] ^= 1 << bit;
        }
        std::fs::write(&path, bytes).unwrap();
        // Any outcome but a panic will do: the run's hashes tell a damaged table from a sound
        // one, and this test that reading one is safe.
        let _ = read_table::<WordRow>(&path, &provenance);
    }
}
