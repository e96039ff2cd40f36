//! The rows of `tvalues.parquet`, and their counts.

use crate::distributions::LN_10;
use crate::effect::eta_squared;
use crate::results::{Corrected, Study};
use selectron_run::manifest::LayerCounts;
use selectron_run::{Pipeline, Side};
use selectron_tables::rows::TValueRow;

/// The rows of one statistic at one site and layer.
pub fn tvalue_rows(tests: &Corrected, study: &Study, pipeline: &Pipeline) -> Vec<TValueRow> {
    let test = &pipeline.test;
    let words = study.tester.arrangement();
    let (statistic, place) = (tests.raw.statistic, tests.raw.place);
    tests
        .neurons()
        .map(|(neuron, outcome, contrast, adjusted)| {
            let (defined, fit) = (outcome.test, outcome.fit);
            let eta = defined
                .and_then(|test| eta_squared(statistic, &test, words.units(), pipeline.test.alpha));
            let eta_ends = eta.and_then(|(_, ends)| ends);
            let prefers = tests.prefers(neuron, test);
            TValueRow {
                site: place.site,
                layer: place.layer,
                neuron,
                statistic,
                n: words.units(),
                n_a: words.a().len(),
                n_b: words.b().len(),
                mean_a: contrast.mean_a,
                mean_b: contrast.mean_b,
                mean_diff: contrast.mean_diff,
                sd_diff: contrast.sd_diff,
                t: defined.map(|test| test.t),
                df: defined.and_then(|test| test.df),
                df_within: defined.and_then(|test| test.df_within),
                p: adjusted.none,
                log10_p: defined.map(|test| test.ln_p / LN_10),
                p_adjusted: adjusted.after(test.correction),
                p_bonferroni: adjusted.bonferroni,
                p_holm: adjusted.holm,
                p_hochberg: adjusted.hochberg,
                p_bh: adjusted.benjamini_hochberg,
                p_by: adjusted.benjamini_yekutieli,
                p_max_t: adjusted.max_t,
                significant: tests.significant(neuron, test),
                prefers: prefers.map(|category| pipeline.category[category].name.clone()),
                cohen_d: contrast.d,
                d_low: contrast.d_interval.map(|(low, _)| low),
                d_high: contrast.d_interval.map(|(_, high)| high),
                hedges_g: contrast.g,
                g_low: contrast.g_interval.map(|(low, _)| low),
                g_high: contrast.g_interval.map(|(_, high)| high),
                ci_low: contrast.mean_interval.map(|(low, _)| low),
                ci_high: contrast.mean_interval.map(|(_, high)| high),
                auc: contrast.auc,
                auc_low: contrast.auc_interval.map(|(low, _)| low),
                auc_high: contrast.auc_interval.map(|(_, high)| high),
                eta_squared: eta.map(|(eta, _)| eta),
                eta_low: eta_ends.map(|(low, _)| low),
                eta_high: eta_ends.map(|(_, high)| high),
                slope: fit.map(|fit| fit.slope),
                penalised: fit.map(|fit| fit.penalised),
                converged: fit.map(|fit| fit.converged),
                accuracy: fit.map(|fit| fit.accuracy),
                accuracy_majority: fit.map(|fit| fit.majority),
            }
        })
        .collect()
}

/// How many of a layer's neurons prefer what.
pub fn counts(tests: &Corrected, pipeline: &Pipeline) -> LayerCounts {
    let mut counts = LayerCounts {
        statistic: tests.raw.statistic,
        place: tests.raw.place,
        tests: tests.raw.outcomes.len(),
        a: 0,
        b: 0,
        neither: 0,
        other: 0,
        undefined: 0,
        critical_t: tests.critical_t,
    };
    for (neuron, outcome, _, _) in tests.neurons() {
        let prefers = tests.prefers(neuron, &pipeline.test);
        let count = match (outcome.test, prefers.map(Side::of_category)) {
            (None, _) => &mut counts.undefined,
            (Some(_), None) => &mut counts.neither,
            (Some(_), Some(Some(Side::A))) => &mut counts.a,
            (Some(_), Some(Some(Side::B))) => &mut counts.b,
            (Some(_), Some(None)) => &mut counts.other,
        };
        *count += 1;
    }
    counts
}
