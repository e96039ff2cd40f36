//! What generalised and what did not, in words.

use super::super::wording::{self, list, plural, span};
use super::auc::own_auc;
use crate::data::{Chosen, Run, SiteTests};
use crate::heat::neuron_name;
use crate::numbers::{count, fixed, percent, tick};
use selectron_run::manifest::{GeneralizationFacts, LayerGeneralization};
use selectron_run::vocabulary::LabelSource;

/// The layers of a site.
fn layers_of<'a>(facts: &'a GeneralizationFacts, site: &SiteTests) -> Vec<&'a LayerGeneralization> {
    let layers = facts.layers.iter();
    layers
        .filter(|layer| layer.place.site == site.site)
        .collect()
}

fn total(layers: &[&LayerGeneralization], count: impl Fn(&LayerGeneralization) -> usize) -> usize {
    layers.iter().map(|layer| count(layer)).sum()
}

/// How far from 1/2 the best neuron of a layer reaches.
fn best(layer: &LayerGeneralization) -> Option<f64> {
    let ends = [
        layer.highest.map(|auc| auc - 0.5),
        layer.lowest.map(|auc| 0.5 - auc),
    ];
    ends.into_iter().flatten().max_by(f64::total_cmp)
}

/// Whether some neuron of the layer goes beyond what chance finds.
fn beats_chance(layer: &LayerGeneralization) -> bool {
    matches!((best(layer), layer.control_best), (Some(best), Some(limit)) if best > limit)
}

/// The outcome in a sentence.
pub(super) fn headline(run: &Run, site: &SiteTests, facts: &GeneralizationFacts) -> String {
    let (a, b) = (&run.stats.category_a, &run.stats.category_b);
    let layers = layers_of(facts, site);
    let significant = total(&layers, |layer| layer.significant);
    let generalise = total(&layers, |layer| layer.generalise);
    let place = if run.sites.len() > 1 {
        format!(" of {}", site.site)
    } else {
        String::new()
    };
    let missing = [(a, facts.n_a), (b, facts.n_b)]
        .into_iter()
        .find(|(_, words)| *words == 0);
    if let Some((category, _)) = missing {
        return format!(
            "Whether anything generalises remains open: the text has no scored {category} word \
             that was not a stimulus."
        );
    }
    if facts.is_open() {
        let why = if facts.shuffles == 0 {
            "`text.shuffles` is 0"
        } else {
            "its words are all the same"
        };
        return format!(
            "Whether anything generalises remains open: {why}, so there are no control tasks to \
             show what single words alone would do."
        );
    }
    if significant == 0 {
        return format!(
            "Nothing generalised: no neuron{place} is significant on the isolated words, so there \
             is no preference that could carry over to running text."
        );
    }
    if generalise == 0 {
        return format!(
            "Nothing generalised: of the {}{place} significant on the isolated words, none keeps \
             its preference in running text.",
            plural(significant, "neuron")
        );
    }
    let opening = if 20 * generalise < significant {
        "Hardly anything generalised: in"
    } else {
        "In"
    };
    format!(
        "{opening} running text, {} ({}) of the {}{place} significant on the isolated words {} \
         preference, for {a} or for {b}, in words that were not among the stimuli.",
        count(generalise),
        percent(generalise, significant),
        plural(significant, "neuron"),
        if generalise == 1 {
            "keeps its"
        } else {
            "keep their"
        },
    )
}

/// How that was found and how far it goes.
pub(super) fn paragraph(run: &Run, site: &SiteTests, facts: &GeneralizationFacts) -> String {
    let layers = layers_of(facts, site);
    let sentences = [
        Some(scored(run, facts)),
        criterion(run, facts, &layers),
        reason(facts, &layers),
        by_layer(&layers),
        chosen(run, site, facts),
        transfer(run, &layers),
        chance(facts, &layers),
    ];
    let sentences: Vec<_> = sentences.into_iter().flatten().collect();
    sentences.join(" ")
}

/// What the neurons were scored on.
fn scored(run: &Run, facts: &GeneralizationFacts) -> String {
    let (a, b) = (&run.stats.category_a, &run.stats.category_b);
    format!(
        "The neurons were scored on {} {a} and {} {b} words that were not stimuli ({} different \
         ones, in {}).",
        count(facts.n_a),
        count(facts.n_b),
        count(facts.types),
        plural(facts.sentences, "sentence"),
    )
}

