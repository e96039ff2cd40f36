//! The whole stage on a run directory with a text.

use crate::common::assert_same_on_any_threads;
use crate::text_run::{LAYERS, NEURONS, Plan, text_run};
use selectron_run::pipeline::Reduce;
use selectron_run::stage::Task;
use selectron_run::vocabulary::ExampleKind;
use selectron_run::{NeuronId, Place, Site, Table};
use selectron_stats::stage;
use selectron_stats::text::traces::{Traces, columns, words_of};
use selectron_stats::text::words::TextWords;
use selectron_tables::activations::{ActivationReader, Subject};
use selectron_tables::rows::{
    ContextGapRow, ExampleRow, GeneralizationRow, OfNeuron, PreferenceRow, TextNullRow,
    TextWordRow, TokenRow, TransferRow, UposMeanRow,
};
use selectron_testkit::TestRun;
use std::collections::BTreeMap;

/// A neuron of a layer.
fn id(layer: usize, neuron: usize) -> NeuronId {
    NeuronId::new(Site::MlpPre, layer, neuron)
}

#[test]
fn the_planted_neuron_generalises_and_the_memoriser_does_not() {
    let run = text_run(&Plan::default());
    stage::run(run.task()).unwrap();
    let facts = run.manifest().stats.unwrap().generalization.unwrap();
    let rows: Vec<GeneralizationRow> = run.table();
    assert_eq!(rows.len(), LAYERS * NEURONS);
    let words: Vec<TextWordRow> = run.table();
    let count = |category: Option<&str>, seen: bool| {
        let scored = words.iter().filter(|word| word.dropped.is_none());
        let of_category = scored.filter(|word| word.category.as_deref() == category);
        of_category.filter(|word| word.seen == seen).count()
    };
    assert_eq!(
        (facts.n_a, facts.n_a_seen),
        (count(Some("c0"), false), count(Some("c0"), true))
    );
    assert_eq!(
        (facts.n_b, facts.n_b_seen),
        (count(Some("c1"), false), count(Some("c1"), true))
    );
    assert_eq!((facts.n_other, facts.sentences), (count(None, false), 48));
    for row in &rows {
        assert_eq!((row.n_a, row.n_b), (facts.n_a, facts.n_b));
        let auc = row.auc.unwrap();
        assert!(row.auc_low.unwrap() <= auc && auc <= row.auc_high.unwrap());
        let p = [row.p_shuffled.unwrap(), row.p_control.unwrap()];
        assert!(p.iter().all(|p| *p > 0.0 && *p <= 1.0));
        assert_eq!(row.t.is_none(), row.neuron == 1);
        assert_eq!(row.shown, row.auc_boot_low.is_some());
        if row.neuron == 1 {
            assert_eq!((auc, row.top_share, row.auc_all), (0.5, None, Some(0.5)));
        }
    }
    let planted: Vec<_> = rows.iter().filter(|row| row.neuron == 2).collect();
    for row in &planted {
        assert!(
            row.auc.unwrap() > 0.9 && row.p_shuffled.unwrap() == 1.0 / 61.0,
            "{row:?}"
        );
        assert!(row.auc_a_rest.unwrap() > 0.9 && row.top_share.unwrap() == 1.0);
        assert!(row.auc_b_rest.unwrap() < 0.5);
    }
    for layer in &facts.layers {
        // The planted one and the one that knows the stimuli alone.
        assert!(layer.significant >= 2, "{layer:?}");
        assert_eq!(layer.generalise, 1, "{layer:?}");
        assert!(layer.shuffled_best.unwrap() < layer.highest.unwrap() - 0.5);
    }
    // The neuron with the largest t is the one that only knows isolated words.
    let largest = &facts.shown[0];
    assert_eq!(
        (largest.id.neuron, largest.significant, largest.generalises),
        (3, true, false)
    );
}

