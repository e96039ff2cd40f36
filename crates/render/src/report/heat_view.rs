//! The text heatmaps of the report: real text, which wraps, can be searched and copied.

use crate::data::{Chosen, Piece, Run, Shown, SiteTests};
use crate::heat::{Heat, tooltip};
use crate::theme::SHADES;
use serde::Serialize;

/// A heatmap.
#[derive(Serialize)]
pub(super) struct HeatView {
    /// `one` or `both`.
    kind: &'static str,
    heading: String,
    keys: Vec<KeyView>,
    documents: Vec<DocumentView>,
    /// What the reader should know of the picture.
    notes: Vec<String>,
}

/// A colour key.
#[derive(Serialize)]
struct KeyView {
    label: String,
    low: String,
    high: String,
    steps: Vec<StepView>,
}

#[derive(Serialize)]
struct StepView {
    class: String,
    style: String,
}

#[derive(Serialize)]
struct DocumentView {
    number: Option<usize>,
    pieces: Vec<PieceView>,
}

#[derive(Serialize)]
struct PieceView {
    before: String,
    body: String,
    after: String,
    class: String,
    style: String,
    title: String,
}

impl HeatView {
    /// The text on the colours of one neuron.
    pub(super) fn one(run: &Run, chosen: &Chosen, shown: &Shown) -> Option<Self> {
        let heat = Heat::new(run, chosen)?;
        let letter = heat.side.letter();
        let (low, high) = heat.ends();
        let steps = (0..SHADES)
            .map(|step| StepView {
                class: format!("{letter}{step}"),
                style: String::new(),
            })
            .collect();
        let documents = documents(shown, |piece| {
            let class = heat
                .shade(piece)
                .map_or("bos".to_owned(), |step| format!("{letter}{step}"));
            (class, String::new(), tooltip(piece, &[&heat]))
        });
        let mut notes = Vec::new();
        if heat.scale.clips() {
            notes.push("Values beyond the ends of the key take its end colours.".to_owned());
        }
        notes.extend(shown.note());
        Some(Self {
            kind: "one",
            heading: heat.title(),
            keys: vec![KeyView {
                label: "activation".to_owned(),
                low,
                high,
                steps,
            }],
            documents,
            notes,
        })
    }

    /// The text with a bar of each neuron's colour at every token.
    pub(super) fn both(run: &Run, site: &SiteTests, shown: &Shown) -> Option<Self> {
        let a = Heat::new(run, site.by_side.a.as_ref()?)?;
        let b = Heat::new(run, site.by_side.b.as_ref()?)?;
        let key = |heat: &Heat<'_>, class: &str, label: String| {
            let (low, high) = heat.ends();
            let height = |step: usize| 100.0 * step as f64 / (SHADES - 1) as f64;
            let steps = (0..SHADES)
                .map(|step| StepView {
                    class: class.to_owned(),
                    style: format!("height:{:.0}%", height(step)),
                })
                .collect();
            KeyView {
                label,
                low,
                high,
                steps,
            }
        };
        let keys = vec![
            key(&a, "up", format!("{} neuron, bar above", a.category)),
            key(&b, "down", format!("{} neuron, bar below", b.category)),
        ];
        let documents = documents(shown, |piece| {
            let share = |heat: &Heat<'_>| heat.share(piece).unwrap_or(0.0);
            let style = format!("--u:{:.2};--d:{:.2}", share(&a), share(&b));
            let class = if piece.is_bos { "bos" } else { "" };
            (class.to_owned(), style, tooltip(piece, &[&a, &b]))
        });
        Some(Self {
            kind: "both",
            heading: format!("Both neurons: {} above, {} below", a.category, b.category),
            keys,
            documents,
            notes: shown.note().into_iter().collect(),
        })
    }
}

fn documents(
    shown: &Shown,
    paint: impl Fn(&Piece) -> (String, String, String),
) -> Vec<DocumentView> {
    let several = shown.documents.len() > 1;
    let piece = |piece: &Piece| {
        let (class, style, title) = paint(piece);
        PieceView {
            before: piece.before.clone(),
            body: piece.body.clone(),
            after: piece.after.clone(),
            class,
            style,
            title,
        }
    };
    shown
        .documents
        .iter()
        .map(|document| DocumentView {
            number: several.then_some(document.number + 1),
            pieces: document.pieces.iter().map(piece).collect(),
        })
        .collect()
}
