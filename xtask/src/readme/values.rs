//! The numbers that sentences may hold.

use crate::summary::{Findings, sum_in_text};
use selectron_run::Side;
use selectron_run::manifest::StatsFacts;
use std::collections::BTreeMap;

/// Each number by its key, as README has it.
///
/// What a run lacks, such as numbers of the text where there is none, has no key.
pub(super) fn values(facts: &StatsFacts) -> BTreeMap<&'static str, String> {
    let findings = Findings::new(facts);
    let mut values = BTreeMap::from([
        ("default.neurons", findings.neurons().to_string()),
        ("default.significant", findings.significant().to_string()),
        ("default.prefer_a", findings.preferring(Side::A).to_string()),
        ("default.prefer_b", findings.preferring(Side::B).to_string()),
    ]);
    for (key, side) in [("default.t_a", Side::A), ("default.t_b", Side::B)] {
        if let Some(neuron) = findings.selected(side) {
            values.insert(key, format!("{:.2}", neuron.t));
        }
    }
    if let Some(text) = findings.in_text() {
        let generalise = sum_in_text(text, |layer| layer.generalise);
        values.insert("default.generalise", generalise.to_string());
        values.insert("default.unseen_a", text.n_a.to_string());
        values.insert("default.unseen_b", text.n_b.to_string());
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::tests::facts;

    #[test]
    fn every_number_is_the_runs() {
        let values = values(&facts(200));
        let expected = [
            ("default.generalise", "4"),
            ("default.neurons", "40"),
            ("default.prefer_a", "6"),
            ("default.prefer_b", "3"),
            ("default.significant", "9"),
            ("default.t_a", "20.55"),
            ("default.t_b", "-4.00"),
            ("default.unseen_a", "5"),
            ("default.unseen_b", "4"),
        ];
        let expected = expected.map(|(key, value)| (key, value.to_owned()));
        assert_eq!(values, BTreeMap::from(expected));
    }
}
