//! The figures of the neurons in the text.

mod against_chance;
mod context_gap;
mod legend;
mod panels;
mod transfer;
mod upos_means;

use super::figure::{Kind, Named};
use super::names::neuron_name;
use crate::data::{Run, SiteTests};
use crate::font::Metrics;
use crate::theme::Theme;
use selectron_run::error::Result;

/// Draws those figures of a site that its tables allow.
pub(super) fn draw(
    run: &Run,
    site: &SiteTests,
    theme: &Theme,
    metrics: &Metrics,
) -> Result<Vec<Named>> {
    let mut drawn = Vec::new();
    let transfer = transfer::draw(run, site, theme, metrics);
    drawn.extend(transfer.map(|drawing| ("transfer".to_owned(), Kind::Transfer, drawing)));
    let chance = against_chance::draw(run, site, theme, metrics)?;
    let name = "auc-against-chance".to_owned();
    drawn.extend(chance.map(|drawing| (name, Kind::AgainstChance, drawing)));
    for chosen in site.shown() {
        let name = format!("upos-means-{}", neuron_name(chosen));
        let means = upos_means::draw(run, site, chosen, theme, metrics)?;
        drawn.extend(means.map(|drawing| (name, Kind::UposMeans(chosen.id), drawing)));
    }
    let gap = context_gap::draw(run, site, theme, metrics);
    drawn.extend(gap.map(|drawing| ("context-gap".to_owned(), Kind::ContextGap, drawing)));
    Ok(drawn)
}
