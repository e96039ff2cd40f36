//! What the text says of the neurons: whether their preference carries over, what drives them, and
//! how much context changes. Nothing is computed here.

mod auc;
mod confusion;
mod context_gap;
mod examples;
mod layers;
mod shown;
mod site_text;
mod verdict;

pub(super) use site_text::SiteText;

use crate::data::{Run, SiteTests};
use crate::figures::Figure;

/// The sites of which the text says something.
pub(super) fn sites(run: &Run, figures: &[Figure]) -> Vec<SiteText> {
    let view = |(index, site): (usize, &SiteTests)| {
        let of_site = figures.iter().filter(|figure| figure.site == Some(index));
        SiteText::new(run, site, &of_site.collect::<Vec<_>>(), index == 0)
    };
    let sites = run.sites.iter().enumerate().map(view);
    sites.filter(|site| !site.is_empty()).collect()
}
