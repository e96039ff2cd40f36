//! The shown neurons' scores on the text, a column each.

use super::super::table::{NONE, Table, interval, neuron, number};
use super::auc::own_auc;
use crate::data::{Chosen, Run, SiteTests};
use crate::numbers::{fixed, plain_probability, tick};
use selectron_run::Side;
use selectron_run::manifest::{LayerGeneralization, ShownFacts};
use selectron_tables::rows::{GeneralizationRow, OfNeuron, PreferenceRow};

/// What is known of a shown neuron.
struct Column<'a> {
    run: &'a Run,
    shown: &'a Chosen,
    scores: &'a GeneralizationRow,
    layer: Option<&'a LayerGeneralization>,
    /// None where it is open whether it generalises.
    facts: Option<&'a ShownFacts>,
    preference: Option<&'a PreferenceRow>,
}

/// A row: its name, whether it is set off, and its cell for a neuron.
type Measure = (&'static str, bool, fn(&Column<'_>) -> String);

const MEASURES: [Measure; 21] = [
    ("Shown for", false, |column| {
        column.run.stats.category(column.shown.side).to_owned()
    }),
    ("Effect on the isolated words", false, |column| {
        column.effect()
    }),
    ("AUC on words that were not stimuli", true, |column| {
        column.auc(column.scores.auc)
    }),
    (
        "95% interval (DeLong: words independent)",
        false,
        |column| column.ends(column.scores.auc_low, column.scores.auc_high),
    ),
    ("95% interval (sentences resampled)", false, |column| {
        column.ends(column.scores.auc_boot_low, column.scores.auc_boot_high)
    }),
    ("AUC on the stimuli only", false, |column| {
        column.auc(column.scores.auc_seen)
    }),
    ("AUC on all words", false, |column| {
        column.auc(column.scores.auc_all)
    }),
    (
        "AUC of its category against every other word",
        false,
        |column| number(column.against_rest().0, 3),
    ),
    ("95% interval of that (DeLong)", false, |column| {
        let (_, low, high) = column.against_rest();
        interval(low, high, 3)
    }),
    ("AUC in a control task", false, |column| {
        column.auc(column.scores.auc_control)
    }),
    (
        "Best of the layer in control tasks (5% exceed it)",
        false,
        |column| column.reach(|layer| layer.control_best),
    ),
    ("p by the control tasks", false, |column| {
        p(column.scores.p_control)
    }),
    (
        "Best of the layer with shuffled labels (5% exceed it)",
        false,
        |column| column.reach(|layer| layer.shuffled_best),
    ),
    ("p by the shuffled labels", false, |column| {
        p(column.scores.p_shuffled)
    }),
    ("AUC of a random neuron of the layer", false, |column| {
        column.auc(column.scores.auc_random)
    }),
    ("Precision", false, |column| {
        number(column.scores.precision, 3)
    }),
    ("Recall", false, |column| number(column.scores.recall, 3)),
    ("F1", false, |column| number(column.scores.f1, 3)),
    ("MCC", false, |column| number(column.scores.mcc, 3)),
    (
        "Share of the category it prefers here among the 1% of words that drive it most",
        false,
        |column| {
            let share = column.scores.top_share;
            share.map_or_else(
                || NONE.to_owned(),
                |share| format!("{}%", fixed(100.0 * share, 1)),
            )
        },
    ),
    ("Generalises", true, |column| match column.facts {
        None => NONE.to_owned(),
        Some(facts) if facts.generalises => "yes".to_owned(),
        Some(_) => "✕ no".to_owned(),
    }),
];

/// What is known besides where there are further categories.
const PREFERENCES: [Measure; 2] = [
    (
        "Prefers above all others, isolated words",
        false,
        |column| column.prefers(|row| &row.in_words),
    ),
    ("Prefers above all others, in the text", false, |column| {
        column.prefers(|row| &row.in_text)
    }),
];