/// What it takes to generalise.
fn criterion(
    run: &Run,
    facts: &GeneralizationFacts,
    layers: &[&LayerGeneralization],
) -> Option<String> {
    if facts.is_open() || total(layers, |layer| layer.significant) == 0 {
        return None;
    }
    let same_side = match total(layers, |layer| layer.same_side) {
        1 => "1 lies".to_owned(),
        some => format!("{} lie", count(some)),
    };
    Some(format!(
        "To generalise, a neuron’s AUC (the chance that a {} word activates it more than a {} \
         word) must lie on the side of 1/2 that its {} promises, with its whole 95% interval \
         ({same_side} there at all), and at most {}% of the control tasks, in which each word has \
         a random category that it keeps, may find as good a neuron in the layer.",
        run.stats.category_a,
        run.stats.category_b,
        run.measure.symbol,
        tick(100.0 * run.stats.alpha),
    ))
}

/// Why nothing generalised, where that is so.
fn reason(facts: &GeneralizationFacts, layers: &[&LayerGeneralization]) -> Option<String> {
    let generalise = total(layers, |layer| layer.generalise);
    if facts.is_open() || generalise > 0 || total(layers, |layer| layer.significant) == 0 {
        return None;
    }
    let above: Vec<_> = layers
        .iter()
        .filter(|layer| beats_chance(layer))
        .map(|layer| layer.place.layer)
        .collect();
    Some(if above.is_empty() {
        "No neuron of any layer, significant or not, tells the categories apart in the text better \
         than the control tasks do by chance."
            .to_owned()
    } else {
        format!(
            "In {} some neuron does go beyond chance, but none that was significant on the \
             isolated words, or none on the side where it should be.",
            wording::layers(&above)
        )
    })
}

/// Where the neurons that generalise are.
fn by_layer(layers: &[&LayerGeneralization]) -> Option<String> {
    if layers.len() < 2 || total(layers, |layer| layer.generalise) == 0 {
        return None;
    }
    let share =
        |layer: &LayerGeneralization| layer.generalise as f64 / layer.significant.max(1) as f64;
    let tested = || layers.iter().filter(|layer| layer.significant > 0);
    // Of equal layers the first.
    let most = tested()
        .rev()
        .max_by(|one, two| share(one).total_cmp(&share(two)))?;
    let least = tested().min_by(|one, two| share(one).total_cmp(&share(two)))?;
    let none: Vec<_> = layers
        .iter()
        .filter(|layer| layer.generalise == 0)
        .map(|layer| layer.place.layer)
        .collect();
    let described = |layer: &LayerGeneralization| {
        format!(
            "layer {} ({} of {})",
            layer.place.layer,
            count(layer.generalise),
            count(layer.significant)
        )
    };
    Some(if !none.is_empty() {
        format!(
            "The share that generalises is largest in {}; in {} there is none.",
            described(most),
            wording::layers(&none)
        )
    } else if most.place == least.place {
        format!(
            "The share that generalises is largest in {}.",
            described(most)
        )
    } else {
        format!(
            "The share that generalises is largest in {} and smallest in {}.",
            described(most),
            described(least)
        )
    })
}

/// How the two chosen neurons perform.
fn chosen(run: &Run, site: &SiteTests, facts: &GeneralizationFacts) -> Option<String> {
    let neurons: Vec<_> = site
        .chosen()
        .filter_map(|chosen| chosen_neuron(run, facts, chosen))
        .collect();
    (!neurons.is_empty()).then(|| format!("{}.", capital(&neurons.join("; "))))
}

