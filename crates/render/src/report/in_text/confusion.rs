//! Which category the neurons prefer among isolated words, and which in the text.

use crate::data::{Run, SiteTests};
use crate::numbers::{count, percent};
use crate::sanitize::clean;
use selectron_run::manifest::ConfusionFacts;
use serde::Serialize;

/// A table of counts, shaded by their share of the row.
#[derive(Serialize)]
pub(super) struct Confusion {
    text: String,
    head: Vec<String>,
    rows: Vec<RowView>,
}

#[derive(Serialize)]
struct RowView {
    name: String,
    cells: Vec<CellView>,
    total: String,
}

#[derive(Serialize)]
struct CellView {
    count: String,
    share: String,
    /// Depth of the shading, 0 to 1.
    depth: String,
    /// Whether both say the same.
    same: bool,
}

impl Confusion {
    /// The table of a site; none where preferences have not been compared.
    pub(super) fn new(run: &Run, site: &SiteTests) -> Option<Self> {
        let facts = run.stats.generalization.as_ref()?;
        let of_site: Vec<_> = facts
            .confusion
            .iter()
            .filter(|facts| facts.site == site.site)
            .collect();
        if of_site.is_empty() {
            return None;
        }
        let classes = classes(run, &of_site);
        let name = |class: &Option<&str>| class.map_or_else(|| "none".to_owned(), clean);
        Some(Self {
            text: text(&of_site),
            head: classes.iter().map(name).collect(),
            rows: classes
                .iter()
                .map(|class| row(*class, name(class), &classes, &of_site))
                .collect(),
        })
    }
}

/// The categories in the pipeline's order, then none.
fn classes<'a>(run: &'a Run, of_site: &[&'a ConfusionFacts]) -> Vec<Option<&'a str>> {
    let listed = run
        .extract
        .categories
        .iter()
        .map(|category| category.name.as_str());
    let found = of_site
        .iter()
        .flat_map(|facts| [&facts.in_words, &facts.in_text]);
    let mut classes: Vec<&str> = Vec::new();
    for class in listed.chain(found.filter_map(Option::as_deref)) {
        if !classes.contains(&class) {
            classes.push(class);
        }
    }
    classes.into_iter().map(Some).chain([None]).collect()
}

fn row(
    class: Option<&str>,
    name: String,
    classes: &[Option<&str>],
    of_site: &[&ConfusionFacts],
) -> RowView {
    let neurons = |in_text: Option<&str>| {
        let cells = of_site.iter().filter(|facts| {
            (facts.in_words.as_deref(), facts.in_text.as_deref()) == (class, in_text)
        });
        cells.map(|facts| facts.neurons).sum::<usize>()
    };
    let total: usize = classes.iter().map(|in_text| neurons(*in_text)).sum();
    let cell = |in_text: &Option<&str>| {
        let some = neurons(*in_text);
        CellView {
            count: count(some),
            share: percent(some, total),
            depth: format!("{:.3}", some as f64 / total.max(1) as f64),
            same: *in_text == class,
        }
    };
    RowView {
        name,
        cells: classes.iter().map(cell).collect(),
        total: count(total),
    }
}

/// How many neurons keep their preference, and how the table is to be read.
fn text(of_site: &[&ConfusionFacts]) -> String {
    let sum = |keep: &dyn Fn(&ConfusionFacts) -> bool| {
        let kept = of_site.iter().filter(|facts| keep(facts));
        kept.map(|facts| facts.neurons).sum::<usize>()
    };
    let with = sum(&|facts| facts.in_words.is_some());
    let kept = sum(&|facts| facts.in_words.is_some() && facts.in_words == facts.in_text);
    let other = sum(&|facts| {
        facts.in_words.is_some() && facts.in_text.is_some() && facts.in_words != facts.in_text
    });
    format!(
        "A neuron prefers a category here if it is higher for its words than for those of every \
         other category, each by a rank test. Rows: what it prefers among the isolated words; \
         columns: in the text, over words that were not stimuli. Of the {} neurons that prefer a \
         category among the isolated words, {} ({}) prefer the same in the text, {} another one, \
         and {} none.",
        count(with),
        count(kept),
        percent(kept, with),
        count(other),
        count(with.saturating_sub(kept + other)),
    )
}