impl Column<'_> {
    fn effect(&self) -> String {
        let Some(t) = self.shown.t else {
            return NONE.to_owned();
        };
        let t = self.run.measure.equals(&fixed(t, 2));
        if self.shown.significant {
            t
        } else {
            format!("{t}, not significant")
        }
    }

    /// An AUC of A against B as that of the neuron's category.
    fn auc(&self, auc: Option<f64>) -> String {
        number(auc.map(|auc| own_auc(self.shown.side, auc)), 3)
    }

    fn ends(&self, low: Option<f64>, high: Option<f64>) -> String {
        let own_side = |auc: Option<f64>| auc.map(|auc| own_auc(self.shown.side, auc));
        match self.shown.side {
            Side::A => interval(low, high, 3),
            Side::B => interval(own_side(high), own_side(low), 3),
        }
    }

    fn against_rest(&self) -> (Option<f64>, Option<f64>, Option<f64>) {
        let row = self.scores;
        match self.shown.side {
            Side::A => (row.auc_a_rest, row.auc_a_rest_low, row.auc_a_rest_high),
            Side::B => (row.auc_b_rest, row.auc_b_rest_low, row.auc_b_rest_high),
        }
    }

    /// The AUC that lies so far from 1/2.
    fn reach(&self, far: fn(&LayerGeneralization) -> Option<f64>) -> String {
        number(self.layer.and_then(|layer| Some(0.5 + far(layer)?)), 3)
    }

    fn prefers(&self, category: fn(&PreferenceRow) -> &Option<String>) -> String {
        let category = self.preference.and_then(|row| category(row).clone());
        category.unwrap_or_else(|| NONE.to_owned())
    }
}

fn p(p: Option<f64>) -> String {
    p.map_or_else(|| NONE.to_owned(), plain_probability)
}

/// The table; none where no shown neuron has been scored.
pub(super) fn table(run: &Run, site: &SiteTests) -> Option<Table> {
    let facts = run.stats.generalization.as_ref();
    let columns: Vec<_> = site
        .shown()
        .filter_map(|shown| {
            let mut layers = facts.iter().flat_map(|facts| &facts.layers);
            let mut of_shown = facts.iter().flat_map(|facts| &facts.shown);
            let mut preferences = run.in_text.preferences.iter();
            Some(Column {
                run,
                shown,
                scores: run.in_text.score(shown.id)?,
                layer: layers.find(|layer| layer.place == shown.id.place),
                facts: of_shown
                    .find(|facts| facts.id == shown.id)
                    .filter(|_| facts.is_some_and(|facts| !facts.is_open())),
                preference: preferences.find(|row| row.id() == shown.id),
            })
        })
        .collect();
    if columns.is_empty() {
        return None;
    }
    let names: Vec<_> = columns
        .iter()
        .map(|column| neuron(run, column.shown.id))
        .collect();
    let head = std::iter::once("").chain(names.iter().map(String::as_str));
    let mut table = Table::new("The shown neurons in the text", head);
    let further = columns.iter().any(|column| column.preference.is_some());
    let preferences = PREFERENCES.iter().filter(|_| further);
    for (name, marked, cell) in MEASURES.iter().chain(preferences) {
        let name = std::iter::once((*name).to_owned());
        table.row(name.chain(columns.iter().map(cell)), *marked);
    }
    Some(table)
}

/// How the table is to be read.
pub(super) fn reading(run: &Run) -> String {
    format!(
        "AUC is the chance that a word of the neuron’s own category activates it more than a word \
         of the other one: 0.5 is a coin toss, 1 never fails. (generalization.parquet has the AUC \
         of {a} against {b}, which is 1 minus this for {b} neurons.) In a control task each word \
         has a random category that it keeps throughout the text: what a neuron reaches there it \
         owes to single words, not to grammar. To generalise, a neuron needs a p of at most \
         {alpha} by them. Precision, recall, F1 and MCC are of its category against every other \
         word, at a threshold that was chosen on one half of the text and scored on the other.",
        a = run.stats.category_a,
        b = run.stats.category_b,
        alpha = tick(run.stats.alpha),
    )
}
