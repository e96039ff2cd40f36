//! The stages of a run and the tables that they exchange: their names, their order, and who writes
//! and who reads what.
//!
//! A further stage is one more entry in [`Stage`] and one more field of the manifest; a further
//! table is one more entry in [`Table`]. Whatever depends on either matches on it, so that the
//! compiler lists the places.

use crate::named::named;

named! {
    /// A stage: a program that reads the run directory's tables and writes others.
    "stage" Stage {
        /// Words and text to activations.
        Extract = "extract",
        /// Activations to t-values and every other number.
        Stats = "stats",
        /// Numbers to figures, heatmaps and the report.
        Render = "render",
    }
}

named! {
    /// A table of the run directory.
    "table" Table {
        /// The words of the lists that were put before the model.
        Words = "words",
        /// The activations of these words.
        Activations = "activations",
        /// The activations of one token of each word at the positions 0, 1 and 2.
        PositionActivations = "position_activations",
        /// The activations of the words in several presentations.
        PresentationActivations = "presentation_activations",
        /// The tokens of the text.
        Tokens = "tokens",
        /// The words of the text.
        TextWords = "text_words",
        /// The activations of the text's tokens, all neurons. Of a large text, it is in `.scratch/` until
        /// the run has ended.
        TextActivations = "text_activations",
        /// The test of each neuron on the isolated words.
        TValues = "tvalues",
        /// Properties of the words, compared between categories.
        Balance = "balance",
        /// How many neurons would be significant by chance.
        Nulls = "nulls",
        /// Significant neurons compared with control categories.
        Controls = "controls",
        /// The selected neurons' tests without single words.
        LeaveOneOut = "leave_one_out",
        /// How well t repeats between halves of the words.
        Reliability = "reliability",
        /// What position alone does to activations.
        Position = "position",
        /// How each neuron tells the categories apart in the text.
        Generalization = "generalization",
        /// Mean activations by part of speech.
        UposMeans = "upos_means",
        /// The category that a neuron prefers to every other one.
        Preferences = "preferences",
        /// What the best neuron of a layer reaches in the text by chance.
        TextNulls = "text_nulls",
        /// How effects in isolated words carry over to the text.
        Transfer = "transfer",
        /// Tokens in context that activate the shown neurons most and least.
        Examples = "examples",
        /// How much the activations of the same words change between presentations.
        ContextGap = "context_gap",
        /// The activations of the text's tokens, shown neurons only.
        ShownActivations = "shown_activations",
    }
}

impl Stage {
    /// The stages whose tables it reads; all come before it in [`Stage::ALL`].
    pub const fn after(self) -> &'static [Self] {
        match self {
            Self::Extract => &[],
            Self::Stats => &[Self::Extract],
            Self::Render => &[Self::Extract, Self::Stats],
        }
    }

    /// The tables that it reads, if they exist.
    pub const fn reads(self) -> &'static [Table] {
        match self {
            Self::Extract => &[],
            Self::Stats => &[
                Table::Words,
                Table::Activations,
                Table::PositionActivations,
                Table::PresentationActivations,
                Table::Tokens,
                Table::TextWords,
                Table::TextActivations,
            ],
            Self::Render => &[
                Table::Words,
                Table::Activations,
                Table::Tokens,
                Table::TextWords,
                Table::TValues,
                Table::Balance,
                Table::Nulls,
                Table::Controls,
                Table::LeaveOneOut,
                Table::Reliability,
                Table::Position,
                Table::Generalization,
                Table::UposMeans,
                Table::Preferences,
                Table::TextNulls,
                Table::Transfer,
                Table::Examples,
                Table::ContextGap,
                Table::ShownActivations,
            ],
        }
    }

    /// The tables that it writes.
    pub fn writes(self) -> impl Iterator<Item = Table> {
        let all = Table::ALL.iter().copied();
        all.filter(move |table| table.stage() == self)
    }

    /// Whether it comes after another, directly or not.
    pub fn comes_after(self, other: Self) -> bool {
        let after = self.after();
        after.contains(&other) || after.iter().any(|before| before.comes_after(other))
    }

    /// The name of its program.
    pub fn program(self) -> String {
        format!("selectron-{}{}", self.name(), std::env::consts::EXE_SUFFIX)
    }

    /// Whether a file of the run directory has a name that this stage gives: a table of its own (in
    /// `.scratch/` or not), a figure, or the report.
    pub fn may_write(self, name: &str) -> bool {
        let is_plain = |name: &str| !name.starts_with('.') && !name.contains(['/', '\\']);
        let table = name.strip_prefix(".scratch/").unwrap_or(name);
        let writes_it = self.writes().any(|written| written.file_name() == table);
        match self {
            Self::Extract | Self::Stats => writes_it,
            Self::Render => {
                name == "report.html" || name.strip_prefix("figures/").is_some_and(is_plain)
            }
        }
    }

    /// What it is called in messages: `the extract stage`.
    pub fn title(self) -> String {
        format!("the {self} stage")
    }

    /// What to do where it should have run and has not.
    pub fn remedy(self) -> String {
        format!("run `cargo xtask {self}` for this pipeline first")
    }
}

impl Table {
    /// The stage that writes it.
    pub const fn stage(self) -> Stage {
        match self {
            Self::Words
            | Self::Activations
            | Self::PositionActivations
            | Self::PresentationActivations
            | Self::Tokens
            | Self::TextWords
            | Self::TextActivations => Stage::Extract,
            Self::TValues
            | Self::Balance
            | Self::Nulls
            | Self::Controls
            | Self::LeaveOneOut
            | Self::Reliability
            | Self::Position
            | Self::Generalization
            | Self::UposMeans
            | Self::Preferences
            | Self::TextNulls
            | Self::Transfer
            | Self::Examples
            | Self::ContextGap
            | Self::ShownActivations => Stage::Stats,
        }
    }

    /// Its file's name in the run directory: `words.parquet`.
    pub fn file_name(self) -> String {
        format!("{}.parquet", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_in_the_order_in_which_they_need_each_other() {
        for (index, stage) in Stage::ALL.iter().enumerate() {
            for before in stage.after() {
                assert!(
                    Stage::ALL[..index].contains(before),
                    "{stage} after {before}"
                );
            }
            for table in stage.reads() {
                assert!(
                    stage.after().contains(&table.stage()),
                    "{stage} reads {table}"
                );
            }
        }
    }

    #[test]
    fn every_table_is_read_by_a_later_stage() {
        for table in Table::ALL {
            assert!(
                Stage::ALL.iter().any(|stage| stage.reads().contains(table)),
                "{table}"
            );
        }
    }
}
