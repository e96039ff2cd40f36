//! A site's part of the report: what was found, the painted text, tables and charts.

use super::figure_view::FigureView;
use super::heat_view::HeatView;
use super::table::{NONE, interval, number};
use super::wording;
use crate::data::{LayerTests, Run, Shown, SiteTests};
use crate::figures::{Figure, Kind};
use crate::heat::neuron_name;
use crate::numbers::{count, fixed, percent, plain_probability, probability};
use crate::sanitize::clean;
use selectron_run::Side;
use selectron_tables::rows::TValueRow;
use serde::Serialize;

/// Neurons listed for each category.
const TOP: usize = 10;

/// A site's part of the report.
#[derive(Serialize)]
pub(super) struct SiteView {
    name: String,
    finding: String,
    notes: Vec<String>,
    heats: Vec<HeatView>,
    /// The text on the colours of the neurons that the pipeline names.
    named: Vec<HeatView>,
    layers: Vec<LayerView>,
    total: Option<LayerView>,
    has_thresholds: bool,
    has_other: bool,
    tops: Vec<TopView>,
    /// The level of the confidence intervals, such as `95%`.
    confidence: String,
    figures: Vec<FigureView>,
}

#[derive(Serialize)]
struct LayerView {
    layer: String,
    tests: String,
    a: String,
    b: String,
    neither: String,
    other: String,
    undefined: String,
    critical_t: String,
}

#[derive(Serialize)]
struct TopView {
    heading: String,
    rows: Vec<NeuronView>,
}

#[derive(Serialize)]
struct NeuronView {
    layer: usize,
    neuron: usize,
    t: String,
    df: String,
    p: String,
    p_adjusted: String,
    difference: String,
    interval: String,
    d: String,
    significant: bool,
}

impl SiteView {
    /// The part of the report for a site.
    pub(super) fn new(
        run: &Run,
        site: &SiteTests,
        shown: Option<&Shown>,
        figures: &[&Figure],
    ) -> Self {
        let heats = shown.map_or_else(Vec::new, |shown| {
            let ones = site
                .chosen()
                .map(|chosen| HeatView::one(run, chosen, shown));
            let both_neurons = HeatView::both(run, site, shown);
            ones.chain([both_neurons]).flatten().collect()
        });
        let named = shown.map_or_else(Vec::new, |shown| {
            let named = site.named.iter();
            named
                .filter_map(|chosen| HeatView::one(run, chosen, shown))
                .collect()
        });
        let charts = figures.iter().filter(|figure| figure.kind == Kind::Chart);
        Self {
            name: site.site.name().to_owned(),
            finding: clean(&finding(run, site)),
            notes: notes(run, site, shown)
                .iter()
                .map(|note| clean(note))
                .collect(),
            heats,
            named,
            layers: site.layers.iter().map(layer_view).collect(),
            total: (site.layers.len() > 1).then(|| total_view(site)),
            has_thresholds: site
                .layers
                .iter()
                .any(|layer| layer.counts.critical_t.is_some()),
            has_other: site.total(|counts| counts.other) > 0,
            tops: tops(run, site),
            confidence: confidence(run.stats.alpha),
            figures: charts.map(|figure| FigureView::new(figure)).collect(),
        }
    }
}

/// The level of an interval at this alpha.
fn confidence(alpha: f64) -> String {
    // Rounded where a difference of doubles leaves its noise.
    let percent = format!("{:.9}", 100.0 - 100.0 * alpha);
    format!("{}%", percent.trim_end_matches('0').trim_end_matches('.'))
}

/// What was found, in a sentence.
fn finding(run: &Run, site: &SiteTests) -> String {
    let (a, b) = (&run.stats.category_a, &run.stats.category_b);
    let tests = site.total(|counts| counts.tests);
    let found_a = site.total(|counts| counts.a);
    let found_b = site.total(|counts| counts.b);
    let whole = format!(
        "{} neurons that were tested at {} in {} of {}",
        count(tests),
        site.site,
        match site.layers.as_slice() {
            [one] => format!("layer {}", one.place.layer),
            several => format!("{} layers", several.len()),
        },
        run.extract.model.name
    );
    if found_a + found_b == 0 {
        return format!("None of the {whole} responds significantly more to {a} or to {b} words.");
    }
    let other = match site.total(|counts| counts.other) {
        0 => String::new(),
        other => format!("{} respond most to a further category, ", count(other)),
    };
    format!(
        "Of the {whole}, {} ({}) respond significantly more to {a} words and {} ({}) significantly \
         more to {b} words; {other}{} show no significant difference.",
        count(found_a),
        percent(found_a, tests),
        count(found_b),
        percent(found_b, tests),
        count(site.total(|counts| counts.neither))
    )
}

