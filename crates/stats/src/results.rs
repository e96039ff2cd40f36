//! Every test of the run, and the corrections applied to one family of tests after the other.

use crate::correction::{adjust, critical_p};
use crate::effect::Contrast;
use crate::permutation::max_t::{Heights, MaxT};
use crate::statistic::Tester;
use crate::statistic::outcome::{Outcome, Test};
use selectron_run::error::Result;
use selectron_run::pipeline::{Correction, Family, Statistic, TestSection};
use selectron_run::{Pipeline, Place, Site};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A statistic of the run.
#[derive(Debug)]
pub struct Study {
    /// The test.
    pub tester: Tester,
    /// Its permutations.
    pub max_t: Option<MaxT>,
}

/// One statistic's tests of the neurons of one site and layer, before any correction.
#[derive(Debug, Serialize, Deserialize)]
pub struct LayerTests {
    /// Index of the statistic in the pipeline's list.
    pub study: usize,
    /// The statistic.
    pub statistic: Statistic,
    /// The site and layer.
    pub place: Place,
    /// Each neuron's test.
    pub outcomes: Vec<Outcome>,
    /// Each neuron's effect size.
    pub contrasts: Vec<Contrast>,
    /// For each neuron the category with the highest mean of those that are compared, as an index
    /// in the pipeline.
    pub favourites: Vec<usize>,
    /// What the permutations reach.
    pub heights: Option<Heights>,
}

/// The same with all corrections.
#[derive(Debug)]
pub struct Corrected {
    /// The tests.
    pub raw: LayerTests,
    /// Each neuron's corrected p-values.
    pub adjusted: Vec<Adjusted>,
    /// abs(t) from which a neuron is significant.
    pub critical_t: Option<f64>,
    /// Defined tests in their family of tests.
    pub family_size: usize,
}

/// One neuron's corrected p-values.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Adjusted {
    /// Uncorrected.
    pub none: Option<f64>,
    /// Bonferroni.
    pub bonferroni: Option<f64>,
    /// Holm.
    pub holm: Option<f64>,
    /// Hochberg.
    pub hochberg: Option<f64>,
    /// Benjamini and Hochberg.
    pub benjamini_hochberg: Option<f64>,
    /// Benjamini and Yekutieli.
    pub benjamini_yekutieli: Option<f64>,
    /// Westfall and Young's max-T.
    pub max_t: Option<f64>,
}

impl Adjusted {
    /// The p-value after one correction.
    pub fn after(&self, correction: Correction) -> Option<f64> {
        match correction {
            Correction::None => self.none,
            Correction::Bonferroni => self.bonferroni,
            Correction::Holm => self.holm,
            Correction::Hochberg => self.hochberg,
            Correction::BenjaminiHochberg => self.benjamini_hochberg,
            Correction::BenjaminiYekutieli => self.benjamini_yekutieli,
            Correction::MaxT => self.max_t,
        }
    }

    fn after_mut(&mut self, correction: Correction) -> &mut Option<f64> {
        match correction {
            Correction::None => &mut self.none,
            Correction::Bonferroni => &mut self.bonferroni,
            Correction::Holm => &mut self.holm,
            Correction::Hochberg => &mut self.hochberg,
            Correction::BenjaminiHochberg => &mut self.benjamini_hochberg,
            Correction::BenjaminiYekutieli => &mut self.benjamini_yekutieli,
            Correction::MaxT => &mut self.max_t,
        }
    }
}

/// Every test of the run: a few numbers per neuron, while the activations themselves are read a
/// layer at a time. A family of tests may span layers, so nothing can be corrected before all is
/// tested.
#[derive(Debug)]
pub struct Results<'a> {
    /// The statistics, in the pipeline's order.
    pub studies: &'a [Study],
    /// By statistic, site and layer.
    pub layers: Vec<Corrected>,
}

/// The layers that are corrected together, as lists of indices, in order of their first. Each is
/// given by its statistic's index and its place.
pub fn families_of_tests(
    layers: impl Iterator<Item = (usize, Place)>,
    family: Family,
) -> Vec<Vec<usize>> {
    let mut families: BTreeMap<(usize, Option<Site>, Option<usize>), Vec<usize>> = BTreeMap::new();
    for (index, (study, Place { site, layer })) in layers.enumerate() {
        let key = match family {
            Family::Layer => (study, Some(site), Some(layer)),
            Family::Site => (study, Some(site), None),
            Family::All => (study, None, None),
        };
        families.entry(key).or_default().push(index);
    }
    families.into_values().collect()
}