#[test]
fn shown_neurons_have_intervals_thresholds_and_examples() {
    let text = "shuffles = 20\nresamples = 200\n\
                neurons = [{ layer = 1, neuron = 2 }, { layer = 1, neuron = 2 }]";
    let run = text_run(&Plan {
        text: text.to_owned(),
        ..Plan::default()
    });
    stage::run(run.task()).unwrap();
    let facts = run.manifest().stats.unwrap();
    let text = facts.generalization.unwrap();
    assert_eq!(text.shown.len(), facts.selected.len() + 1);
    let named = text.shown.last().unwrap();
    assert_eq!((named.id, named.selected), (id(1, 2), false));
    assert_eq!((named.category.as_str(), named.generalises), ("c0", true));
    let rows: Vec<GeneralizationRow> = run.table();
    assert_eq!(
        rows.iter().filter(|row| row.shown).count(),
        text.shown.len()
    );
    let row = rows.iter().find(|row| row.id() == id(1, 2)).unwrap();
    let width = |low: Option<f64>, high: Option<f64>| high.unwrap() - low.unwrap();
    let ratio = width(row.auc_boot_low, row.auc_boot_high) / width(row.auc_low, row.auc_high);
    assert!((0.6..1.5).contains(&ratio), "{ratio}");
    assert!(row.mcc.unwrap() > 0.7 && row.f1.unwrap() > 0.8, "{row:?}");
    let threshold = row.threshold.unwrap();
    assert!((0.3..1.3).contains(&threshold), "{threshold}");

    let examples: Vec<ExampleRow> = run.table();
    assert_eq!(examples.len(), 30 * text.shown.len());
    let of_kind = |kind: ExampleKind| -> Vec<&ExampleRow> {
        let wanted = |row: &&ExampleRow| row.id() == id(1, 2) && row.kind == kind;
        examples.iter().filter(wanted).collect()
    };
    for kind in ExampleKind::ALL.iter().copied() {
        let rows = of_kind(kind);
        assert_eq!(
            rows.iter().map(|row| row.rank).collect::<Vec<_>>(),
            (0..10).collect::<Vec<_>>()
        );
        assert!(
            rows.iter()
                .all(|row| row.token != "<bos>" && row.upos.is_some())
        );
        let falling = rows
            .windows(2)
            .all(|two| two[0].activation >= two[1].activation);
        let rising = rows
            .windows(2)
            .all(|two| two[0].activation <= two[1].activation);
        let is_least = kind == ExampleKind::Least;
        assert!(if is_least { rising } else { falling }, "{kind}");
    }
    assert!(
        of_kind(ExampleKind::Most)
            .iter()
            .all(|row| row.category.as_deref() == Some("c0"))
    );
    let lowest = of_kind(ExampleKind::Most)[9].activation;
    assert!(of_kind(ExampleKind::Between)[0].activation <= lowest);
    for row in &examples {
        assert!(row.before.chars().count() <= 60 && row.after.chars().count() <= 60);
        // The words of a document are separated by spaces, and some fall into two tokens.
        let line = format!("{}{}{}", row.before, row.token, row.after);
        assert!(line.contains(' ') && !line.contains("<bos>"), "{line}");
    }
}

#[test]
fn the_side_tables_say_what_they_should() {
    let run = text_run(&Plan {
        categories: 3,
        words: 200,
        ..Plan::default()
    });
    stage::run(run.task()).unwrap();
    let facts = run.manifest().stats.unwrap();
    let text = facts.generalization.unwrap();
    let words: Vec<TextWordRow> = run.table();
    let scored = words.iter().filter(|word| word.dropped.is_none()).count();

    let means: Vec<UposMeanRow> = run.table();
    let planted = || means.iter().filter(|row| row.id() == id(0, 2));
    assert_eq!(planted().map(|row| row.n).sum::<usize>(), scored);
    let mean = |upos: &str| planted().find(|row| row.upos == upos).unwrap().mean;
    assert!(mean("UPOS0") > mean("UPOS1") + 1.0 && mean("UPOS0") > mean("PUNCT") + 1.0);

    let preferences: Vec<PreferenceRow> = run.table();
    let pair = |neuron: usize| {
        let mut rows = preferences.iter();
        let row = rows.find(|row| row.id() == id(0, neuron)).unwrap();
        (row.in_words.clone(), row.in_text.clone())
    };
    let c0 = Some("c0".to_owned());
    assert_eq!(pair(2), (c0.clone(), c0.clone()));
    assert_eq!(pair(3), (c0.clone(), None));
    assert_eq!(pair(1), (None, None));
    assert_eq!(text.confusion.len(), 16);
    let neurons: usize = text.confusion.iter().map(|one| one.neurons).sum();
    assert_eq!(neurons, preferences.len());
    let both = text
        .confusion
        .iter()
        .find(|one| one.in_words == c0 && one.in_text == c0)
        .unwrap();
    assert_eq!(both.neurons, 2);

    let nulls: Vec<TextNullRow> = run.table();
    assert_eq!(nulls.len(), 2 * 2 * 60);
    assert!(
        nulls
            .iter()
            .all(|row| row.lowest <= row.highest && row.highest < 0.8)
    );

    let transfer: Vec<TransferRow> = run.table();
    for (row, layer) in transfer.iter().zip(&text.layers) {
        assert_eq!((row.top, row.neurons), (12, NEURONS - 1));
        assert!(row.correlation.unwrap() > 0.3 && row.shared_top >= 1);
        assert!(row.same_sign >= 1 && row.same_sign <= row.significant);
        assert_eq!(layer.transfer, row.correlation);
    }

    let gaps: Vec<ContextGapRow> = run.table();
    assert_eq!(gaps.len(), 2 * 6);
    let gap = |from: &str, to: &str| {
        gaps.iter()
            .find(|row| (row.from.as_str(), row.to.as_str()) == (from, to))
            .unwrap()
    };
    let row = gap("bare", "space");
    assert_eq!((row.items, row.kept), (60, row.significant));
    assert!(row.significant >= 2 && (row.correlation.unwrap() - 1.0).abs() < 0.05);
    assert!(row.mean_shift.unwrap() > 1.0 && row.mean_shift == row.mean_abs_shift);
    assert_eq!(gap("space", "bos-space").items, 59);
    // Seven forms of each category occur in the text.
    let row = gap("bare", "text");
    assert!(row.items > 5 && row.items <= 21, "{row:?}");
}

