//! Rows that speak of a place in the model, or of one neuron.

use super::stats::{ControlRow, LeaveOneOutRow, NullRow, PositionRow, ReliabilityRow, TValueRow};
use super::text::{
    ContextGapRow, ExampleRow, GeneralizationRow, PreferenceRow, TextNullRow, TransferRow,
    UposMeanRow,
};
use selectron_run::{NeuronId, Place};

/// A row about one site and layer.
pub trait OfPlace {
    /// The site and layer.
    fn place(&self) -> Place;
}

/// A row about one neuron.
pub trait OfNeuron: OfPlace {
    /// The neuron.
    fn id(&self) -> NeuronId;
}

macro_rules! of_place {
    ($($row:ty),+ $(,)?) => { $(
        impl OfPlace for $row {
            fn place(&self) -> Place {
                Place::new(self.site, self.layer)
            }
        }
    )+ };
}

macro_rules! of_neuron {
    ($($row:ty),+ $(,)?) => { $(
        impl OfNeuron for $row {
            fn id(&self) -> NeuronId {
                self.place().neuron(self.neuron)
            }
        }
    )+ };
}

of_place!(
    TValueRow,
    NullRow,
    ControlRow,
    LeaveOneOutRow,
    ReliabilityRow,
    PositionRow,
    GeneralizationRow,
    UposMeanRow,
    PreferenceRow,
    TextNullRow,
    TransferRow,
    ExampleRow,
    ContextGapRow
);
of_neuron!(
    TValueRow,
    ControlRow,
    LeaveOneOutRow,
    GeneralizationRow,
    UposMeanRow,
    PreferenceRow,
    ExampleRow
);
