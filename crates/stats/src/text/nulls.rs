//! What the best neuron of a layer reaches by chance: with shuffled labels, and in control tasks.
//!
//! Under every draw every neuron needs one number, the sum of the ranks of the words that the draw
//! calls A. Ranks are doubled and centred, so that they are whole and the sum is 2 U - n m; it is
//! looked up rather than added up, as in [`sums`](crate::permutation::sums), and exact.

use super::auc::Order;
use super::words::TextWords;
use crate::permutation::draws::UNITS_A_CODE;
use crate::permutation::sums::{LANES, Lanes, Sums};
use crate::random::{Purpose, stream};
use rand::seq::SliceRandom;
use selectron_run::Side;
use selectron_run::vocabulary::Rearrangement;
use std::collections::BTreeMap;

/// Words tabled at a time: the tables of so many stay in a core's cache.
const WORDS_AT_A_TIME: usize = 1024;

/// The words of A and B that were never stimuli, and random labels for them, the same for every
/// layer.
#[derive(Debug)]
pub struct TextNulls {
    /// For each scored word its place among those of A and B; none for any other word.
    place: Vec<Option<usize>>,
    units: usize,
    draws: Vec<Draw>,
    /// How many of the draws are shuffles; the rest are control tasks.
    shuffles: usize,
    /// Different words among them, in lower case.
    pub types: usize,
}

/// Random labels.
#[derive(Debug)]
struct Draw {
    /// Four words a code, as [`Sums`] reads them.
    codes: Vec<u8>,
    /// n m: comparisons of a word of A with one of B.
    comparisons: u64,
}

/// The largest and smallest 2 U - n m that any neuron has under each draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extremes {
    highest: Vec<i64>,
    lowest: Vec<i64>,
}

/// What the best neurons of a layer reach under each draw of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Null {
    /// The largest AUC under each draw.
    pub highest: Vec<f64>,
    /// The smallest.
    pub lowest: Vec<f64>,
    /// The larger distance from 1/2 of the two, as 2 U - n m, and n m.
    best: Vec<(u64, u64)>,
}

impl TextNulls {
    /// Draws the labels: `asked` shuffles, and as many control tasks.
    pub fn new(words: &TextWords, asked: usize, seed: u64) -> Self {
        let mut place = vec![None; words.len()];
        let (mut labels, mut forms) = (Vec::new(), Vec::new());
        for (word, row) in words.words().enumerate() {
            if let Some(side) = words.membership[word].unseen_side() {
                place[word] = Some(labels.len());
                labels.push(side == Side::A);
                forms.push(row.form.to_lowercase());
            }
        }
        let of_a = labels.iter().filter(|label| **label).count();
        // Labels that are all the same tell nothing apart, however they are shuffled.
        let asked = if of_a == 0 || of_a == labels.len() {
            0
        } else {
            asked
        };
        let mut types: BTreeMap<&str, usize> =
            forms.iter().map(|form| (form.as_str(), 0)).collect();
        for (number, (_, place)) in types.iter_mut().enumerate() {
            *place = number;
        }
        let type_of: Vec<usize> = forms.iter().map(|form| types[form.as_str()]).collect();
        let mut draws: Vec<Draw> = (0..asked)
            .map(|draw| {
                let mut labels = labels.clone();
                labels.shuffle(&mut stream(seed, Purpose::ShuffledLabels, draw as u64));
                Draw::new(&labels)
            })
            .collect();
        if let Some(observed) = type_labels(&labels, types.len()) {
            draws.extend((0..asked).map(|draw| {
                let mut of_types = observed.clone();
                of_types.shuffle(&mut stream(seed, Purpose::ControlTasks, draw as u64));
                let labels: Vec<bool> = type_of.iter().map(|number| of_types[*number]).collect();
                Draw::new(&labels)
            }));
        }
        Self {
            units: labels.len(),
            place,
            draws,
            shuffles: asked,
            types: types.len(),
        }
    }

    /// An empty record of what is reached.
    pub fn extremes(&self) -> Extremes {
        Extremes {
            highest: vec![i64::MIN; self.draws.len()],
            lowest: vec![i64::MAX; self.draws.len()],
        }
    }

