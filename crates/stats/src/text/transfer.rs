//! How effects in isolated words carry over to the text.

use crate::arrangement::Shape;
use crate::moments::correlation;
use crate::results::Corrected;
use crate::statistic::ranks::rank;
use selectron_run::Place;
use selectron_run::pipeline::TestSection;
use selectron_tables::rows::TransferRow;

/// Length of the two lists that are compared.
const TOP: usize = 50;

/// A neuron's effect in isolated words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InWords {
    /// Its test statistic, negative where B is higher. A statistic without a sign takes that of the
    /// difference of the means of A and B.
    pub t: Option<f64>,
    /// Its standardised mean difference.
    pub d: Option<f64>,
    /// Whether it is significant.
    pub significant: bool,
}

/// A neuron's effect in the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InText {
    /// Its AUC of A against B.
    pub auc: Option<f64>,
    /// Its standardised mean difference.
    pub d: Option<f64>,
}

impl InWords {
    /// The effects of a layer's neurons.
    pub fn of(tests: &Corrected, test: &TestSection) -> Vec<Self> {
        let has_sign = Shape::of(tests.raw.statistic) != Shape::Several;
        tests
            .neurons()
            .map(|(neuron, outcome, contrast, _)| {
                let t = outcome.test.map(|test| test.t);
                Self {
                    t: t.map(|t| {
                        if has_sign {
                            t
                        } else {
                            t.copysign(contrast.mean_diff)
                        }
                    }),
                    d: contrast.d,
                    significant: tests.significant(neuron, test),
                }
            })
            .collect()
    }

    /// Whether an AUC lies on the side of 1/2 that t promises.
    pub fn agrees(&self, auc: f64) -> bool {
        self.t.is_some_and(|t| t * (auc - 0.5) > 0.0)
    }
}

/// Compares a layer's effects; its neurons are in order in both lists.
///
/// # Panics
/// When the lists are not equally long.
pub fn transfer(place: Place, words: &[InWords], text: &[InText]) -> TransferRow {
    assert_eq!(words.len(), text.len(), "neurons in words and in text");
    let pairs = || words.iter().zip(text);
    let t_and_auc: Vec<(f64, f64)> = pairs()
        .filter_map(|(words, text)| Some((words.t?, text.auc?)))
        .collect();
    let d_and_d: Vec<(f64, f64)> = pairs()
        .filter_map(|(words, text)| Some((words.d?, text.d?)))
        .collect();
    let significant = || pairs().filter(|(words, _)| words.significant);
    let same_sign = significant().filter(|(words, text)| text.auc.is_some_and(|x| words.agrees(x)));
    let top = TOP.min(words.len() / 2);
    let in_words = strongest(words.iter().map(|words| words.t), top);
    let in_text = strongest(text.iter().map(|text| text.auc.map(|auc| auc - 0.5)), top);
    let shared = in_words.iter().filter(|neuron| in_text.contains(neuron));
    TransferRow {
        site: place.site,
        layer: place.layer,
        neurons: t_and_auc.len(),
        correlation: correlation(&t_and_auc),
        rank_correlation: ranked(&t_and_auc).and_then(|ranks| correlation(&ranks)),
        d_correlation: correlation(&d_and_d),
        significant: significant().count(),
        same_sign: same_sign.count(),
        top,
        shared_top: shared.count(),
    }
}

fn ranked(pairs: &[(f64, f64)]) -> Option<Vec<(f64, f64)>> {
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let ranks = rank(&x)?.ranks.into_iter().zip(rank(&y)?.ranks);
    Some(ranks.collect())
}

/// The neurons with the largest absolute effects; of equal ones the first.
fn strongest(effects: impl Iterator<Item = Option<f64>>, count: usize) -> Vec<usize> {
    let mut order: Vec<(f64, usize)> = effects
        .enumerate()
        .filter_map(|(neuron, effect)| Some((effect?.abs(), neuron)))
        .collect();
    order.sort_by(|(x, _), (y, _)| y.total_cmp(x));
    order
        .into_iter()
        .take(count)
        .map(|(_, neuron)| neuron)
        .collect()
}
