//! The last lines of a run: what was found, and where the report is.

use crate::error::Result;
use selectron_run::manifest::{
    GeneralizationFacts, LayerCounts, LayerGeneralization, Manifest, SelectedNeuron, StatsFacts,
};
use selectron_run::{RunDir, Side};
use std::path::Path;

/// What is most telling of a run's outcome, by the first statistic.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Findings<'a> {
    facts: &'a StatsFacts,
    /// Counts of the first statistic by site and layer.
    layers: Vec<&'a LayerCounts>,
}

impl<'a> Findings<'a> {
    /// Takes the findings out of what the stats stage has written down.
    pub(crate) fn new(facts: &'a StatsFacts) -> Self {
        let first = facts.first_statistic();
        let layers = facts.layers.iter();
        Self {
            facts,
            layers: layers
                .filter(|counts| Some(counts.statistic) == first)
                .collect(),
        }
    }

    fn sum(&self, count: impl Fn(&LayerCounts) -> usize) -> usize {
        self.layers.iter().map(|counts| count(counts)).sum()
    }

    /// Neurons tested.
    pub(crate) fn neurons(&self) -> usize {
        self.sum(|counts| counts.tests)
    }

    /// Significant neurons that prefer a side.
    pub(crate) fn preferring(&self, side: Side) -> usize {
        self.sum(|counts| counts.preferring(side))
    }

    /// Significant neurons, whatever they prefer.
    pub(crate) fn significant(&self) -> usize {
        self.sum(|counts| counts.a + counts.b + counts.other)
    }

    /// How the neurons perform in the text, where there is one.
    pub(crate) fn in_text(&self) -> Option<&GeneralizationFacts> {
        self.facts.generalization.as_ref()
    }

    /// The neuron of the first site that was selected for a side.
    pub(crate) fn selected(&self, side: Side) -> Option<&SelectedNeuron> {
        let mut selected = self.facts.selected.iter();
        selected.find(|neuron| neuron.category == self.facts.category(side))
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "neurons    {} prefer {}, {} prefer {}, {} neither, {} undefined (of {} at {} layers)",
            self.preferring(Side::A),
            self.facts.category(Side::A),
            self.preferring(Side::B),
            self.facts.category(Side::B),
            self.sum(|counts| counts.neither),
            self.sum(|counts| counts.undefined),
            self.neurons(),
            self.layers.len(),
        )];
        lines.extend(self.in_text().map(in_text));
        lines.extend(self.facts.selected.iter().map(selected));
        lines
    }
}

/// The counts, how many neurons generalise, and the chosen ones.
///
/// # Errors
/// When the stats stage has not run.
pub(crate) fn lines(run: &RunDir, manifest: &Manifest) -> Result<Vec<String>> {
    Ok(Findings::new(manifest.tested(run)?).lines())
}

/// Where the report is, as one would type it in a folder.
pub(crate) fn report(run: &RunDir, folder: &Path) -> String {
    let report = run.report();
    let report = report.strip_prefix(folder).unwrap_or(&report);
    format!("report     {}", report.display())
}

/// The sum over layers of a count in the text.
pub(crate) fn sum_in_text(
    facts: &GeneralizationFacts,
    count: impl Fn(&LayerGeneralization) -> usize,
) -> usize {
    facts.layers.iter().map(count).sum()
}

/// How many of the significant neurons keep their preference in the text.
fn in_text(facts: &GeneralizationFacts) -> String {
    let significant = sum_in_text(facts, |layer| layer.significant);
    if facts.is_open() {
        return format!(
            "in text    open whether any of {significant} significant neurons generalises"
        );
    }
    let generalise = sum_in_text(facts, |layer| layer.generalise);
    format!(
        "in text    {generalise} of {significant} significant neurons generalise to words never seen"
    )
}

fn selected(neuron: &SelectedNeuron) -> String {
    let place = neuron.id.place;
    format!(
        "{:<10} {} layer {} neuron {}: t = {:.2}{}",
        neuron.category,
        place.site,
        place.layer,
        neuron.id.neuron,
        neuron.t,
        if neuron.significant {
            ""
        } else {
            " (not significant)"
        },
    )
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    /// What a stats stage found in two layers.
    pub(crate) fn facts(shuffles: usize) -> StatsFacts {
        let counts = |statistic: &str, layer: usize, a: usize, b: usize| {
            json!({"statistic": statistic, "site": "mlp.pre", "layer": layer, "tests": 20, "a": a,
                "b": b, "neither": 19 - a - b, "undefined": 1, "critical_t": 4.5})
        };
        let in_text = |layer: usize, significant: usize, generalise: usize| {
            json!({"site": "mlp.pre", "layer": layer, "neurons": 20, "significant": significant,
                "same_side": generalise, "generalise": generalise, "highest": null, "lowest": null,
                "shuffled_best": null, "control_best": null, "transfer": null})
        };
        let chosen = |category: &str, neuron: usize, t: f64| {
            json!({"category": category, "site": "mlp.pre", "layer": 1, "neuron": neuron, "t": t,
                "significant": t > 0.0})
        };
        let facts = json!({
            "category_a": "noun", "category_b": "verb", "statistics": ["paired-t", "welch-t"],
            "alpha": 0.05, "correction": "holm", "family": "layer",
            "layers": [counts("paired-t", 0, 4, 3), counts("paired-t", 1, 2, 0),
                counts("welch-t", 0, 9, 9)],
            "selected": [chosen("noun", 3, 20.554), chosen("verb", 7, -4.0)],
            "generalization": {
                "n_a": 5, "n_b": 4, "n_other": 3, "n_a_seen": 1, "n_b_seen": 1, "types": 6,
                "sentences": 2, "shuffles": shuffles, "resamples": 10,
                "layers": [in_text(0, 7, 3), in_text(1, 2, 1)], "shown": [], "confusion": [],
            },
            "artifacts": {},
        });
        serde_json::from_value(facts).unwrap()
    }

    #[test]
    fn a_run_is_summed_up() {
        assert_eq!(
            Findings::new(&facts(200)).lines(),
            [
                "neurons    6 prefer noun, 3 prefer verb, 29 neither, 2 undefined (of 40 at 2 layers)",
                "in text    4 of 9 significant neurons generalise to words never seen",
                "noun       mlp.pre layer 1 neuron 3: t = 20.55",
                "verb       mlp.pre layer 1 neuron 7: t = -4.00 (not significant)",
            ]
        );
    }

    #[test]
    fn what_the_text_cannot_tell_is_said_to_be_open() {
        assert_eq!(
            Findings::new(&facts(0)).lines()[1],
            "in text    open whether any of 9 significant neurons generalises"
        );
        let mut facts = facts(0);
        facts.generalization = None;
        assert_eq!(Findings::new(&facts).lines().len(), 3);
    }

    #[test]
    fn the_report_is_named_as_one_would_type_it() {
        let run = RunDir::new("/a/artifacts/runs/grammar");
        let line = |folder: &str| report(&run, Path::new(folder));
        assert_eq!(line("/a"), "report     artifacts/runs/grammar/report.html");
        assert_eq!(
            line("/b"),
            "report     /a/artifacts/runs/grammar/report.html"
        );
    }
}
