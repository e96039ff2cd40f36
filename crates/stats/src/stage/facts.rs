//! What the manifest says of the stage, before a second look at the neurons that matter.

use super::context::Context;
use crate::arrangement::Shape;
use crate::power;
use crate::results::Results;
use crate::rows::counts;
use crate::select::select;
use selectron_run::Side;
use selectron_run::manifest::{Artifacts, PermutationFacts, StatsFacts};

/// What the tests alone say; what comes later is empty.
pub(super) fn facts(context: &Context<'_>, results: &Results<'_>) -> StatsFacts {
    let pipeline = context.pipeline();
    let test = &pipeline.test;
    let signed = context.first().arrangement().shape != Shape::Several;
    let permutations = context.studies.iter().filter_map(|study| {
        let draws = study.max_t.as_ref()?.draws();
        Some(PermutationFacts {
            statistic: study.tester.statistic(),
            kind: draws.kind(),
            count: draws.count(),
            complete: draws.complete(),
        })
    });
    StatsFacts {
        category_a: pipeline.category(Side::A).to_owned(),
        category_b: pipeline.category(Side::B).to_owned(),
        statistics: test.statistic.clone(),
        alpha: test.alpha,
        correction: test.correction,
        family: test.family,
        layers: results
            .layers
            .iter()
            .map(|tests| counts(tests, pipeline))
            .collect(),
        selected: select(results.of_study(0), signed, pipeline),
        permutations: permutations.collect(),
        power: power::smallest_effects(results, test),
        nulls: None,
        leave_one_out: Vec::new(),
        controls: Vec::new(),
        unbalanced: Vec::new(),
        generalization: None,
        artifacts: Artifacts::new(),
    }
}
