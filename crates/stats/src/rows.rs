//! The rows of `tvalues.parquet`, and their counts.

use crate::distributions::LN_10;
use crate::effect::eta_squared;
use crate::error::{Error, Result};
use crate::results::{Part, Study};
use selectron_run::Pipeline;
use selectron_run::manifest::LayerCounts;
use selectron_tables::rows::TValueRow;

/// The rows of one statistic at one site and layer.
///
/// # Errors
/// When a number is too large for its column, which cannot happen.
pub fn tvalue_rows(part: &Part, study: &Study, pipeline: &Pipeline) -> Result<Vec<TValueRow>> {
    let test = &pipeline.test;
    let words = study.tester.arrangement();
    part.neurons()
        .map(|(neuron, outcome, contrast, adjusted)| {
            let (defined, fit) = (outcome.test, outcome.fit);
            let eta = defined.and_then(|test| {
                eta_squared(part.statistic, &test, words.units(), pipeline.test.alpha)
            });
            let eta_ends = eta.and_then(|(_, ends)| ends);
            let prefers = part
                .prefers(neuron, test)
                .and_then(|index| pipeline.category.get(index));
            Ok(TValueRow {
                site: part.site.to_string(),
                layer: part.layer,
                neuron: to_i32(neuron)?,
                statistic: part.statistic.to_string(),
                n: to_i32(words.units())?,
                n_a: to_i32(words.a().len())?,
                n_b: to_i32(words.b().len())?,
                mean_a: contrast.mean_a,
                mean_b: contrast.mean_b,
                mean_diff: contrast.mean_diff,
                sd_diff: contrast.sd_diff,
                t: defined.map(|test| test.t),
                df: defined.and_then(|test| test.df),
                df_within: defined.and_then(|test| test.df_within),
                p: adjusted.none,
                log10_p: defined.map(|test| test.ln_p / LN_10),
                p_adjusted: adjusted.by(test.correction),
                p_bonferroni: adjusted.bonferroni,
                p_holm: adjusted.holm,
                p_hochberg: adjusted.hochberg,
                p_bh: adjusted.bh,
                p_by: adjusted.by,
                p_max_t: adjusted.max_t,
                significant: part.significant(neuron, test),
                prefers: prefers.map(|category| category.name.clone()),
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
            })
        })
        .collect()
}

/// How many of a part's neurons prefer what.
pub fn counts(part: &Part, pipeline: &Pipeline) -> LayerCounts {
    let mut counts = LayerCounts {
        statistic: part.statistic.to_string(),
        site: part.site.to_string(),
        layer: part.layer,
        tests: part.outcomes.len(),
        a: 0,
        b: 0,
        neither: 0,
        other: 0,
        undefined: 0,
        critical_t: part.critical_t,
    };
    for (neuron, outcome, _, _) in part.neurons() {
        let place = match (outcome.test, part.prefers(neuron, &pipeline.test)) {
            (None, _) => &mut counts.undefined,
            (Some(_), None) => &mut counts.neither,
            (Some(_), Some(0)) => &mut counts.a,
            (Some(_), Some(1)) => &mut counts.b,
            (Some(_), Some(_)) => &mut counts.other,
        };
        *place += 1;
    }
    counts
}

/// A count as a column has it.
///
/// # Errors
/// When it is too large, which cannot happen.
pub fn to_i32(number: usize) -> Result<i32> {
    i32::try_from(number).map_err(|_| Error::Bug(format!("{number} does not fit a column")))
}