    /// An empty tile of ranks, word by word.
    pub fn tile(&self) -> Vec<Lanes> {
        vec![[0; LANES]; self.units]
    }

    /// Puts a neuron's ranks, doubled and centred, into a lane of a tile.
    pub fn rank(&self, order: &Order<'_>, lane: usize, tile: &mut [Lanes]) {
        // Doubled, the mean rank of `size` equal words above `below` others is 2 below + size + 1,
        // and the mean of all is units + 1.
        let mut twice_below = -(self.units as i32);
        for group in order.groups() {
            let places = group.filter_map(|word| self.place[word]);
            let size = places.clone().count() as i32;
            for place in places {
                tile[place][lane] = twice_below + size;
            }
            twice_below += 2 * size;
        }
    }

    /// 2 U - n m of each lane of a tile under every draw, folded into the extremes; the lanes that
    /// are not `defined` take no part. Returns those under the first control task.
    pub fn fold(
        &self,
        tile: &[Lanes],
        defined: [bool; LANES],
        extremes: &mut Extremes,
    ) -> [i64; LANES] {
        let mut sums = vec![[0_i64; LANES]; self.draws.len()];
        // A rank is at most the number of units, and the sums of a chunk are to fit 31 bits.
        let fitting = (i32::MAX as usize / self.units.max(1)).max(UNITS_A_CODE);
        let size = WORDS_AT_A_TIME.min(fitting / UNITS_A_CODE * UNITS_A_CODE);
        for (chunk, ranks) in tile.chunks(size).enumerate() {
            let tables = Sums::new(ranks, Rearrangement::LabelShuffles);
            let start = chunk * size / UNITS_A_CODE;
            for (sums, draw) in sums.iter_mut().zip(&self.draws) {
                let part = tables.of(&draw.codes[start..start + tables.codes()]);
                for (sum, part) in sums.iter_mut().zip(part) {
                    *sum += i64::from(part);
                }
            }
        }
        let places = extremes.highest.iter_mut().zip(&mut extremes.lowest);
        for (sums, (highest, lowest)) in sums.iter().zip(places) {
            for (sum, _) in sums.iter().zip(defined).filter(|(_, defined)| *defined) {
                *highest = (*highest).max(*sum);
                *lowest = (*lowest).min(*sum);
            }
        }
        // Without control tasks nobody asks for it.
        if self.has_controls() {
            sums[self.shuffles]
        } else {
            [0; LANES]
        }
    }

    fn has_controls(&self) -> bool {
        self.draws.len() > self.shuffles
    }

    /// The AUC that belongs to a sum under the first control task; none where there is no such task.
    pub fn control_auc(&self, sum: i64) -> Option<f64> {
        let first = self.has_controls().then(|| &self.draws[self.shuffles])?;
        Some(auc(sum, first.comparisons))
    }

    /// The null distribution of the shuffles; none where there is no draw or no neuron.
    pub fn shuffled(&self, extremes: &Extremes) -> Option<Null> {
        self.null(extremes, 0, self.shuffles)
    }

    /// That of the control tasks.
    pub fn control(&self, extremes: &Extremes) -> Option<Null> {
        self.null(extremes, self.shuffles, self.draws.len())
    }

    fn null(&self, extremes: &Extremes, from: usize, to: usize) -> Option<Null> {
        let highest = &extremes.highest[from..to];
        let lowest = &extremes.lowest[from..to];
        let draws = &self.draws[from..to];
        if draws.is_empty() || highest.first() < lowest.first() {
            return None;
        }
        let aucs = |sums: &[i64]| {
            let pairs = sums.iter().zip(draws);
            pairs
                .map(|(sum, draw)| auc(*sum, draw.comparisons))
                .collect()
        };
        let best = highest
            .iter()
            .zip(lowest)
            .zip(draws)
            .map(|((high, low), draw)| {
                (
                    high.unsigned_abs().max(low.unsigned_abs()),
                    draw.comparisons,
                )
            });
        Some(Null {
            highest: aucs(highest),
            lowest: aucs(lowest),
            best: best.collect(),
        })
    }
}

