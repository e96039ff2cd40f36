//! What is made of the activations of one site and layer alone.

use super::context::Context;
use crate::arrangement::Shape;
use crate::design::Design;
use crate::effect::{Contrast, Contraster};
use crate::moments::Moments;
use crate::nulls::NullCounts;
use crate::position;
use crate::reliability::split_half;
use crate::results::{LayerTests, Study};
use crate::sample::Sample;
use crate::text::classes;
use crate::text::layer::{TextRows, score};
use rayon::prelude::*;
use selectron_run::error::Result;
use selectron_run::{Pipeline, Place, Side};
use selectron_tables::rows::{PositionRow, ReliabilityRow};
use serde::{Deserialize, Serialize};

/// What a unit leaves of the words, as [`WordResults`].
pub(super) const WORDS: &str = "words";

/// What a unit leaves of a text on which neurons are scored, as
/// [`TextRows`].
pub(super) const TEXT: &str = "text";

/// What the words' activations at one site and layer give.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WordResults {
    /// Each statistic's tests.
    pub(super) tests: Vec<LayerTests>,
    /// What chance alone finds, for the first statistic.
    pub(super) nulls: Option<NullCounts>,
    /// How well t of the first statistic repeats.
    pub(super) reliability: ReliabilityRow,
    /// What position alone does.
    pub(super) positions: Vec<PositionRow>,
}

/// Tests the neurons of a site and layer, and scores them on the text if there is one.
pub(super) fn measure(
    context: &Context<'_>,
    place: Place,
) -> Result<(WordResults, Option<TextRows>)> {
    let Pipeline { test, seed, .. } = context.pipeline();
    let sample = Sample::new(context.design, &context.activations.read(place)?)?;
    let studies = context.studies.iter().enumerate();
    let words = WordResults {
        tests: studies
            .map(|(index, study)| tests(context, index, study, &sample))
            .collect(),
        nulls: context
            .nulls
            .as_ref()
            .map(|nulls| nulls.count(&sample, test.alpha)),
        reliability: split_half(context.first(), &sample, *seed),
        positions: positions(context, place)?,
    };
    let text = match (context.text, &context.scorer) {
        (Some(text), Some(scorer)) => {
            let in_words = classes::in_words(&sample, context.design, test.alpha);
            drop(sample);
            Some(score(text, scorer, place, &in_words)?)
        }
        _ => None,
    };
    Ok((words, text))
}

fn tests(context: &Context<'_>, index: usize, study: &Study, sample: &Sample) -> LayerTests {
    let statistic = study.tester.statistic();
    let words = study.tester.arrangement();
    let outcomes = study.tester.test(sample);
    let contraster = Contraster::new(statistic, words, context.pipeline().test.alpha);
    let contrasts: Vec<Contrast> = sample
        .par_rows()
        .map(|row| contraster.measure(row))
        .collect();
    let favourites = match words.shape {
        Shape::Several => sample
            .rows()
            .map(|row| highest(row, context.design))
            .collect(),
        Shape::Paired | Shape::TwoSample => contrasts
            .iter()
            .map(|contrast| {
                if contrast.mean_diff <= 0.0 {
                    Side::B
                } else {
                    Side::A
                }
                .index()
            })
            .collect(),
    };
    let heights = study
        .max_t
        .as_ref()
        .map(|max_t| max_t.heights(sample, &outcomes));
    LayerTests {
        study: index,
        statistic,
        place: sample.place,
        outcomes,
        contrasts,
        favourites,
        heights,
    }
}

/// The category with the highest mean, as an index in the pipeline; of equal ones the first.
fn highest(row: &[f64], design: &Design) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (index, group) in design.groups.iter().enumerate() {
        let mean = Moments::of(row[group.range.clone()].iter().copied()).mean;
        if index == 0 || mean > best.1 {
            best = (index, mean);
        }
    }
    best.0
}

/// What position alone does, where tokens were recorded at several.
fn positions(context: &Context<'_>, place: Place) -> Result<Vec<PositionRow>> {
    match context.positions {
        Some(reader) if reader.rows(place) > 0 => {
            let alpha = context.pipeline().test.alpha;
            position::contrasts(&reader.read(place)?, alpha)
        }
        _ => Ok(Vec::new()),
    }
}
