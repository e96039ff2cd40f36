//! What every step of the stage needs: the opened inputs, and what is prepared once for all layers.

use crate::design::Design;
use crate::nulls::Nulls;
use crate::permutation::max_t::MaxT;
use crate::results::Study;
use crate::statistic::Tester;
use crate::text::inputs::Text;
use crate::text::score::Scorer;
use selectron_run::error::Result;
use selectron_run::manifest::ExtractFacts;
use selectron_run::pipeline::Statistic;
use selectron_run::stage::{Console, Task};
use selectron_run::{Pipeline, Place, Table};
use selectron_tables::Provenance;
use selectron_tables::activations::{ActivationReader, Subject};
use selectron_tables::table::read_table;

/// The tables of the words.
pub(super) struct Sources<'a> {
    extracted: &'a ExtractFacts,
    provenance: &'a Provenance,
    /// The words.
    design: Design,
    /// Their activations.
    activations: ActivationReader,
    /// The activations of tokens at several positions; a simulation has none.
    positions: Option<ActivationReader>,
}

impl<'a> Sources<'a> {
    /// Opens the tables.
    pub(super) fn open(
        task: &Task,
        extracted: &'a ExtractFacts,
        provenance: &'a Provenance,
    ) -> Result<Self> {
        let Task { pipeline, run, .. } = task;
        let open = |subject: Subject| {
            ActivationReader::open(run.table(subject.table()), subject, provenance)
        };
        let words = read_table(run.table(Table::Words), provenance)?;
        let has_positions = extracted
            .artifacts
            .contains_key(&Table::PositionActivations.file_name());
        Ok(Self {
            extracted,
            provenance,
            design: Design::new(pipeline, words)?,
            activations: open(Subject::Words)?,
            positions: has_positions
                .then(|| open(Subject::Positions))
                .transpose()?,
        })
    }

    /// Opens the tables of the text; none where the run has no text.
    pub(super) fn text<'b>(&'b self, task: &'b Task) -> Result<Option<Text<'b>>> {
        let Task { pipeline, run, .. } = task;
        Text::open(pipeline, run, self.extracted, &self.design, self.provenance)
    }
}

/// What every step of the stage needs.
pub(super) struct Context<'a> {
    pub(super) task: &'a Task,
    pub(super) console: &'a Console,
    pub(super) provenance: &'a Provenance,
    /// The words.
    pub(super) design: &'a Design,
    /// Their activations.
    pub(super) activations: &'a ActivationReader,
    /// The activations of tokens at several positions.
    pub(super) positions: Option<&'a ActivationReader>,
    /// The sites and layers, in forward order: a unit of work each.
    pub(super) places: Vec<Place>,
    /// The statistics, in the pipeline's order; the first selects the neurons that are shown.
    pub(super) studies: Vec<Study>,
    /// Random rearrangements of the words of the first statistic.
    pub(super) nulls: Option<Nulls>,
    /// The text.
    pub(super) text: Option<&'a Text<'a>>,
    /// What scores neurons on it, where it has words of A and B.
    pub(super) scorer: Option<Scorer<'a>>,
}

impl<'a> Context<'a> {
    /// Prepares the tests.
    pub(super) fn new(
        task: &'a Task,
        console: &'a Console,
        provenance: &'a Provenance,
        sources: &'a Sources<'_>,
        text: Option<&'a Text<'a>>,
    ) -> Result<Self> {
        let Pipeline { test, seed, .. } = &task.pipeline;
        let study = |statistic: &Statistic| -> Result<Study> {
            let tester = Tester::new(*statistic, &sources.design)?;
            let max_t = MaxT::new(*statistic, tester.arrangement(), test.permutations, *seed);
            Ok(Study { tester, max_t })
        };
        let studies: Vec<Study> = test.statistic.iter().map(study).collect::<Result<_>>()?;
        Ok(Self {
            task,
            console,
            provenance,
            design: &sources.design,
            activations: &sources.activations,
            positions: sources.positions.as_ref(),
            places: sources.activations.contents(),
            nulls: Nulls::new(&studies[0].tester, test, *seed),
            studies,
            text,
            scorer: text.and_then(Text::scorer),
        })
    }

    /// The pipeline.
    pub(super) fn pipeline(&self) -> &'a Pipeline {
        &self.task.pipeline
    }

    /// The statistic that selects the neurons that are shown.
    pub(super) fn first(&self) -> &Tester {
        &self.studies[0].tester
    }
}
