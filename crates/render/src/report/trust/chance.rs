//! What the same test finds when the words are assigned to the categories at random.

use super::super::figure_view::FigureView;
use super::check::Check;
use crate::data::Run;
use crate::figures::Figure;
use crate::numbers::{count, fixed, plain_probability, tick};
use selectron_run::vocabulary::Rearrangement;

/// The observed count within the distribution of random counts, with its figure if there is one.
pub(super) fn check(run: &Run, figure: Option<&Figure>) -> Option<Check> {
    let nulls = run.stats.nulls.as_ref()?;
    if nulls.statistic != run.measure.statistic {
        return None;
    }
    let text = format!(
        "The same words were assigned to the categories at random {} times ({}), and tested and \
         corrected in the same way. Whatever is found then is chance. On average {} neurons were \
         significant, at most {}, and any at all in {} of the assignments; with the words in \
         their own categories it is {}.",
        count(nulls.draws),
        assigned(nulls.kind),
        fixed(nulls.mean, decimals(nulls.mean)),
        count(nulls.largest),
        count(nulls.with_any),
        count(nulls.observed)
    );
    let place = format!(
        "p\u{a0}=\u{a0}{}: that is the share of assignments, the observed one included, in which \
         as many neurons or more are significant. Without a correction, {}% of the neurons pass \
         by chance, where a sound test lets about {}% pass.",
        plain_probability(nulls.p),
        fixed(100.0 * nulls.uncorrected, 1),
        tick(100.0 * run.stats.alpha)
    );
    let mut check = Check::new(
        "How many neurons would chance find?",
        &text,
        "A small p says that the two lists leave a trace in the model that chance does not. It \
         does not say which of the neurons are the true ones, nor that the trace is the category \
         rather than something else in which the lists differ.",
    )
    .note(Some(place));
    check.figure = figure.map(FigureView::new);
    Some(check)
}

/// How the words were assigned at random, for a reader who does not know the term.
fn assigned(kind: Rearrangement) -> &'static str {
    match kind {
        Rearrangement::SignFlips => {
            "sign flips: in each pair a coin decides which word counts for which category"
        }
        Rearrangement::LabelShuffles => {
            "label shuffles: the names of the categories are shuffled over all words"
        }
    }
}

/// Decimals of a mean count: enough to tell a small one from zero.
fn decimals(mean: f64) -> usize {
    if mean < 10.0 { 2 } else { 0 }
}