fn chosen_neuron(run: &Run, facts: &GeneralizationFacts, neuron: &Chosen) -> Option<String> {
    let row = run.in_text.score(neuron.id)?;
    let own_side = |auc: f64| own_auc(neuron.side, auc);
    let auc = own_side(row.auc?);
    let ends = match (row.auc_boot_low, row.auc_boot_high) {
        (Some(low), Some(high)) => {
            let (low, high) = (
                own_side(low).min(own_side(high)),
                own_side(low).max(own_side(high)),
            );
            format!(" (95% interval {} to {})", fixed(low, 2), fixed(high, 2))
        }
        _ => String::new(),
    };
    let f1 = row.f1.map_or_else(String::new, |f1| {
        format!(", and with F1 {} from all other words", fixed(f1, 2))
    });
    let mut shown = facts.shown.iter();
    let proven = shown.find(|shown| shown.id == neuron.id)?.generalises;
    Some(format!(
        "the {} neuron ({}) {}: it tells its category from {} with AUC {}{ends}{f1}",
        run.stats.category(neuron.side),
        neuron_name(neuron.id),
        match (proven, neuron.significant) {
            (true, _) => "generalises",
            (false, true) if facts.is_open() => "was not compared with chance",
            (false, true) => "does not generalise",
            (false, false) => "was not significant to begin with",
        },
        run.stats.category(neuron.side.other()),
        fixed(auc, 2),
    ))
}

/// A text that begins with a capital letter.
fn capital(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().into_iter().flat_map(char::to_uppercase);
    first.chain(rest).collect()
}

/// How effects in isolation predict those in the text.
fn transfer(run: &Run, layers: &[&LayerGeneralization]) -> Option<String> {
    let span = span(layers.iter().filter_map(|layer| layer.transfer), 2)?;
    Some(format!(
        "Over the neurons of a layer, {} on the isolated words and AUC in the text correlate at \
         {span}.",
        run.measure.symbol
    ))
}

/// What the best neurons reach, and what chance does.
fn chance(facts: &GeneralizationFacts, layers: &[&LayerGeneralization]) -> Option<String> {
    let reached = |value: fn(&LayerGeneralization) -> Option<f64>| {
        let values = layers.iter().filter_map(|layer| Some(0.5 + value(layer)?));
        span(values, 2)
    };
    let reached_best = reached(best)?;
    let limits = [
        (
            reached(|layer| layer.shuffled_best),
            "with the labels shuffled",
        ),
        (reached(|layer| layer.control_best), "in the control tasks"),
    ];
    let chance: Vec<_> = limits
        .into_iter()
        .filter_map(|(span, what)| Some(format!("{} {what}", span?)))
        .collect();
    (!chance.is_empty()).then(|| {
        format!(
            "The best neuron of a layer, for either category, reaches {reached_best}; by chance it \
             would be {} (exceeded in 5% of {} draws each).",
            list(&chance),
            count(facts.shuffles)
        )
    })
}

/// What the reader should know of labels that do not come from parts of speech.
fn labelling(labels: LabelSource) -> Option<String> {
    let source = match labels {
        LabelSource::PartsOfSpeech => return None,
        LabelSource::WordLists => {
            "The text carries no parts of speech, so the labels come from the word lists"
        }
        LabelSource::Both => {
            "Some labels come from the word lists rather than from parts of speech"
        }
    };
    Some(format!(
        "{source}: a word counts for a category if it is in that category’s list and in no other. \
         Such labels know nothing of the sentence, and a word that has several uses may be \
         labelled wrongly."
    ))
}

/// What the reader should not overlook.
pub(super) fn notes(run: &Run, facts: &GeneralizationFacts) -> Vec<String> {
    let mut notes = Vec::new();
    let (a, b) = (&run.stats.category_a, &run.stats.category_b);
    if let Some(text) = &run.extract.text {
        notes.extend(labelling(text.labels));
        let dropped: Vec<_> = text
            .dropped
            .iter()
            .map(|(reason, words)| format!("{} ({reason})", count(*words)))
            .collect();
        let left_out = if dropped.is_empty() {
            String::new()
        } else {
            format!(" Not scored: {}.", list(&dropped))
        };
        notes.push(format!(
            "Of {} in the text {} are scored. {} of them are stimuli ({} {a}, {} {b}), which are \
             scored separately and do not count here; {} belong to neither category.{left_out}",
            plural(text.words, "word"),
            count(text.scored),
            count(facts.n_a_seen + facts.n_b_seen),
            count(facts.n_a_seen),
            count(facts.n_b_seen),
            count(facts.n_other),
        ));
    }
    notes
}
