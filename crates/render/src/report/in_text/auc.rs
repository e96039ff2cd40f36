//! AUCs from a neuron's own point of view.

use selectron_run::Side;

/// An AUC of A against B as that of a side's category against the other.
pub(super) fn own_auc(side: Side, auc: f64) -> f64 {
    match side {
        Side::A => auc,
        Side::B => 1.0 - auc,
    }
}
