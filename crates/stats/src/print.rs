//! What the stage prints of its results.

use selectron_run::manifest::{LayerCounts, SelectedNeuron, StatsFacts};
use selectron_run::stage::Console;
use selectron_run::{NeuronId, Place};
use selectron_tables::rows::{BalanceRow, PositionRow, ReliabilityRow};

/// Prints the balance table of A and B and warns where they differ.
pub fn balance(rows: &[BalanceRow], facts: &StatsFacts, console: &Console) {
    let (a, b) = (&facts.category_a, &facts.category_b);
    console.say(format_args!(
        "{:<12} {a:>9.9} {b:>9.9} {:>9} {:>7} {:>9}",
        "the words", "A - B", "t", "p"
    ));
    for row in rows
        .iter()
        .filter(|row| (&row.category_a, &row.category_b) == (a, b))
    {
        let number = |x: Option<f64>, digits: usize| {
            x.map_or_else(|| "-".to_owned(), |x| format!("{x:.digits$}"))
        };
        console.say(format_args!(
            "{:<12} {:>9.3} {:>9.3} {:>9.3} {:>7} {:>9}{}",
            row.property.name(),
            row.mean_a,
            row.mean_b,
            row.mean_diff,
            number(row.t, 2),
            match row.p {
                Some(p) if p < 0.0001 => "< 0.0001".to_owned(),
                p => number(p, 4),
            },
            if row.differs { " *" } else { "" }
        ));
    }
    if !facts.unbalanced.is_empty() {
        console.warn(format_args!(
            "{a} and {b} differ in {}: a neuron may answer to that instead",
            facts.unbalanced.join(", ")
        ));
    }
}

/// Prints the counts, the selected neurons, and what puts them in proportion.
pub fn results(facts: &StatsFacts, reliability: &[ReliabilityRow], console: &Console) {
    console.say(format_args!(
        "{} at {} within {}: {} (t > 0) against {} (t < 0)",
        facts.correction, facts.alpha, facts.family, facts.category_a, facts.category_b
    ));
    for counts in &facts.layers {
        counts_of(counts, facts, console);
    }
    for SelectedNeuron {
        category,
        id: NeuronId {
            place: Place { site, layer },
            neuron,
        },
        t,
        significant,
    } in &facts.selected
    {
        let verdict = if *significant {
            "significant"
        } else {
            "not significant"
        };
        console.say(format_args!(
            "the {category} neuron of {site}: layer {layer}, neuron {neuron}, t = {t:.2}, {verdict}"
        ));
    }
    for left_out in &facts.leave_one_out {
        let NeuronId { place, neuron } = left_out.id;
        console.say(format_args!(
            "without any one word, layer {} neuron {neuron}: t = {:.2} to {:.2}, least without {}",
            place.layer, left_out.smallest, left_out.largest, left_out.hangs_on
        ));
    }
    if let Some(nulls) = &facts.nulls {
        console.say(format_args!(
            "by chance ({} {}): {:.1} significant on average, {} at most, against {} observed \
             (p = {:.4}); {:.2} % uncorrected",
            nulls.draws,
            nulls.kind,
            nulls.mean,
            nulls.largest,
            nulls.observed,
            nulls.p,
            100.0 * nulls.uncorrected
        ));
    }
    let repeats: Vec<f64> = reliability
        .iter()
        .filter_map(|row| row.reliability)
        .collect();
    if let (Some(low), Some(high)) = (
        repeats.iter().copied().reduce(f64::min),
        repeats.iter().copied().reduce(f64::max),
    ) {
        console.say(format_args!(
            "split-half reliability of t by layer: {low:.2} to {high:.2}"
        ));
    }
    for control in &facts.controls {
        console.say(format_args!(
            "{}: of {} {} neurons {} are above {} too",
            control.statistic, control.neurons, control.prefers, control.beat, control.control
        ));
    }
    for power in &facts.power {
        console.say(format_args!(
            "{}: with {:.0} % chance it finds an effect of {:.2} standard deviations (level {:.1e})",
            power.statistic,
            100.0 * power.power,
            power.effect,
            power.level
        ));
    }
}

fn counts_of(counts: &LayerCounts, facts: &StatsFacts, console: &Console) {
    let LayerCounts {
        statistic,
        place: Place { site, layer },
        tests,
        a,
        b,
        neither,
        other,
        undefined,
        critical_t,
    } = counts;
    let threshold = critical_t.map_or_else(String::new, |t| format!(", abs(t) >= {t:.3}"));
    let other = if *other > 0 {
        format!(" {other} other")
    } else {
        String::new()
    };
    console.say(format_args!(
        "{:<11} {site} layer {layer:>2}: {a:>5} {} {b:>5} {}{other} {neither:>5} neither \
         {undefined:>3} undefined of {tests}{threshold}",
        statistic.name(),
        facts.category_a,
        facts.category_b
    ));
}

/// Says how much position alone does: for each contrast the range over the layers.
pub fn positions(rows: &[PositionRow], console: &Console) {
    let mut said = Vec::new();
    for row in rows {
        let compared = (row.site, row.contrast);
        if said.contains(&compared) {
            continue;
        }
        said.push(compared);
        let shares: Vec<f64> = rows
            .iter()
            .filter(|other| (other.site, other.contrast) == compared)
            .map(|other| 100.0 * other.significant as f64 / other.tests.max(1) as f64)
            .collect();
        let lowest = shares.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = shares.iter().copied().fold(0.0, f64::max);
        console.say(format_args!(
            "position {} alone, the token being the same: {lowest:.0} to {highest:.0} % of a \
             layer's neurons of {} tell it",
            row.contrast, row.site
        ));
    }
}
