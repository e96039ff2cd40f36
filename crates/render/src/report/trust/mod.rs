//! How the stats stage tested its own findings: each check with what was done, what came out and
//! what that does not show. Nothing is computed here.

mod balance;
mod chance;
mod check;
mod controls;
mod position;
mod power;
mod reliability;
mod single_words;

pub(super) use check::Check;

use crate::data::Run;
use crate::figures::Figure;

/// The checks of the statistic that is shown; none if the stats stage made none.
pub(super) fn checks(run: &Run, figures: &[Figure]) -> Vec<Check> {
    let figure = figures.iter().find(|figure| figure.site.is_none());
    let checks = [
        balance::check(run),
        chance::check(run, figure),
        single_words::check(run),
        controls::check(run),
        reliability::check(run),
        power::check(run),
        position::check(run),
    ];
    checks.into_iter().flatten().collect()
}