/// As many labels as there are types, of A in the share that A has of the words, but at least one of
/// each. None with a single type.
fn type_labels(labels: &[bool], types: usize) -> Option<Vec<bool>> {
    if types < 2 {
        return None;
    }
    let of_a = labels.iter().filter(|label| **label).count();
    let share = of_a as f64 / labels.len() as f64;
    let chosen = ((types as f64 * share).round() as usize).clamp(1, types - 1);
    Some((0..types).map(|number| number < chosen).collect())
}

fn auc(sum: i64, comparisons: u64) -> f64 {
    0.5 + 0.5 * sum as f64 / comparisons as f64
}

impl Draw {
    fn new(labels: &[bool]) -> Self {
        let of_a = labels.iter().filter(|label| **label).count();
        let code = |four: &[bool]| {
            let bits = four.iter().enumerate();
            bits.map(|(bit, label)| u8::from(*label) << bit).sum()
        };
        Self {
            codes: labels.chunks(UNITS_A_CODE).map(code).collect(),
            comparisons: of_a as u64 * (labels.len() - of_a) as u64,
        }
    }
}

impl Extremes {
    /// Takes in what other neurons reach.
    pub fn merge(&mut self, other: &Self) {
        for (mine, other) in self.highest.iter_mut().zip(&other.highest) {
            *mine = (*mine).max(*other);
        }
        for (mine, other) in self.lowest.iter_mut().zip(&other.lowest) {
            *mine = (*mine).min(*other);
        }
    }
}

impl Null {
    /// The share of draws whose best neuron is as far from 1/2 as one with this 2 U - n m and n m,
    /// the observed labels counted among the draws.
    pub fn p(&self, excess: i64, comparisons: u64) -> f64 {
        let observed = u128::from(excess.unsigned_abs());
        let as_far = self.best.iter().filter(|(best, of)| {
            u128::from(*best) * u128::from(comparisons) >= observed * u128::from(*of)
        });
        (1 + as_far.count()) as f64 / (1 + self.best.len()) as f64
    }

    /// The distance of the best neuron's AUC from 1/2 that at most 5 % of the draws exceed.
    pub fn best_of_most(&self) -> Option<f64> {
        let mut best: Vec<f64> = self
            .best
            .iter()
            .map(|(excess, of)| 0.5 * *excess as f64 / *of as f64)
            .collect();
        best.sort_unstable_by(f64::total_cmp);
        let exceeding = best.len() / 20;
        Some(best[(best.len() - exceeding).checked_sub(1)?])
    }
}

#[cfg(test)]
mod tests {
    use super::super::auc::{Comparison, NEGATIVE, NEITHER, POSITIVE, Sorter};
    use super::*;
    use crate::design::tests::pipeline;
    use selectron_tables::rows::{TextWordRow, TokenRow};

    /// Words `w0`, `w1`, ... of a few types, of the categories `a`, `b` and none.
    fn words(count: usize, types: usize) -> TextWords {
        let category = |word: usize| match word * 5 % 7 {
            0..3 => Some("a".to_owned()),
            3..5 => Some("b".to_owned()),
            _ => None,
        };
        let row = |word: usize| TextWordRow {
            word,
            form: format!("w{}", word % types),
            category: category(word),
            token_rows: vec![word],
            ..TextWordRow::default()
        };
        let tokens = vec![TokenRow::default(); count];
        let rows = (0..count).map(row).collect();
        TextWords::new(&pipeline(&["a", "b"]), tokens, rows).unwrap()
    }

    /// The words that a draw calls A and B, as labels.
    fn labels(nulls: &TextNulls, draw: usize) -> Vec<u8> {
        let codes = &nulls.draws[draw].codes;
        let label = |place: usize| match codes[place / 4] >> (place % 4) & 1 {
            1 => POSITIVE,
            _ => NEGATIVE,
        };
        nulls
            .place
            .iter()
            .map(|place| place.map_or(NEITHER, label))
            .collect()
    }

