//! What the stats stage would say of the neurons.

use selectron_run::manifest::{Artifacts, LayerCounts, SelectedNeuron, StatsFacts};
use selectron_run::pipeline::Statistic;
use selectron_run::{NeuronId, Pipeline, Place, Side, Site};
use selectron_tables::rows::{OfNeuron, OfPlace, TValueRow};

/// abs(t) from which a neuron is significant unless a test says otherwise.
const CRITICAL: f64 = 8.0;

/// A test for each neuron, as many as there are statistics, sites and layers.
pub(crate) fn tests(
    pipeline: &Pipeline,
    places: &[Place],
    neurons: usize,
    change: &dyn Fn(&mut TValueRow),
) -> Vec<TValueRow> {
    let mut rows = Vec::new();
    for statistic in &pipeline.test.statistic {
        for place in places {
            for neuron in 0..neurons {
                let mut row = test(pipeline, *statistic, place.neuron(neuron), neurons);
                change(&mut row);
                rows.push(row);
            }
        }
    }
    rows
}

/// A neuron's test, with t from high to low over the neurons of a layer: of twelve neurons the first
/// two are significant for A, the last two for B.
fn test(pipeline: &Pipeline, statistic: Statistic, id: NeuronId, neurons: usize) -> TValueRow {
    let NeuronId { place, neuron } = id;
    let t = neurons as f64 - 1.0 - 2.0 * neuron as f64 + 0.25 * place.layer as f64;
    let significant = t.abs() > CRITICAL;
    let p = 10_f64.powf(-t.abs());
    let prefers = pipeline.category(Side::of_effect(t)).to_owned();
    TValueRow {
        site: place.site,
        layer: place.layer,
        neuron,
        statistic,
        n: 2,
        n_a: 2,
        n_b: 2,
        mean_diff: 0.1 * t,
        t: Some(t),
        df: Some(1.0),
        p: Some(p),
        log10_p: Some(-t.abs()),
        p_adjusted: Some((12.0 * p).min(1.0)),
        significant,
        prefers: significant.then_some(prefers),
        cohen_d: Some(t / 2.0),
        ci_low: Some(0.1 * t - 0.2),
        ci_high: Some(0.1 * t + 0.2),
        ..TValueRow::default()
    }
}

/// What the stats stage would say of these tests, without its files: counts, and in each site the
/// neurons with the largest and the smallest t of the first statistic.
pub(crate) fn stats_facts(pipeline: &Pipeline, tests: &[TValueRow]) -> StatsFacts {
    let mut layers = Vec::new();
    for group in tests.chunk_by(|a, b| (a.statistic, a.place()) == (b.statistic, b.place())) {
        layers.push(counts(pipeline, group));
    }
    let mut sites: Vec<Site> = tests.iter().map(|row| row.site).collect();
    sites.sort_unstable();
    sites.dedup();
    StatsFacts {
        category_a: pipeline.category(Side::A).to_owned(),
        category_b: pipeline.category(Side::B).to_owned(),
        statistics: pipeline.test.statistic.clone(),
        alpha: pipeline.test.alpha,
        correction: pipeline.test.correction,
        family: pipeline.test.family,
        layers,
        selected: sites
            .into_iter()
            .flat_map(|site| selected(pipeline, tests, site))
            .collect(),
        permutations: Vec::new(),
        power: Vec::new(),
        nulls: None,
        leave_one_out: Vec::new(),
        controls: Vec::new(),
        unbalanced: Vec::new(),
        generalization: None,
        artifacts: Artifacts::new(),
    }
}

fn counts(pipeline: &Pipeline, rows: &[TValueRow]) -> LayerCounts {
    let count = |keep: &dyn Fn(&TValueRow) -> bool| rows.iter().filter(|row| keep(row)).count();
    let preferring = |side: Side| {
        let name = Some(pipeline.category(side));
        count(&|row| row.significant && row.prefers.as_deref() == name)
    };
    let (a, b) = (preferring(Side::A), preferring(Side::B));
    let significant = count(&|row| row.significant);
    let undefined = count(&|row| row.t.is_none());
    LayerCounts {
        statistic: rows[0].statistic,
        place: rows[0].place(),
        tests: rows.len(),
        a,
        b,
        neither: rows.len() - significant - undefined,
        other: significant - a - b,
        undefined,
        critical_t: (significant > 0).then_some(CRITICAL),
    }
}

fn selected(pipeline: &Pipeline, tests: &[TValueRow], site: Site) -> Vec<SelectedNeuron> {
    let first = pipeline.test.statistic.first();
    let defined = tests
        .iter()
        .filter(|row| row.site == site && Some(&row.statistic) == first && row.t.is_some());
    let by_t = |one: &&TValueRow, two: &&TValueRow| {
        let [one, two] = [one, two].map(|row| row.t.unwrap_or(f64::NAN));
        one.total_cmp(&two)
    };
    let neuron = |row: &TValueRow, side: Side| SelectedNeuron {
        category: pipeline.category(side).to_owned(),
        id: row.id(),
        t: row.t.unwrap_or(f64::NAN),
        significant: row.significant,
    };
    let (largest, smallest) = (defined.clone().max_by(by_t), defined.min_by(by_t));
    let [largest, smallest] = [(largest, Side::A), (smallest, Side::B)]
        .map(|(row, side)| row.map(|row| neuron(row, side)));
    largest.into_iter().chain(smallest).collect()
}
