//! A table: cells of text under a caption.

use crate::data::Run;
use crate::numbers::fixed;
use crate::sanitize::clean;
use selectron_run::{NeuronId, Place};
use serde::Serialize;

/// Stands for a number that is undefined.
pub(super) const NONE: &str = "–";

/// A table.
#[derive(Serialize)]
pub(super) struct Table {
    caption: String,
    head: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    cells: Vec<String>,
    /// Whether the row is set off from the others.
    marked: bool,
}

impl Table {
    /// A table without rows.
    pub(super) fn new<'a>(caption: &str, head: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            caption: clean(caption),
            head: head.into_iter().map(clean).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>, marked: bool) {
        let cells = cells.into_iter().map(|cell| clean(&cell)).collect();
        self.rows.push(Row { cells, marked });
    }

    /// Whether it has no rows.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// A number that may be undefined.
pub(super) fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| fixed(value, decimals))
}

/// Two ends of an interval, both or none of which is defined.
pub(super) fn interval(low: Option<f64>, high: Option<f64>, decimals: usize) -> String {
    match (low, high) {
        (Some(low), Some(high)) => format!("{} to {}", fixed(low, decimals), fixed(high, decimals)),
        _ => NONE.to_owned(),
    }
}

/// `layer 1, neuron 905`, with the site where the run has several.
pub(super) fn neuron(run: &Run, id: NeuronId) -> String {
    format!("{}, neuron {}", place(run, id.place), id.neuron)
}

/// `layer 1`, with the site where the run has several.
pub(super) fn place(run: &Run, place: Place) -> String {
    if run.sites.len() > 1 {
        place.to_string()
    } else {
        format!("layer {}", place.layer)
    }
}
