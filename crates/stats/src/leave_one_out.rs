//! How much a selected neuron's t hangs on single words.

use crate::arrangement::Shape;
use crate::design::Design;
use crate::statistic::{Test, Tester};
use selectron_run::manifest::{LeaveOneOutFacts, SelectedNeuron};
use selectron_tables::rows::LeaveOneOutRow;

/// Tests a selected neuron again without each pair, or each word, in turn.
pub fn leave_one_out(
    selected: &SelectedNeuron,
    row: &[f64],
    tester: &Tester,
    design: &Design,
) -> (Vec<LeaveOneOutRow>, Option<LeaveOneOutFacts>) {
    let words = tester.arrangement();
    let paired = words.shape == Shape::Paired;
    let left_out: Vec<usize> = match words.shape {
        Shape::Paired => words.a().to_vec(),
        _ => words.groups.concat(),
    };
    let mut rows = Vec::new();
    for (unit, word) in left_out.iter().enumerate() {
        let word = &design.words[*word];
        let partner = paired.then(|| &design.words[words.b()[unit]]);
        let test = tester.on(words.without(unit)).test_row(row).test;
        rows.push(LeaveOneOutRow {
            site: selected.id.place.site,
            layer: selected.id.place.layer,
            neuron: selected.id.neuron,
            statistic: tester.statistic(),
            word: word.word.clone(),
            partner: partner.map(|partner| partner.word.clone()),
            category: word.category.clone(),
            t: test.map(|test| test.t),
            p: test.as_ref().map(Test::p),
        });
    }
    let facts = summarise(selected, &rows);
    (rows, facts)
}

fn summarise(selected: &SelectedNeuron, rows: &[LeaveOneOutRow]) -> Option<LeaveOneOutFacts> {
    let defined = || rows.iter().filter_map(|row| Some((row.t?, row)));
    // Towards 0 from the side of the whole t; a t that has crossed over hangs on the word all the
    // more.
    let support = |t: f64| t * selected.t.signum();
    let (_, crucial) = defined().min_by(|(x, _), (y, _)| support(*x).total_cmp(&support(*y)))?;
    let t = || defined().map(|(t, _)| t);
    Some(LeaveOneOutFacts {
        id: selected.id,
        t: selected.t,
        smallest: t().fold(f64::INFINITY, f64::min),
        largest: t().fold(f64::NEG_INFINITY, f64::max),
        hangs_on: match &crucial.partner {
            Some(partner) => format!("{}/{partner}", crucial.word),
            None => crucial.word.clone(),
        },
    })
}
