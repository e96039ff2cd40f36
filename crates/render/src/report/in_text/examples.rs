//! What drives a shown neuron: tokens of the text in their context.

use super::super::site_view::FigureView;
use super::super::table::neuron as name;
use super::own_auc;
use crate::data::{Chosen, Run, SiteTests};
use crate::numbers::{fixed, short};
use crate::scale::Scale;
use crate::text::{clean, visible_space};
use selectron_run::pipeline::Scaling;
use selectron_tables::rows::ExampleRow;
use serde::Serialize;

/// Characters that the table keeps to each side of a token, at most.
const LONGEST_CONTEXT: usize = 60;

/// The kinds of examples, in order, with their headings.
const KINDS: [(&str, &str); 3] = [
    ("most", "The tokens that drive it most"),
    ("between", "In between: one at random from each step down"),
    ("least", "The tokens that drive it least"),
];

/// A shown neuron in the text.
#[derive(Serialize)]
pub(super) struct NeuronText {
    heading: String,
    text: String,
    means: Option<FigureView>,
    groups: Vec<Group>,
}

/// Examples of one kind.
#[derive(Serialize)]
struct Group {
    heading: &'static str,
    open: bool,
    lines: Vec<Line>,
}

/// A line of text with its token marked.
#[derive(Serialize)]
struct Line {
    activation: String,
    before: String,
    token: String,
    after: String,
    /// The shade of the token's ground.
    class: String,
    /// The part of speech and the category of its word.
    tag: String,
}

impl NeuronText {
    /// What is known of the neuron; none if nothing is.
    pub(super) fn new(
        run: &Run,
        site: &SiteTests,
        neuron: &Chosen,
        means: Option<FigureView>,
    ) -> Option<Self> {
        let own: Vec<_> = run
            .in_text
            .examples
            .iter()
            .filter(|row| {
                (row.site.as_str(), row.layer, row.neuron)
                    == (site.site.name(), neuron.layer, neuron.neuron)
            })
            .collect();
        if own.is_empty() && means.is_none() {
            return None;
        }
        let place = name(run, site.site.name(), neuron.layer, neuron.neuron);
        let heading = if neuron.selected {
            format!("The {} neuron: {place}", neuron.category)
        } else {
            format!("Named in the pipeline: {place} ({})", neuron.category)
        };
        let values = own.iter().map(|row| row.activation as f32);
        let scale = Scale::new(values, Scaling::MinMax);
        let letter = if super::is_of_b(run, neuron) {
            'b'
        } else {
            'a'
        };
        let group = |(kind, heading): (&str, &'static str)| {
            let mut rows: Vec<_> = own.iter().filter(|row| row.kind == kind).collect();
            rows.sort_by_key(|row| row.rank);
            Group {
                heading,
                open: kind == "most",
                lines: rows
                    .into_iter()
                    .map(|row| line(row, scale.as_ref(), letter))
                    .collect(),
            }
        };
        let groups = KINDS.into_iter().map(group);
        Some(Self {
            heading: clean(&heading),
            text: clean(&text(run, site, neuron)),
            means,
            groups: groups.filter(|group| !group.lines.is_empty()).collect(),
        })
    }
}

/// How much of what drives the neuron is of one category.
fn text(run: &Run, site: &SiteTests, neuron: &Chosen) -> String {
    let row = run.in_text.score(site.site, neuron);
    let Some((row, share)) = row.and_then(|row| Some((row, row.top_share?))) else {
        return String::new();
    };
    // The share is of the category that the neuron prefers in the text.
    let (a, b) = (&run.stats.category_a, &run.stats.category_b);
    let holds = row.auc.is_none_or(|auc| own_auc(run, neuron, auc) >= 0.5);
    let other = if &neuron.category == a { b } else { a };
    let category = if holds { &neuron.category } else { other };
    let percent = fixed(100.0 * share, 1);
    let verdict = match share {
        share if share >= 0.9 => "it answers to little else.",
        share if share >= 0.5 => "the rest shows what else it answers to.",
        _ => "it answers to other things more than to its category.",
    };
    format!(
        "Of the 1% of all scored words that drive it most, {percent}% are {category} words; {verdict}"
    )
}

fn line(row: &ExampleRow, scale: Option<&Scale>, letter: char) -> Line {
    let shade = scale.and_then(|scale| scale.shade(row.activation as f32));
    let token = clean(&row.token);
    let body = token.trim();
    let (lead, body, trail) = if body.is_empty() {
        ("", visible_space(&token), "")
    } else {
        let start = token.len() - token.trim_start().len();
        let (lead, rest) = token.split_at(start);
        (lead, body.to_owned(), rest.get(body.len()..).unwrap_or(""))
    };
    let tags: Vec<_> = [&row.upos, &row.category]
        .into_iter()
        .flatten()
        .map(|tag| clean(tag))
        .collect();
    Line {
        activation: short(row.activation),
        before: format!("{}{}{lead}", cut(&row.before), clean(&row.before)),
        token: body,
        after: format!("{trail}{}{}", clean(&row.after), cut(&row.after)),
        class: shade.map_or_else(String::new, |step| format!("{letter}{step}")),
        tag: tags.join(" · "),
    }
}

/// A sign that a context goes on, where it is as long as one gets.
fn cut(context: &str) -> &'static str {
    if context.chars().count() < LONGEST_CONTEXT {
        ""
    } else {
        "…"
    }
}