#[test]
fn shuffled_tags_do_not_pass_for_grammar() {
    let run = text_run(&Plan {
        shuffled: true,
        text: "shuffles = 199\nresamples = 10\n".to_owned(),
        ..Plan::default()
    });
    stage::run(run.task()).unwrap();
    let facts = run.manifest().stats.unwrap().generalization.unwrap();
    let rows: Vec<GeneralizationRow> = run.table();
    for layer in &facts.layers {
        assert_eq!(layer.generalise, 0, "{layer:?}");
        let of_layer = rows.iter().filter(|row| row.layer == layer.place.layer);
        let best = of_layer
            .filter_map(|row| row.p_shuffled)
            .fold(1.0, f64::min);
        assert!(best > 0.05, "{best}");
    }
}

#[test]
fn threads_and_parts_change_no_byte() {
    let whole = text_run(&Plan::default());
    stage::run(whole.task()).unwrap();
    let first = whole.hashes();
    assert_same_on_any_threads(whole.task());

    let run = text_run(&Plan {
        part: Some(77),
        ..Plan::default()
    });
    stage::run(run.task()).unwrap();
    let hashes = run.hashes();
    let differ = first
        .iter()
        .filter(|(name, hash)| hashes.get(*name) != Some(hash));
    let names: Vec<_> = differ.map(|(name, _)| name.as_str()).collect();
    // The text's activations are elsewhere, and the manifest says so.
    assert_eq!(names, ["manifest.json", "text_activations.parquet"]);
}

#[test]
fn the_shown_neurons_have_a_table_of_their_own() {
    let run = text_run(&Plan::default());
    stage::run(run.task()).unwrap();
    let open = |subject: Subject| {
        let path = run.run().table(subject.table());
        ActivationReader::open(path, subject, &run.provenance()).unwrap()
    };
    let (all, some) = (open(Subject::Text), open(Subject::Shown));
    let facts = run.manifest().stats.unwrap();
    let mut shown: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
    for facts in &facts.generalization.unwrap().shown {
        let neurons = shown.entry(facts.id.place).or_default();
        neurons.push(facts.id.neuron);
    }
    assert_eq!(some.contents().len(), shown.len());
    for (place, mut neurons) in shown {
        neurons.sort_unstable();
        assert_eq!(some.neurons(place).unwrap(), Some(neurons.clone()));
        let (all, some) = (all.read(place).unwrap(), some.read(place).unwrap());
        assert_eq!(all.keys, some.keys);
        for row in 0..all.rows() {
            let expected: Vec<f32> = neurons.iter().map(|n| all.row(row)[*n]).collect();
            assert_eq!(some.row(row), expected);
        }
    }
    let file = &facts.artifacts["shown_activations.parquet"];
    assert_eq!(
        Some(&file.sha256),
        run.hashes().get("shown_activations.parquet")
    );
}

#[test]
fn a_text_whose_activations_are_gone_is_up_to_date_and_cannot_be_scored_again() {
    let run = text_run(&Plan {
        part: Some(100),
        ..Plan::default()
    });
    stage::run(run.task()).unwrap();
    let done = run.hashes();
    std::fs::remove_dir_all(run.run().scratch()).unwrap();
    stage::run(run.task()).unwrap();
    assert_eq!(run.hashes(), done);

    let forced = Task {
        force: true,
        ..run.task().clone()
    };
    let message = stage::run(&forced).unwrap_err().to_string();
    let expected = "the activations of all neurons were removed after scoring; run `cargo xtask \
                    run-all` (which records the text again) or `cargo xtask extract`";
    assert!(message.ends_with(expected), "{message}");
    assert_eq!(run.hashes(), done);
}