impl<'a> Results<'a> {
    /// Corrects all tests, one family of tests after the other.
    pub fn new(studies: &'a [Study], mut all: Vec<LayerTests>, test: &TestSection) -> Self {
        all.sort_by_key(|tests| (tests.study, tests.place));
        let layers = all.into_iter().map(Corrected::not_yet).collect();
        let mut results = Self { studies, layers };
        let layers = results.layers.iter();
        let keys = layers.map(|tests| (tests.raw.study, tests.raw.place));
        for family in families_of_tests(keys, test.family) {
            results.correct(&family, test);
        }
        results
    }

    /// Corrects one family of tests.
    fn correct(&mut self, family: &[usize], test: &TestSection) {
        let layers: Vec<&LayerTests> = family
            .iter()
            .map(|index| &self.layers[*index].raw)
            .collect();
        let study = &self.studies[layers[0].study];
        let outcomes = layers.iter().flat_map(|tests| &tests.outcomes);
        let p: Vec<Option<f64>> = outcomes
            .map(|outcome| outcome.test.as_ref().map(Test::p))
            .collect();
        let mut adjusted = vec![Adjusted::default(); p.len()];
        let mut fill = |correction: Correction, values: Vec<Option<f64>>| {
            assert_eq!(adjusted.len(), values.len(), "corrected p-values");
            for (adjusted, value) in adjusted.iter_mut().zip(values) {
                *adjusted.after_mut(correction) = value;
            }
        };
        for correction in Correction::ALL {
            fill(*correction, adjust(*correction, &p));
        }
        let mut critical =
            critical_p(test.correction, &p, test.alpha).and_then(|p| study.tester.critical(p));
        if let Some(max_t) = &study.max_t
            && let Some(heights) = joined(&layers)
        {
            fill(Correction::MaxT, max_t.p_values(&heights));
            if test.correction == Correction::MaxT {
                critical = max_t.critical(&heights, test.alpha);
            }
        }
        let size = p.iter().flatten().count();
        let mut adjusted = adjusted.as_slice();
        for index in family {
            let tests = &mut self.layers[*index];
            let (first, rest) = adjusted.split_at(tests.raw.outcomes.len());
            tests.adjusted = first.to_vec();
            tests.critical_t = critical;
            tests.family_size = size;
            adjusted = rest;
        }
    }

    /// The layers of one statistic.
    pub fn of_study(&self, study: usize) -> impl Iterator<Item = &Corrected> {
        self.layers
            .iter()
            .filter(move |tests| tests.raw.study == study)
    }

    /// The tests of one site and layer, by each statistic.
    pub fn at(&self, place: Place) -> impl Iterator<Item = &Corrected> {
        self.layers
            .iter()
            .filter(move |tests| tests.raw.place == place)
    }
}

/// The heights of the neurons of a family of tests.
fn joined(layers: &[&LayerTests]) -> Option<Heights> {
    let mut heights = layers.iter().map(|tests| tests.heights.as_ref());
    let mut all = heights.next()??.clone();
    for other in heights {
        all.merge(other?);
    }
    Some(all)
}

impl Corrected {
    fn not_yet(raw: LayerTests) -> Self {
        Self {
            raw,
            adjusted: Vec::new(),
            critical_t: None,
            family_size: 0,
        }
    }

    /// Whether a neuron is significant after the pipeline's correction.
    pub fn significant(&self, neuron: usize, test: &TestSection) -> bool {
        let adjusted = self.adjusted[neuron].after(test.correction);
        adjusted.is_some_and(|p| p <= test.alpha)
    }

    /// The category that a significant neuron prefers, as an index in the pipeline.
    pub fn prefers(&self, neuron: usize, test: &TestSection) -> Option<usize> {
        let is_significant = self.significant(neuron, test);
        is_significant.then(|| self.raw.favourites[neuron])
    }

    /// Neurons in order: their number, outcome, contrast and corrected p-values.
    pub fn neurons(&self) -> impl Iterator<Item = (usize, &Outcome, &Contrast, &Adjusted)> {
        let LayerTests {
            outcomes,
            contrasts,
            ..
        } = &self.raw;
        (0..outcomes.len()).map(|neuron| {
            let adjusted = &self.adjusted[neuron];
            (neuron, &outcomes[neuron], &contrasts[neuron], adjusted)
        })
    }
}

/// Refuses a correction that one of the statistics cannot have.
///
/// # Errors
/// Max-T with `logit`.
pub fn check_correction(pipeline: &Pipeline) -> Result<()> {
    let test = &pipeline.test;
    if test.correction == Correction::MaxT && test.statistic.contains(&Statistic::Logit) {
        return Err(pipeline.key_error(
            "test.correction",
            "max-t cannot correct the statistic logit, which no permutation can recompute fast enough",
            "choose another correction, such as holm, or leave logit out",
        ));
    }
    Ok(())
}
