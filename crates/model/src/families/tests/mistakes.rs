//! Deliberate mistakes, which the comparison with transformers must see.
//!
//! `mistakes.json` beside each reference checkpoint lists them: what is changed, and how large a
//! relative error that must at least make at the worst site.

use super::reference::{Reference, TOLERANCE};
use crate::families::settings::Settings;
use crate::spec::activation::Activation;
use crate::spec::flow::Flow;
use crate::spec::rotary::Stretch;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mistake {
    /// In words.
    mistake: String,
    change: Change,
    /// The smallest error that it must make.
    error: f64,
}

/// What is changed of a model's settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Change {
    /// The scale of the scores, times this.
    ScaleTimes(f64),
    /// Every window, wider by this.
    WindowPlus(isize),
    Activation(String),
    Epsilon(f64),
    /// The base of the rotary frequencies, times this.
    ThetaTimes(f64),
    /// Values of each head that are rotated, more by this.
    RotatedPlus(usize),
    /// Whether rotary positions are stretched: only `false` is a mistake.
    Stretch(bool),
    /// `sequential` or `parallel`.
    Flow(String),
    Causal(bool),
}

impl Change {
    fn apply(&self, settings: &mut Settings) {
        match self {
            Self::ScaleTimes(factor) => {
                for layer in &mut settings.layers {
                    layer.scale *= factor;
                }
            }
            Self::WindowPlus(more) => {
                let windows = settings.layers.iter_mut();
                for window in windows.filter_map(|layer| layer.window.as_mut()) {
                    *window = window.checked_add_signed(*more).unwrap();
                }
            }
            Self::Activation(name) => settings.activation = Activation::from_name(name).unwrap(),
            Self::Epsilon(epsilon) => settings.epsilon = *epsilon,
            Self::ThetaTimes(factor) => settings.rotary.as_mut().unwrap().theta *= factor,
            Self::RotatedPlus(more) => settings.rotary.as_mut().unwrap().width += more,
            Self::Stretch(stretched) => {
                assert!(!stretched);
                settings.rotary.as_mut().unwrap().stretch = Stretch::None;
            }
            Self::Flow(name) => {
                settings.flow = match name.as_str() {
                    "sequential" => Flow::Sequential,
                    "parallel" => Flow::Parallel,
                    other => panic!("no flow is called {other}"),
                }
            }
            Self::Causal(causal) => settings.causal = *causal,
        }
    }
}

#[test]
fn the_parity_test_can_fail() {
    for name in Reference::names() {
        let path = Reference::folder(&name).join("mistakes.json");
        let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mistakes: Vec<Mistake> =
            serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!mistakes.is_empty(), "{name}");
        let reference = Reference::open(&name);
        let sites = reference.recorded_sites();
        let unchanged = reference.changed(|_| {});
        assert!(reference.worst_error(&unchanged, &sites) < TOLERANCE);
        for Mistake {
            mistake,
            change,
            error: least,
        } in mistakes
        {
            let changed = reference.changed(|settings| change.apply(settings));
            // A mistake may add a site or take one away.
            let has = |site: &_| changed.sites().any(|other| other == *site);
            let common: Vec<_> = sites.iter().copied().filter(has).collect();
            let error = reference.worst_error(&changed, &common);
            assert!(
                error > least,
                "{name}: {mistake} goes unnoticed ({error:e})"
            );
        }
    }
}