    #[test]
    fn looked_up_areas_are_those_of_the_labels() {
        let words = words(2500, 90);
        let nulls = TextNulls::new(&words, 30, 1);
        assert_eq!(nulls.draws.len(), 60);
        let neurons: Vec<Vec<f32>> = (0..20)
            .map(|neuron| {
                let value = |word: usize| ((word * 31 + neuron * 17) % (7 + 40 * neuron)) as f32;
                (0..words.len()).map(value).collect()
            })
            .collect();
        let mut extremes = nulls.extremes();
        let mut sorter = Sorter::default();
        let mut controls = Vec::new();
        for tile in neurons.chunks(LANES) {
            let mut ranks = nulls.tile();
            let mut defined = [false; LANES];
            for (lane, values) in tile.iter().enumerate() {
                defined[lane] = true;
                nulls.rank(&sorter.sort(values).unwrap(), lane, &mut ranks);
            }
            controls.extend(&nulls.fold(&ranks, defined, &mut extremes)[..tile.len()]);
        }
        for draw in 0..60 {
            let labels = labels(&nulls, draw);
            let found: Vec<Comparison> = neurons
                .iter()
                .map(|values| Comparison::of(&sorter.sort(values).unwrap(), &labels))
                .collect();
            let excess = || found.iter().map(Comparison::excess);
            assert_eq!(excess().max().unwrap(), extremes.highest[draw]);
            assert_eq!(excess().min().unwrap(), extremes.lowest[draw]);
            if draw == 30 {
                assert_eq!(excess().collect::<Vec<_>>(), controls);
                let auc = nulls.control_auc(controls[3]).unwrap();
                assert!((auc - found[3].auc().unwrap()).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn shuffles_keep_the_sizes_and_control_tasks_keep_types_together() {
        let words = words(700, 25);
        let nulls = TextNulls::new(&words, 20, 1);
        let labelled = |draw: usize, wanted: u8| -> Vec<usize> {
            let labels = labels(&nulls, draw).into_iter().enumerate();
            labels
                .filter(|(_, label)| *label == wanted)
                .map(|(word, _)| word)
                .collect()
        };
        let all = words.count(|word| word.category.is_some());
        let of_a = words.count_side(Side::A, false);
        let forms: Vec<&str> = words.words().map(|row| row.form.as_str()).collect();
        let mut seen = Vec::new();
        for draw in 0..40 {
            let (a, b) = (labelled(draw, POSITIVE), labelled(draw, NEGATIVE));
            assert_eq!(a.len() + b.len(), all);
            if draw < 20 {
                assert_eq!(a.len(), of_a);
            } else {
                assert!(a.iter().all(|a| b.iter().all(|b| forms[*a] != forms[*b])));
                let mut types: Vec<&str> = a.iter().map(|word| forms[*word]).collect();
                types.sort_unstable();
                types.dedup();
                let share = nulls.types as f64 * of_a as f64 / all as f64;
                assert_eq!(types.len(), share.round() as usize);
            }
            assert!(!seen.contains(&a));
            seen.push(a);
        }
    }

    #[test]
    fn the_observed_labels_are_counted() {
        let null = Null {
            highest: vec![0.6, 0.7, 0.8],
            lowest: vec![0.45, 0.1, 0.4],
            best: vec![(20, 100), (80, 100), (120, 200)],
        };
        // Distances from 1/2: 0.1, 0.4 and 0.3.
        assert_eq!(null.p(-90, 100), 0.25);
        assert_eq!(null.p(30, 50), 0.75);
        assert_eq!(null.p(0, 100), 1.0);
        assert_eq!(null.best_of_most(), Some(0.4));
    }

    #[test]
    fn without_words_of_both_categories_there_is_no_null() {
        let mut all = words(60, 7);
        for word in &mut all.membership {
            word.category = word
                .category
                .filter(|category| *category == Side::A.index());
        }
        let nulls = TextNulls::new(&all, 5, 1);
        assert!(nulls.draws.is_empty());
        assert!(nulls.shuffled(&nulls.extremes()).is_none());
    }

    #[test]
    fn one_type_has_no_control_task() {
        let nulls = TextNulls::new(&words(40, 1), 5, 1);
        assert_eq!((nulls.draws.len(), nulls.types), (5, 1));
        assert!(nulls.control(&nulls.extremes()).is_none());
        assert_eq!(nulls.control_auc(0), None);
    }
}
