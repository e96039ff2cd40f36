//! The smallest effect that the test could have found.

use super::check::Check;
use crate::data::Run;
use crate::numbers::{count, fixed, plain_probability};
use selectron_run::pipeline::{Correction, Statistic};

/// The smallest detectable effect of the statistic that is shown.
pub(super) fn check(run: &Run) -> Option<Check> {
    let statistic = run.measure.statistic;
    let mut powers = run.stats.power.iter();
    let power = powers.find(|power| power.statistic == statistic)?;
    let unit = match statistic {
        Statistic::PairedT => "standard deviations of the pairs’ differences (d_z)",
        Statistic::WelchT
        | Statistic::StudentT
        | Statistic::RankSum
        | Statistic::SignedRank
        | Statistic::Logit
        | Statistic::Anova
        | Statistic::Kruskal => "standard deviations (Cohen’s d)",
    };
    let text = format!(
        "With this many words, and up to {} tests together (level {} for a single one), a neuron \
         whose categories truly differ by {} {unit} is found with a chance of {}%. Compare it \
         with the column d of the strongest neurons.",
        count(power.tests),
        plain_probability(power.level),
        fixed(power.effect, 2),
        fixed(100.0 * power.power, 0)
    );
    // The level is Bonferroni's whatever the correction, unless there is none.
    let correction = match run.stats.correction {
        Correction::None => "",
        Correction::Bonferroni => " and Bonferroni’s correction",
        Correction::Holm
        | Correction::Hochberg
        | Correction::BenjaminiHochberg
        | Correction::BenjaminiYekutieli
        | Correction::MaxT => {
            " and Bonferroni’s correction; the correction that was used finds about as much or more"
        }
    };
    let limit = format!(
        "That a neuron is not significant does not show that it makes no difference: the smaller \
         an effect, the more often it is missed. The number assumes normally distributed \
         activations{correction}.",
    );
    Some(Check::new("What would have been missed?", &text, &limit))
}
