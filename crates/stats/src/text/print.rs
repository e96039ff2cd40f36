//! What the stage prints of the text.

use selectron_run::manifest::{GeneralizationFacts, LayerGeneralization, StatsFacts};
use selectron_run::stage::Console;
use selectron_tables::rows::{OfPlace, TransferRow};

/// Prints how the neurons perform in the text: a line per layer, and what it comes to.
pub fn generalization(facts: &StatsFacts, transfer: &[TransferRow], console: &Console) {
    let Some(text) = &facts.generalization else {
        return;
    };
    let (a, b) = (&facts.category_a, &facts.category_b);
    console.say(format_args!(
        "in text: {} {a} and {} {b} words never seen ({} types), {} other; {} sentences",
        text.n_a, text.n_b, text.types, text.n_other, text.sentences
    ));
    for layer in &text.layers {
        line(layer, text.is_open(), transfer, console);
    }
    summary(text, [a, b], console);
    for shown in &text.shown {
        console.say(format_args!(
            "{} layer {} neuron {}, for {}: {}",
            shown.id.place.site,
            shown.id.place.layer,
            shown.id.neuron,
            shown.category,
            match (shown.significant, shown.generalises) {
                (_, true) => "generalises",
                (true, false) if text.is_open() => "open",
                (true, false) => "does not generalise",
                (false, false) => "not significant in isolated words",
            }
        ));
    }
}

fn line(layer: &LayerGeneralization, open: bool, transfer: &[TransferRow], console: &Console) {
    let number = |x: Option<f64>| x.map_or_else(|| "    -".to_owned(), |x| format!("{x:>5.3}"));
    let row = transfer.iter().find(|row| row.place() == layer.place);
    let shared = row.map_or_else(String::new, |row| {
        format!(", {} of top {} shared", row.shared_top, row.top)
    });
    console.say(format_args!(
        "in text     {} layer {:>2}: {:>5} of {:>5} significant generalise, AUC {} to {} (chance \
         {}, control {}), r {}{shared}",
        layer.place.site,
        layer.place.layer,
        if open {
            "-".to_owned()
        } else {
            layer.generalise.to_string()
        },
        layer.significant,
        number(layer.lowest),
        number(layer.highest),
        number(layer.shuffled_best.map(|best| 0.5 + best)),
        number(layer.control_best.map(|best| 0.5 + best)),
        number(layer.transfer),
    ));
}

fn summary(text: &GeneralizationFacts, [a, b]: [&String; 2], console: &Console) {
    let sum =
        |count: fn(&LayerGeneralization) -> usize| -> usize { text.layers.iter().map(count).sum() };
    let (significant, generalise) = (
        sum(|layer| layer.significant),
        sum(|layer| layer.generalise),
    );
    if text.is_open() {
        console.say("generalise: open, for want of words never seen or of control tasks");
        return;
    }
    if generalise == 0 {
        console.say(format_args!(
            "generalise: nothing generalised, of {significant} significant neurons"
        ));
        return;
    }
    let largest = |value: fn(&LayerGeneralization) -> Option<f64>| {
        text.layers.iter().filter_map(value).reduce(f64::max)
    };
    let number = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| format!("{x:.3}"));
    let chance = |best: Option<f64>| number(best.map(|best| 0.5 + best));
    console.say(format_args!(
        "generalise: {generalise} of {significant} significant neurons ({} on the right side); best \
         AUC {} for {a}, {} for {b}; by chance {} with shuffled labels, {} in a control task",
        sum(|layer| layer.same_side),
        number(largest(|layer| layer.highest)),
        number(largest(|layer| layer.lowest.map(|auc| 1.0 - auc))),
        chance(largest(|layer| layer.shuffled_best)),
        chance(largest(|layer| layer.control_best)),
    ));
}
