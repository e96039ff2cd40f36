//! Activation tables written and read back.

use super::writer::{VALUES_AT_A_TIME, lists};
use super::*;
use crate::columns::{Column, list_item};
use crate::packing::{arrow_writer, finish};
use crate::provenance::Provenance;
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema};
use proptest::prelude::*;
use selectron_run::{Place, Site};
use std::path::Path;
use std::sync::Arc;

fn block(site: Site, layer: usize, rows: usize, width: usize) -> Block {
    let values = (0..rows * width)
        .map(|i| i as f32 + 0.5 * layer as f32)
        .collect();
    Block {
        place: Place::new(site, layer),
        keys: vec![(0..rows).collect()],
        width,
        values,
    }
}

fn write(path: &Path, width: Option<usize>, blocks: &[Block]) {
    let provenance = Provenance::new("test");
    let mut writer =
        ActivationWriter::create(path, Subject::Words, &provenance, width, Packing::Small).unwrap();
    for block in blocks {
        writer.write(block.clone()).unwrap();
    }
    writer.close().unwrap();
}

fn open_test(path: &Path) -> ActivationReader {
    ActivationReader::open(path, Subject::Words, &Provenance::new("test")).unwrap()
}

#[test]
fn layers_are_read_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("activations.parquet");
    let blocks = [block(Site::MlpPre, 0, 3, 4), block(Site::MlpPre, 1, 3, 4)];
    write(&path, Some(4), &blocks);
    let reader = open_test(&path);
    assert_eq!(
        reader.contents(),
        [0, 1].map(|layer| Place::new(Site::MlpPre, layer))
    );
    assert_eq!(reader.read(Place::new(Site::MlpPre, 1)).unwrap(), blocks[1]);
    let error = reader
        .read(Place::new(Site::MlpPre, 2))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("holds no activations of mlp.pre, layer 2"),
        "{error}"
    );
}

#[test]
fn a_block_encoded_in_several_steps_stays_one_row_group() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("activations.parquet");
    let mut long = block(Site::MlpPre, 0, 5, VALUES_AT_A_TIME / 2);
    // As little to be packed as activations are.
    for (index, value) in (0_u32..).zip(&mut long.values) {
        *value = f32::from_bits(index.wrapping_mul(2_654_435_761) >> 2);
    }
    write(
        &path,
        Some(VALUES_AT_A_TIME / 2),
        std::slice::from_ref(&long),
    );
    let reader = open_test(&path);
    assert_eq!(reader.groups(), 1);
    assert_eq!(reader.read(Place::new(Site::MlpPre, 0)).unwrap(), long);
}

#[test]
fn sites_of_different_width_share_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("activations.parquet");
    let blocks = [
        block(Site::MlpPre, 0, 3, 8),
        block(Site::ResidPost, 0, 3, 2),
    ];
    write(&path, None, &blocks);
    let reader = open_test(&path);
    assert_eq!(
        reader.read(Place::new(Site::ResidPost, 0)).unwrap(),
        blocks[1]
    );
    assert_eq!(reader.read(Place::new(Site::MlpPre, 0)).unwrap(), blocks[0]);
}

#[test]
fn a_table_of_some_neurons_names_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shown_activations.parquet");
    let provenance = Provenance::new("test");
    let shown = |layer: usize, width: usize| Block {
        keys: vec![vec![0; 3], vec![0; 3], vec![0, 1, 2]],
        ..block(Site::MlpPre, layer, 3, width)
    };
    let mut writer = ShownWriter::create(&path, &provenance).unwrap();
    writer.write(shown(0, 2), &[7, 21]).unwrap();
    writer.write(shown(4, 1), &[5]).unwrap();
    assert!(writer.write(shown(4, 1), &[5, 6]).unwrap_err().is_bug());
    writer.close().unwrap();
    let reader = ActivationReader::open(&path, Subject::Shown, &provenance).unwrap();
    let place = |layer: usize| Place::new(Site::MlpPre, layer);
    assert_eq!(reader.neurons(place(0)).unwrap(), Some(vec![7, 21]));
    assert_eq!(reader.neurons(place(4)).unwrap(), Some(vec![5]));
    assert_eq!(reader.read(place(0)).unwrap(), shown(0, 2));
    assert_eq!(reader.rows(place(4)), 3);
}

#[test]
fn a_row_group_that_mixes_layers_is_read_too() {
    // Other programs write one row group for everything.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("activations.parquet");
    let (first, second) = (block(Site::MlpPre, 0, 2, 3), block(Site::MlpPre, 1, 2, 3));
    let fields = vec![
        usize::field("item"),
        String::field("site"),
        usize::field("layer"),
        Field::new(
            "activation",
            DataType::List(Arc::new(list_item(DataType::Float32))),
            false,
        ),
    ];
    let schema = Arc::new(Schema::new(fields));
    let values = [first.values.clone(), second.values.clone()].concat();
    let columns = vec![
        usize::build(vec![0, 1, 0, 1]),
        String::build(vec!["mlp.pre".to_owned(); 4]),
        usize::build(vec![0, 0, 1, 1]),
        lists(values, 4, 3, false).unwrap(),
    ];
    let batch = RecordBatch::try_new(schema.clone(), columns).unwrap();
    let mut writer = arrow_writer(&path, &schema, Vec::new(), Packing::Small).unwrap();
    writer.write(&batch).unwrap();
    finish(writer, &path).unwrap();
    let reader = open_test(&path);
    assert_eq!(reader.read(Place::new(Site::MlpPre, 1)).unwrap(), second);
    assert_eq!(reader.read(Place::new(Site::MlpPre, 0)).unwrap(), first);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn any_float_survives(values in proptest::collection::vec(any::<f32>(), 6)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("activations.parquet");
        let expected: Vec<_> = values.iter().map(|value| value.to_bits()).collect();
        let keys = vec![vec![0, 1]];
        write(&path, Some(3), &[Block { place: Place::new(Site::Embed, 0), keys, width: 3, values }]);
        let read = open_test(&path).read(Place::new(Site::Embed, 0)).unwrap();
        let bits: Vec<_> = read.values.iter().map(|value| value.to_bits()).collect();
        prop_assert_eq!(bits, expected);
    }
}
