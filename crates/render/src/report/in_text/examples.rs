//! What drives a shown neuron: tokens of the text in their context.

use super::super::figure_view::FigureView;
use super::super::table::neuron as name;
use super::auc::own_auc;
use crate::data::{Chosen, Run};
use crate::numbers::{fixed, short};
use crate::sanitize::{clean, visible_space};
use crate::scale::Scale;
use selectron_run::pipeline::Scaling;
use selectron_run::vocabulary::ExampleKind;
use selectron_tables::rows::{ExampleRow, OfNeuron};
use serde::Serialize;

/// Characters that the table keeps to each side of a token, at most.
const LONGEST_CONTEXT: usize = 60;

/// The place of a kind of examples in the report, and its heading.
const fn heading(kind: ExampleKind) -> (usize, &'static str) {
    match kind {
        ExampleKind::Most => (0, "The tokens that drive it most"),
        ExampleKind::Between => (1, "In between: one at random from each step down"),
        ExampleKind::Least => (2, "The tokens that drive it least"),
    }
}

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
    pub(super) fn new(run: &Run, neuron: &Chosen, means: Option<FigureView>) -> Option<Self> {
        let examples: Vec<_> = run
            .in_text
            .examples
            .iter()
            .filter(|row| row.id() == neuron.id)
            .collect();
        if examples.is_empty() && means.is_none() {
            return None;
        }
        let place = name(run, neuron.id);
        let category = run.stats.category(neuron.side);
        let title = if neuron.selected {
            format!("The {category} neuron: {place}")
        } else {
            format!("Named in the pipeline: {place} ({category})")
        };
        let values = examples.iter().map(|row| row.activation as f32);
        let scale = Scale::new(values, Scaling::MinMax);
        let letter = neuron.side.letter();
        let group = |kind: &ExampleKind| {
            let mut rows: Vec<_> = examples.iter().filter(|row| row.kind == *kind).collect();
            rows.sort_by_key(|row| row.rank);
            let (_, heading) = heading(*kind);
            Group {
                heading,
                open: *kind == ExampleKind::Most,
                lines: rows
                    .into_iter()
                    .map(|row| line(row, scale.as_ref(), letter))
                    .collect(),
            }
        };
        let mut kinds = ExampleKind::ALL.to_vec();
        kinds.sort_by_key(|kind| heading(*kind));
        let groups = kinds.iter().map(group);
        Some(Self {
            heading: clean(&title),
            text: clean(&text(run, neuron)),
            means,
            groups: groups.filter(|group| !group.lines.is_empty()).collect(),
        })
    }
}

/// How much of what drives the neuron is of one category.
fn text(run: &Run, neuron: &Chosen) -> String {
    let row = run.in_text.score(neuron.id);
    let Some((row, share)) = row.and_then(|row| Some((row, row.top_share?))) else {
        return String::new();
    };
    // The share is of the category that the neuron prefers in the text.
    let holds = row.auc.is_none_or(|auc| own_auc(neuron.side, auc) >= 0.5);
    let side = if holds {
        neuron.side
    } else {
        neuron.side.other()
    };
    let category = run.stats.category(side);
    let percent = fixed(100.0 * share, 1);
    let verdict = match share {
        share if share >= 0.9 => "it responds to little else.",
        share if share >= 0.5 => "the rest shows what else it responds to.",
        _ => "it responds to other things more than to its category.",
    };
    format!(
        "Of the 1% of all scored words that drive it most, {percent}% are {category} words; \
         {verdict}"
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
        (lead, body.to_owned(), &rest[body.len()..])
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
