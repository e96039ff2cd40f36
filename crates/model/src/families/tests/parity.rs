//! What transformers computes with small random checkpoints, held against what we compute: every
//! site, every layer, every sequence; and the proof that these comparisons can fail.

use super::reference::{BACKENDS, REFERENCES, Reference, TOLERANCE, tolerance};
use super::settings::Settings;
use crate::parts::{Activation, Order, Stretch};
use selectron_run::Site;

#[test]
fn every_site_layer_and_sequence_agrees_with_transformers() {
    for name in REFERENCES {
        let reference = Reference::open(name);
        for backend in BACKENDS {
            let network = reference.network(backend);
            let error = reference.worst_error(&network);
            assert!(error < tolerance(backend), "{name} on {backend}: {error:e}");
        }
    }
}

#[test]
fn the_sequences_reach_past_every_window() {
    for name in REFERENCES {
        let reference = Reference::open(name);
        let longest = reference.sequences().iter().map(Vec::len).max().unwrap();
        reference.changed(|settings| {
            for window in settings.layers.iter().filter_map(|layer| layer.window) {
                assert!(longest > 3 * window, "{name}");
            }
        });
    }
}

/// A deliberate mistake and how large an error it must make.
type Mistake = (&'static str, f64, fn(&mut Settings));

const WRONG_SCALE: Mistake = ("another scale", 1e-2, |settings| {
    for layer in &mut settings.layers {
        layer.scale *= 0.9;
    }
});
const WINDOW_TOO_SMALL: Mistake = ("a window too small by one", 1e-2, |settings| {
    for window in settings.layers.iter_mut().filter_map(|l| l.window.as_mut()) {
        *window -= 1;
    }
});
const WINDOW_TOO_LARGE: Mistake = ("a window too large by one", 1e-2, |settings| {
    for window in settings.layers.iter_mut().filter_map(|l| l.window.as_mut()) {
        *window += 1;
    }
});
const EXACT_GELU: Mistake = ("the exact GELU", 1e-4, |settings| {
    settings.activation = Activation::Gelu;
});
const TANH_GELU: Mistake = ("the tanh GELU", 1e-4, |settings| {
    settings.activation = Activation::GeluTanh;
});
const OTHER_EPSILON: Mistake = ("another epsilon", 1e-5, |settings| {
    settings.epsilon = 1e-3;
});
const OTHER_THETA: Mistake = ("another theta", 1e-2, |settings| {
    settings.rotary.as_mut().unwrap().theta *= 1.2;
});
const WIDER_ROTATION: Mistake = ("a wider rotation", 1e-2, |settings| {
    settings.rotary.as_mut().unwrap().width += 2;
});
const NO_STRETCH: Mistake = ("no stretch", 1e-3, |settings| {
    settings.rotary.as_mut().unwrap().stretch = Stretch::None;
});
const PRE_NORM: Mistake = ("a sequential residual", 1e-2, |settings| {
    settings.order = Order::PreNorm;
});
const CAUSAL: Mistake = ("a causal mask", 1e-2, |settings| settings.causal = true);

#[test]
fn the_parity_test_can_fail() {
    let mistakes: [(&str, &[Mistake]); 12] = [
        (
            "gpt_neo",
            &[
                WRONG_SCALE,
                WINDOW_TOO_SMALL,
                WINDOW_TOO_LARGE,
                EXACT_GELU,
                OTHER_EPSILON,
            ],
        ),
        (
            "gpt_neo-three-layers",
            &[WINDOW_TOO_SMALL, WINDOW_TOO_LARGE],
        ),
        ("gpt2", &[WRONG_SCALE, EXACT_GELU, OTHER_EPSILON]),
        ("gpt2-inner", &[WRONG_SCALE, TANH_GELU]),
        // It rotates a single pair of each head, whose frequency is 1 whatever theta is.
        (
            "gpt_neox",
            &[WRONG_SCALE, TANH_GELU, WIDER_ROTATION, OTHER_EPSILON],
        ),
        (
            "gpt_neox-sequential",
            &[OTHER_THETA, WIDER_ROTATION, NO_STRETCH, OTHER_EPSILON],
        ),
        ("llama", &[WRONG_SCALE, OTHER_THETA, OTHER_EPSILON]),
        ("llama-head-dim", &[WRONG_SCALE, OTHER_THETA, NO_STRETCH]),
        (
            "mistral",
            &[
                WRONG_SCALE,
                WINDOW_TOO_SMALL,
                WINDOW_TOO_LARGE,
                OTHER_THETA,
                OTHER_EPSILON,
            ],
        ),
        ("qwen2", &[WRONG_SCALE, OTHER_THETA, OTHER_EPSILON]),
        ("qwen2-windows", &[WINDOW_TOO_SMALL, WINDOW_TOO_LARGE]),
        ("bert", &[WRONG_SCALE, TANH_GELU, CAUSAL, OTHER_EPSILON]),
    ];
    for (name, mistakes) in mistakes {
        let reference = Reference::open(name);
        assert!(reference.worst_error(&reference.changed(|_| {})) < TOLERANCE);
        for (mistake, least, change) in mistakes {
            let error = reference.worst_error(&reference.changed(*change));
            assert!(
                error > *least,
                "{name}: {mistake} goes unnoticed ({error:e})"
            );
        }
    }
}

#[test]
fn a_residual_of_the_wrong_order_is_noticed() {
    // Sites differ between the two orders, so the streams are compared by themselves.
    let reference = Reference::open("gpt_neox");
    let (_, _, change) = PRE_NORM;
    let network = reference.changed(change);
    let ids = reference.sequences().pop().unwrap();
    let last = reference.sequences().len() - 1;
    let recorded = super::reference::record(&network, &[&ids], &[Site::ResidPost]);
    let expected = reference.expected(Site::ResidPost, 0, last);
    assert!(super::reference::relative_error(&recorded[0].values, &expected) > 1e-2);
}
