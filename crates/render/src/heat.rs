//! A shown neuron over the text: which token gets how much of its colour.

use crate::color::Rgb;
use crate::data::{Chosen, Measure, Piece, Run};
use crate::numbers::{fixed, short};
use crate::sanitize::visible_space;
use crate::scale::Scale;
use selectron_run::{NeuronId, Side};

/// A shown neuron over the text.
#[derive(Debug)]
pub struct Heat<'a> {
    /// The side that it stands for, and so which colour it has.
    pub side: Side,
    /// That side's category.
    pub category: &'a str,
    /// The neuron and its activations.
    pub chosen: &'a Chosen,
    measure: Measure,
    /// How activations become colours: from all tokens of the text, beginning-of-sequence tokens
    /// left out, for their activations are unlike any other's.
    pub scale: Scale,
}

impl<'a> Heat<'a> {
    /// A shown neuron over the text; `None` if it has no finite activation.
    pub fn new(run: &'a Run, chosen: &'a Chosen) -> Option<Self> {
        let tokens = run.tokens.as_ref()?;
        assert_eq!(
            tokens.len(),
            chosen.over_text.len(),
            "activations and tokens"
        );
        let painted = tokens.iter().zip(&chosen.over_text);
        let values = painted
            .filter(|(token, _)| !run.is_bos(token))
            .map(|(_, value)| *value);
        let scale = Scale::new(values, run.scaling)?;
        Some(Self {
            side: chosen.side,
            category: run.stats.category(chosen.side),
            chosen,
            measure: run.measure,
            scale,
        })
    }

    /// The neuron's activation at a piece of the text; `None` where it is not painted.
    pub fn value(&self, piece: &Piece) -> Option<f32> {
        let value = self.chosen.over_text[piece.token];
        (value.is_finite() && !piece.is_bos).then_some(value)
    }

    /// The step of the ramp for a piece.
    pub fn shade(&self, piece: &Piece) -> Option<usize> {
        self.scale.shade(self.value(piece)?)
    }

    /// The length of a bar for a piece, 0 to 1.
    pub fn share(&self, piece: &Piece) -> Option<f64> {
        self.scale.share(self.value(piece)?)
    }

    /// What the neuron is and what speaks for it.
    pub fn title(&self) -> String {
        let (neuron, evidence) = (self.neuron(), self.evidence());
        if self.chosen.selected {
            format!("The {} neuron: {neuron} ({evidence})", self.category)
        } else {
            format!(
                "Named in the pipeline: {neuron} ({}, {evidence})",
                self.category
            )
        }
    }

    /// The neuron's name.
    pub fn neuron(&self) -> String {
        neuron_name(self.chosen.id)
    }

    /// What speaks for the neuron.
    pub fn evidence(&self) -> String {
        let Some(t) = self.chosen.t else {
            return format!("{} undefined", self.measure.symbol);
        };
        let t = self.measure.equals(&fixed(t, 2));
        if self.chosen.significant {
            t
        } else {
            format!("{t}, not significant")
        }
    }

    /// The activations at the two ends of the colours, with a sign where values lie beyond.
    pub fn ends(&self) -> (String, String) {
        let Scale {
            low,
            high,
            minimum,
            maximum,
        } = self.scale;
        let low_sign = if minimum < low { "≤ " } else { "" };
        let high_sign = if maximum > high { "≥ " } else { "" };
        (
            format!("{low_sign}{}", short(low)),
            format!("{high_sign}{}", short(high)),
        )
    }
}

/// `layer 1, neuron 905`
pub fn neuron_name(id: NeuronId) -> String {
    format!("layer {}, neuron {}", id.place.layer, id.neuron)
}

/// How much of its colour the shortest bar has; the longest has all of it.
pub const PALEST_BAR: f64 = 0.25;

/// The colour of a bar: paler where it is shorter, so that the eye finds the long ones.
pub fn bar_color(surface: Rgb, color: Rgb, share: f64) -> Rgb {
    surface.mix(color, PALEST_BAR + (1.0 - PALEST_BAR) * share)
}

/// What a piece shows when pointed at: the token, the activations, the part of speech.
pub fn tooltip(piece: &Piece, heats: &[&Heat<'_>]) -> String {
    if piece.is_bos {
        return "beginning of a sequence, not painted".to_owned();
    }
    let mut text = if piece.body.trim().is_empty() {
        visible_space(&piece.body)
    } else {
        piece.body.clone()
    };
    for heat in heats {
        let value = heat
            .value(piece)
            .map_or("not a number".to_owned(), |v| fixed(f64::from(v), 3));
        match heats {
            [_] => text.push_str(&format!(" · {value}")),
            _ => text.push_str(&format!(" · {} {value}", heat.category)),
        }
    }
    if let Some(upos) = &piece.upos {
        text.push_str(&format!(" · {upos}"));
    }
    text
}
