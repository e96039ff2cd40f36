//! The smallest effect that the test could have found.

use super::Check;
use crate::data::Run;
use crate::numbers::{count, fixed, plain_probability};

/// The smallest detectable effect of the statistic that is shown.
pub(super) fn check(run: &Run) -> Option<Check> {
    let first = run.stats.statistics.first()?;
    let power = run.stats.power.iter().find(|p| p.statistic == *first)?;
    let unit = match first.as_str() {
        "paired-t" => "standard deviations of the pairs’ differences (d_z)",
        _ => "standard deviations (Cohen’s d)",
    };
    let text = format!(
        "With this many words, and up to {} tests together (level {} for a single one), a \
         neuron whose categories truly differ by {} {unit} is found with a chance of {}%. Compare it \
         with the column d of the strongest neurons.",
        count(power.tests),
        plain_probability(power.level),
        fixed(power.effect, 2),
        fixed(100.0 * power.power, 0)
    );
    // The level is Bonferroni's whatever the correction, unless there is none.
    let correction = match run.stats.correction.as_str() {
        "none" => "",
        "bonferroni" => " and Bonferroni’s correction",
        _ => {
            " and Bonferroni’s correction; the correction that was used finds about as much or more"
        }
    };
    let limit = format!(
        "That a neuron is not significant does not show that it makes no difference: the smaller an \
         effect, the more often it is missed. The number supposes normally distributed \
         activations{correction}.",
    );
    Some(Check::new("What would have been missed?", &text, &limit))
}
