//! How the neurons perform in the text, by layer.

use super::super::table::{NONE, Table, number};
use crate::data::{Run, SiteTests};
use crate::numbers::count;
use selectron_run::manifest::LayerGeneralization;
use selectron_tables::rows::{OfPlace, TransferRow};

/// The table; none where the text has not been scored.
pub(super) fn table(run: &Run, site: &SiteTests) -> Option<Table> {
    let facts = run.stats.generalization.as_ref()?;
    let (a, b) = (&run.stats.category_a, &run.stats.category_b);
    let head = [
        "Layer",
        "Significant",
        "Same side",
        "Generalise",
        &format!("Best, {a}"),
        &format!("Best, {b}"),
        "Shuffled",
        "Control",
        "r",
        "of ranks",
        "of d",
        "Shared",
    ];
    let mut table = Table::new("Generalisation by layer", head);
    for layer in facts
        .layers
        .iter()
        .filter(|layer| layer.place.site == site.site)
    {
        let mut rows = run.in_text.transfer.iter();
        let transfer = rows.find(|row| row.place() == layer.place);
        table.row(cells(layer, transfer), false);
    }
    (!table.is_empty()).then_some(table)
}

fn cells(layer: &LayerGeneralization, transfer: Option<&TransferRow>) -> [String; 12] {
    [
        layer.place.layer.to_string(),
        count(layer.significant),
        count(layer.same_side),
        count(layer.generalise),
        number(layer.highest, 3),
        number(layer.lowest.map(|auc| 1.0 - auc), 3),
        number(layer.shuffled_best.map(|far| 0.5 + far), 3),
        number(layer.control_best.map(|far| 0.5 + far), 3),
        number(layer.transfer, 2),
        number(transfer.and_then(|row| row.rank_correlation), 2),
        number(transfer.and_then(|row| row.d_correlation), 2),
        transfer.map_or_else(
            || NONE.to_owned(),
            |row| format!("{} of {}", row.shared_top, row.top),
        ),
    ]
}

/// How the table is to be read.
pub(super) fn reading(run: &Run) -> String {
    let symbol = run.measure.symbol;
    format!(
        "Significant: on the isolated words. Same side: those of them whose AUC in the text lies \
         on the side of 1/2 that their {symbol} promises. Best: the AUC of the best neuron for \
         that category. Shuffled and control: what the best neuron of the layer exceeds in only \
         5% of them. r: the correlation over all neurons of {symbol} on the isolated words with \
         AUC in the text, then that of their ranks, and of the standardised differences d. \
         Shared: how many of the neurons with the clearest effect on the isolated words are also \
         among the clearest in the text."
    )
}
