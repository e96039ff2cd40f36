//! Every test of the run, and the corrections applied family by family.

use crate::correction::{adjust, critical_p};
use crate::effect::Contrast;
use crate::error::{Error, Result};
use crate::permutation::max_t::{Heights, MaxT};
use crate::statistic::{Outcome, Test, Tester};
use selectron_run::pipeline::{Correction, Family, Statistic, TestSection};
use selectron_run::{Pipeline, Site};
use std::collections::BTreeMap;

/// A statistic of the run.
#[derive(Debug)]
pub struct Study {
    /// The test.
    pub tester: Tester,
    /// Its permutations.
    pub max_t: Option<MaxT>,
}

/// One statistic at one site and layer.
#[derive(Debug)]
pub struct Part {
    /// Index of the statistic in the pipeline's list.
    pub study: usize,
    /// The test.
    pub statistic: Statistic,
    /// The site.
    pub site: Site,
    /// The layer, from 0.
    pub layer: i32,
    /// Each neuron's test.
    pub outcomes: Vec<Outcome>,
    /// Each neuron's effect size.
    pub contrasts: Vec<Contrast>,
    /// The category with the highest mean, as an index, where the test compares more than two.
    pub favourites: Vec<usize>,
    /// What the permutations reach.
    pub heights: Option<Heights>,
    /// Each neuron's corrected p-values.
    pub adjusted: Vec<Adjusted>,
    /// abs(t) from which a neuron is significant.
    pub critical_t: Option<f64>,
    /// Defined tests in its family.
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
    pub bh: Option<f64>,
    /// Benjamini and Yekutieli.
    pub by: Option<f64>,
    /// Westfall and Young's max-T.
    pub max_t: Option<f64>,
}

impl Adjusted {
    /// The p-value of one correction.
    pub fn by(&self, correction: Correction) -> Option<f64> {
        match correction {
            Correction::None => self.none,
            Correction::Bonferroni => self.bonferroni,
            Correction::Holm => self.holm,
            Correction::Hochberg => self.hochberg,
            Correction::BenjaminiHochberg => self.bh,
            Correction::BenjaminiYekutieli => self.by,
            Correction::MaxT => self.max_t,
        }
    }

    fn place(&mut self, correction: Correction) -> &mut Option<f64> {
        match correction {
            Correction::None => &mut self.none,
            Correction::Bonferroni => &mut self.bonferroni,
            Correction::Holm => &mut self.holm,
            Correction::Hochberg => &mut self.hochberg,
            Correction::BenjaminiHochberg => &mut self.bh,
            Correction::BenjaminiYekutieli => &mut self.by,
            Correction::MaxT => &mut self.max_t,
        }
    }
}

/// Every test of the run: a few numbers a neuron, while the activations themselves are read a layer
/// at a time. Families may span layers, so nothing can be written before all is tested.
#[derive(Debug)]
pub struct Results {
    /// The statistics, in the pipeline's order.
    pub studies: Vec<Study>,
    /// By statistic, site and layer.
    pub parts: Vec<Part>,
}

/// The parts that are corrected together, as lists of indices, in order of their first.
pub fn families(
    parts: impl Iterator<Item = (usize, Site, i32)>,
    family: Family,
) -> Vec<Vec<usize>> {
    let mut families: BTreeMap<(usize, Option<Site>, Option<i32>), Vec<usize>> = BTreeMap::new();
    for (index, (study, site, layer)) in parts.enumerate() {
        let key = match family {
            Family::Layer => (study, Some(site), Some(layer)),
            Family::Site => (study, Some(site), None),
            Family::All => (study, None, None),
        };
        families.entry(key).or_default().push(index);
    }
    families.into_values().collect()
}

impl Results {
    /// Fills in the corrected p-values and thresholds.
    pub fn correct(&mut self, test: &TestSection) {
        let keys = self
            .parts
            .iter()
            .map(|part| (part.study, part.site, part.layer));
        for family in families(keys, test.family) {
            self.correct_family(&family, test);
        }
    }

    fn correct_family(&mut self, family: &[usize], test: &TestSection) {
        let parts: Vec<&Part> = family
            .iter()
            .filter_map(|index| self.parts.get(*index))
            .collect();
        let Some(study) = parts.first().and_then(|part| self.studies.get(part.study)) else {
            return;
        };
        let outcomes = || parts.iter().flat_map(|part| &part.outcomes);
        let p: Vec<Option<f64>> = outcomes()
            .map(|outcome| outcome.test.as_ref().map(Test::p))
            .collect();
        let mut adjusted = vec![Adjusted::default(); p.len()];
        let mut fill = |correction: Correction, values: Vec<Option<f64>>| {
            for (adjusted, value) in adjusted.iter_mut().zip(values) {
                *adjusted.place(correction) = value;
            }
        };
        for correction in Correction::ALL {
            fill(*correction, adjust(*correction, &p));
        }
        let mut critical =
            critical_p(test.correction, &p, test.alpha).and_then(|p| study.tester.critical(p));
        if let Some(max_t) = &study.max_t
            && let Some(heights) = joined(&parts)
        {
            fill(Correction::MaxT, max_t.p_values(&heights));
            if test.correction == Correction::MaxT {
                critical = max_t.critical(&heights, test.alpha);
            }
        }
        let size = p.iter().flatten().count();
        let mut adjusted = adjusted.into_iter();
        for index in family {
            let Some(part) = self.parts.get_mut(*index) else {
                continue;
            };
            part.adjusted = adjusted.by_ref().take(part.outcomes.len()).collect();
            part.critical_t = critical;
            part.family_size = size;
        }
    }

    /// The parts of one statistic.
    pub fn of_study(&self, study: usize) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |part| part.study == study)
    }
}

/// The heights of a family's neurons.
fn joined(parts: &[&Part]) -> Option<Heights> {
    let mut heights = parts.iter().map(|part| part.heights.as_ref());
    let mut all = heights.next()??.clone();
    for other in heights {
        all.merge(other?);
    }
    Some(all)
}

impl Part {
    /// Whether a neuron is significant after the pipeline's correction.
    pub fn significant(&self, neuron: usize, test: &TestSection) -> bool {
        let adjusted = self
            .adjusted
            .get(neuron)
            .and_then(|all| all.by(test.correction));
        adjusted.is_some_and(|p| p <= test.alpha)
    }

    /// The category that a significant neuron prefers, as an index.
    pub fn prefers(&self, neuron: usize, test: &TestSection) -> Option<usize> {
        let favourite = self.favourites.get(neuron).copied();
        favourite.filter(|_| self.significant(neuron, test))
    }

    /// Neurons in order: their number, outcome, contrast and corrected p-values.
    pub fn neurons(&self) -> impl Iterator<Item = (usize, &Outcome, &Contrast, &Adjusted)> {
        let both = self
            .outcomes
            .iter()
            .zip(&self.contrasts)
            .zip(&self.adjusted);
        both.enumerate()
            .map(|(neuron, ((outcome, contrast), adjusted))| (neuron, outcome, contrast, adjusted))
    }
}

/// Refuses a correction that one of the statistics cannot have.
///
/// # Errors
/// Max-T with `logit`.
pub fn check_correction(pipeline: &Pipeline) -> Result<()> {
    let test = &pipeline.test;
    if test.correction == Correction::MaxT && test.statistic.contains(&Statistic::Logit) {
        return Err(Error::Schema(pipeline.key_error(
            "test.correction",
            "max-t cannot correct the statistic logit, which no permutation can recompute fast enough",
            "choose another correction, such as holm, or leave logit out",
        )));
    }
    Ok(())
}