#[test]
fn a_text_without_words_of_both_categories_leaves_no_numbers() {
    let run = text_run(&Plan {
        part: Some(100),
        ..Plan::default()
    });
    // What an earlier run has left, and the manifest may no longer list.
    run.put::<GeneralizationRow>(&[]);
    let mut words: Vec<TextWordRow> = run.table();
    for word in &mut words {
        word.category = word.category.take().filter(|category| category == "c0");
    }
    run.put(&words);
    stage::run(run.task()).unwrap();
    let facts = run.manifest().stats.unwrap();
    assert!(facts.generalization.is_none());
    assert!(!run.run().table(Table::Generalization).exists());
    // The shown neurons are kept all the same.
    let path = run.run().table(Table::ShownActivations);
    let reader = ActivationReader::open(path, Subject::Shown, &run.provenance()).unwrap();
    assert!(!reader.contents().is_empty());
}

#[test]
fn a_neuron_that_is_not_there_is_a_mistake_in_the_pipeline() {
    let message = |neurons: &str| {
        let run = text_run(&Plan {
            text: format!("neurons = [{neurons}]"),
            ..Plan::default()
        });
        let message = stage::run(run.task()).unwrap_err().to_string();
        let folder = run.pipeline_path().parent().unwrap().display().to_string();
        message.replace(&folder, "FOLDER")
    };
    let messages = [
        message("{ layer = 1, neuron = 24 }"),
        message("{ layer = 2, neuron = 0 }"),
        message("{ site = \"resid.post\", layer = 1, neuron = 0 }"),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn tables_of_the_text_that_do_not_fit_each_other_are_refused() {
    let message = |run: &TestRun| stage::run(run.task()).unwrap_err().to_string();
    let run = text_run(&Plan::default());
    let mut words: Vec<TextWordRow> = run.table();
    words[5].token_rows = vec![10_000];
    run.put(&words);
    let found = message(&run);
    assert!(
        found.contains("is scored, but its tokens are not in tokens.parquet"),
        "{found}"
    );

    let run = text_run(&Plan::default());
    let mut tokens: Vec<TokenRow> = run.table();
    tokens[7].position += 1;
    run.put(&tokens);
    let expected = "text_activations.parquet, mlp.pre, layer 0: its rows are not the tokens of \
                    tokens.parquet; rerun the extract stage";
    let found = message(&run);
    assert!(found.starts_with(expected), "{found}");
}

/// However little fits the memory, the numbers are those of the definition.
#[test]
fn words_are_the_reduction_of_their_tokens_in_memory_and_on_disk() {
    let run = text_run(&Plan {
        part: Some(10),
        words: 60,
        ..Plan::default()
    });
    let words = TextWords::new(run.pipeline(), run.table(), run.table()).unwrap();
    let path = run.run().scratch().join(Table::TextActivations.file_name());
    let reader = ActivationReader::open(path, Subject::Text, &run.provenance()).unwrap();
    let place = Place::new(Site::MlpPre, 1);
    let tokens = reader.read(place).unwrap();
    let neurons = [5, 23];
    let columns = columns(&reader, &words, place, &neurons).unwrap();
    for (column, neuron) in columns.iter().zip(neurons) {
        let all: Vec<f32> = (0..tokens.rows())
            .map(|row| tokens.row(row)[neuron])
            .collect();
        assert_eq!(*column, all);
    }
    for how in Reduce::ALL.iter().copied() {
        let expected = |word: usize, neuron: usize| -> f32 {
            let rows = words.tokens_of(word).iter();
            let values = rows.map(|token| tokens.row(*token)[neuron]);
            match how {
                Reduce::First => values.clone().next().unwrap(),
                Reduce::Last => values.fold(0.0, |_, value| value),
                Reduce::Max => values.reduce(f32::max).unwrap(),
                Reduce::Mean => {
                    let sum: f64 = values.clone().map(f64::from).sum();
                    (sum / values.count() as f64) as f32
                }
            }
        };
        let all = |neuron: usize| -> Vec<f32> {
            (0..words.len())
                .map(|word| expected(word, neuron))
                .collect()
        };
        for (column, neuron) in columns.iter().zip(neurons) {
            assert_eq!(words_of(column, &words, how), all(neuron));
        }
        for bound in [0, 20 * words.len() * 4, usize::MAX] {
            let traces = Traces {
                reader: &reader,
                words: &words,
                reduce: how,
                folder: run.run().path(),
                bound,
            };
            let mut layer = traces.read(place).unwrap();
            let (mut blocks, mut neurons) = (0, 0);
            layer
                .blocks(|first, matrix| {
                    blocks += 1;
                    for (neuron, row) in (first..).zip(matrix.chunks_exact(words.len())) {
                        assert_eq!(row, all(neuron));
                        neurons += 1;
                    }
                    Ok(())
                })
                .unwrap();
            let expected_blocks = if bound == usize::MAX { 1 } else { 2 };
            assert_eq!((blocks, neurons), (expected_blocks, NEURONS));
        }
    }
}
