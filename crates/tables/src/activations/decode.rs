//! From the batches of a file to labels and blocks.

use super::block::{Block, Subject};
use crate::columns::list_item;
use crate::file::column;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type};
use selectron_run::{Place, Site};
use std::sync::Arc;

/// Site and layer of each row of a batch.
pub(super) fn places(batch: &RecordBatch) -> Result<Vec<Place>, String> {
    let sites = column::<Site>(batch, "site")?;
    let layers = column::<usize>(batch, "layer")?;
    let pairs = sites.into_iter().zip(layers);
    Ok(pairs.map(|(site, layer)| Place::new(site, layer)).collect())
}

/// Appends a batch's rows to a block.
pub(super) fn append(
    batch: &RecordBatch,
    subject: Subject,
    block: &mut Block,
) -> Result<(), String> {
    let before = block.rows();
    for (key, name) in block.keys.iter_mut().zip(subject.keys()) {
        key.extend(column::<usize>(batch, name)?);
    }
    let rows = block.rows() - before;
    let lists = batch
        .column_by_name("activation")
        .ok_or("the column `activation` is missing")?;
    let wanted = DataType::List(Arc::new(list_item(DataType::Float32)));
    let lists = cast(lists, &wanted).map_err(|_| {
        format!(
            "the column `activation` is {}, not a list of f32",
            lists.data_type()
        )
    })?;
    let lists = lists.as_list::<i32>();
    let lengths = || lists.offsets().lengths();
    let width = if block.width == 0 {
        lengths().next().unwrap_or(0)
    } else {
        block.width
    };
    if lists.null_count() > 0 || width == 0 || lengths().any(|length| length != width) {
        return Err("the column `activation` has rows of different widths".to_owned());
    }
    block.width = width;
    let first = lists.offsets().first();
    let start = usize::try_from(first).map_err(|error| error.to_string())?;
    let values = lists.values().as_primitive::<Float32Type>();
    if values.null_count() > 0 {
        return Err("the column `activation` has nulls".to_owned());
    }
    let values = values.values().get(start..start + rows * width);
    block
        .values
        .extend_from_slice(values.ok_or("the column `activation` is too short")?);
    Ok(())
}