/// What else the reader should know before looking.
fn notes(run: &Run, site: &SiteTests, shown: Option<&Shown>) -> Vec<String> {
    let symbol = run.measure.symbol;
    let mut notes = Vec::new();
    match site.total(|counts| counts.undefined) {
        0 => {}
        some => notes.push(format!(
            "{} no defined {symbol} (no variance, or fewer than two pairs), and {} counted \
             separately.",
            if some == 1 {
                "One neuron has".to_owned()
            } else {
                format!("{} neurons have", count(some))
            },
            if some == 1 { "is" } else { "are" }
        )),
    }
    for chosen in site.chosen().filter(|chosen| !chosen.significant) {
        notes.push(format!(
            "The neuron shown for {} ({}) is merely the one with the most extreme \
             {symbol}, {}; it is not significant.",
            run.stats.category(chosen.side),
            neuron_name(chosen.id),
            chosen
                .t
                .map_or_else(|| "undefined".to_owned(), |t| fixed(t, 2))
        ));
    }
    if site.chosen().next().is_none() {
        notes.push(format!(
            "No {symbol} is defined, so there is no neuron to show."
        ));
    } else if shown.is_none() {
        notes.push(
            "The pipeline names no text, so the chosen neurons are not shown on one.".to_owned(),
        );
    }
    if let [first, others @ ..] = run.stats.statistics.as_slice()
        && !others.is_empty()
    {
        notes.push(format!(
            "The run has several statistics; this report shows the first, {}. The table \
             tvalues.parquet holds {} as well.",
            wording::statistic(*first),
            others
                .iter()
                .map(|other| wording::statistic(*other))
                .collect::<Vec<_>>()
                .join(", ")
        ));
    }
    notes
}

fn layer_view(layer: &LayerTests) -> LayerView {
    let counts = &layer.counts;
    LayerView {
        layer: layer.place.layer.to_string(),
        tests: count(counts.tests),
        a: count(counts.a),
        b: count(counts.b),
        neither: count(counts.neither),
        other: count(counts.other),
        undefined: count(counts.undefined),
        critical_t: counts
            .critical_t
            .map_or_else(|| NONE.to_owned(), |t| fixed(t, 3)),
    }
}

fn total_view(site: &SiteTests) -> LayerView {
    LayerView {
        layer: "all".to_owned(),
        tests: count(site.total(|counts| counts.tests)),
        a: count(site.total(|counts| counts.a)),
        b: count(site.total(|counts| counts.b)),
        neither: count(site.total(|counts| counts.neither)),
        other: count(site.total(|counts| counts.other)),
        undefined: count(site.total(|counts| counts.undefined)),
        critical_t: String::new(),
    }
}

/// The neurons that prefer each category most.
fn tops(run: &Run, site: &SiteTests) -> Vec<TopView> {
    let mut tested: Vec<_> = site
        .neurons()
        .filter_map(|row| run.measure.preference(row).map(|t| (t, row)))
        .collect();
    // The order of layers and neurons decides between equal t.
    tested.sort_by(|one, two| two.0.total_cmp(&one.0));
    let largest = tested.iter().take_while(|(t, _)| *t > 0.0).take(TOP);
    let smallest = tested.iter().rev().take_while(|(t, _)| *t < 0.0).take(TOP);
    let largest: Vec<_> = largest.map(|(_, row)| neuron_view(row)).collect();
    let smallest: Vec<_> = smallest.map(|(_, row)| neuron_view(row)).collect();
    let view = |(side, rows): (Side, Vec<NeuronView>)| TopView {
        heading: format!("Highest for {}", clean(run.stats.category(side))),
        rows,
    };
    [(Side::A, largest), (Side::B, smallest)]
        .into_iter()
        .filter(|(_, rows)| !rows.is_empty())
        .map(view)
        .collect()
}

fn neuron_view(row: &TValueRow) -> NeuronView {
    let none = || NONE.to_owned();
    // Enough decimals for the smaller end of what the table holds.
    let decimals = if row.mean_diff.abs() < 0.1 { 4 } else { 3 };
    let whole_df = row.df.is_some_and(|df| df.fract() == 0.0);
    NeuronView {
        layer: row.layer,
        neuron: row.neuron,
        t: number(row.t, 2),
        df: number(row.df, if whole_df { 0 } else { 1 }),
        p: row.log10_p.map_or_else(none, probability),
        p_adjusted: row.p_adjusted.map_or_else(none, plain_probability),
        difference: fixed(row.mean_diff, decimals),
        interval: interval(row.ci_low, row.ci_high, decimals),
        d: number(row.cohen_d, 2),
        significant: row.significant,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_named_by_their_level() {
        assert_eq!(confidence(0.05), "95%");
        assert_eq!(confidence(0.001), "99.9%");
        assert_eq!(confidence(1e-9), "99.9999999%");
    }
}
