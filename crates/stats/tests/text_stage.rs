//! The whole stage on a run directory with a text.

// What serves several tests is no test itself, and the exception for tests does not reach it.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/text_run.rs"]
mod text_run;

use common::assert_same_on_any_threads;
use selectron_run::Site;
use selectron_run::stage::Task;
use selectron_stats::stage;
use selectron_stats::text::traces::Traces;
use selectron_stats::text::words::TextWords;
use selectron_tables::activations::{ActivationReader, Subject};
use selectron_tables::rows::{
    ContextGapRow, ExampleRow, GeneralizationRow, PreferenceRow, TextNullRow, TransferRow,
    UposMeanRow,
};
use selectron_tables::table::Provenance;
use std::collections::BTreeMap;
use text_run::{LAYERS, NEURONS, Plan, TextRun};

#[test]
fn the_planted_neuron_generalises_and_the_memoriser_does_not() {
    let run = TextRun::new(&Plan::default());
    stage::run(&run.task).unwrap();
    let facts = run.manifest().stats.unwrap().generalization.unwrap();
    let rows: Vec<GeneralizationRow> = run.table();
    assert_eq!(rows.len(), LAYERS as usize * NEURONS);
    let scored = run.words.iter().filter(|word| word.dropped.is_none());
    let count = |category: Option<&str>, seen: bool| {
        let is = |word: &&_| {
            let word: &selectron_tables::rows::TextWordRow = word;
            word.category.as_deref() == category && word.seen == seen
        };
        scored.clone().filter(is).count()
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
        assert_eq!((row.n_a as usize, row.n_b as usize), (facts.n_a, facts.n_b));
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
        (largest.neuron, largest.significant, largest.generalises),
        (3, true, false)
    );
}

#[test]
fn shown_neurons_have_intervals_thresholds_and_examples() {
    let text = "shuffles = 20\nresamples = 200\n\
                neurons = [{ layer = 1, neuron = 2 }, { layer = 1, neuron = 2 }]";
    let run = TextRun::new(&Plan {
        text: text.to_owned(),
        ..Plan::default()
    });
    stage::run(&run.task).unwrap();
    let facts = run.manifest().stats.unwrap();
    let text = facts.generalization.unwrap();
    assert_eq!(text.shown.len(), facts.selected.len() + 1);
    let named = text.shown.last().unwrap();
    assert_eq!((named.layer, named.neuron, named.selected), (1, 2, false));
    assert_eq!((named.category.as_str(), named.generalises), ("c0", true));
    let rows: Vec<GeneralizationRow> = run.table();
    assert_eq!(
        rows.iter().filter(|row| row.shown).count(),
        text.shown.len()
    );
    let row = rows
        .iter()
        .find(|row| (row.layer, row.neuron) == (1, 2))
        .unwrap();
    let width = |low: Option<f64>, high: Option<f64>| high.unwrap() - low.unwrap();
    let ratio = width(row.auc_boot_low, row.auc_boot_high) / width(row.auc_low, row.auc_high);
    assert!((0.6..1.5).contains(&ratio), "{ratio}");
    assert!(row.mcc.unwrap() > 0.7 && row.f1.unwrap() > 0.8, "{row:?}");
    let threshold = row.threshold.unwrap();
    assert!((0.3..1.3).contains(&threshold), "{threshold}");

    let examples: Vec<ExampleRow> = run.table();
    assert_eq!(examples.len(), 30 * text.shown.len());
    let of = |kind: &str| -> Vec<&ExampleRow> {
        let here = |row: &&ExampleRow| (row.layer, row.neuron) == (1, 2) && row.kind == kind;
        examples.iter().filter(here).collect()
    };
    for kind in ["most", "between", "least"] {
        let rows = of(kind);
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
        assert!(if kind == "least" { rising } else { falling }, "{kind}");
    }
    assert!(
        of("most")
            .iter()
            .all(|row| row.category.as_deref() == Some("c0"))
    );
    let lowest = of("most")[9].activation;
    assert!(of("between")[0].activation <= lowest);
    for row in &examples {
        assert!(row.before.chars().count() <= 60 && row.after.chars().count() <= 60);
        // The words of a document are separated by spaces, and some fall into two tokens.
        let line = format!("{}{}{}", row.before, row.token, row.after);
        assert!(line.contains(' ') && !line.contains("<bos>"), "{line}");
    }
}

#[test]
fn the_side_tables_say_what_they_should() {
    let run = TextRun::new(&Plan {
        categories: 3,
        words: 200,
        ..Plan::default()
    });
    stage::run(&run.task).unwrap();
    let facts = run.manifest().stats.unwrap();
    let text = facts.generalization.unwrap();
    let scored = run
        .words
        .iter()
        .filter(|word| word.dropped.is_none())
        .count();

    let means: Vec<UposMeanRow> = run.table();
    let first: i32 = means
        .iter()
        .filter(|row| (row.layer, row.neuron) == (0, 2))
        .map(|row| row.n)
        .sum();
    assert_eq!(first as usize, scored);
    let mean = |upos: &str| {
        means
            .iter()
            .find(|row| (row.layer, row.neuron, row.upos.as_str()) == (0, 2, upos))
            .unwrap()
            .mean
    };
    assert!(mean("UPOS0") > mean("UPOS1") + 1.0 && mean("UPOS0") > mean("PUNCT") + 1.0);

    let preferences: Vec<PreferenceRow> = run.table();
    let of = |neuron: i32| {
        preferences
            .iter()
            .find(|row| (row.layer, row.neuron) == (0, neuron))
            .unwrap()
    };
    let pair = |row: &PreferenceRow| (row.in_words.clone(), row.in_text.clone());
    let c0 = Some("c0".to_owned());
    assert_eq!(pair(of(2)), (c0.clone(), c0.clone()));
    assert_eq!(pair(of(3)), (c0.clone(), None));
    assert_eq!(pair(of(1)), (None, None));
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
        assert_eq!((row.top, row.neurons), (12, NEURONS as i32 - 1));
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
    let run = TextRun::new(&Plan {
        shuffled: true,
        text: "shuffles = 199\nresamples = 10\n".to_owned(),
        ..Plan::default()
    });
    stage::run(&run.task).unwrap();
    let facts = run.manifest().stats.unwrap().generalization.unwrap();
    let rows: Vec<GeneralizationRow> = run.table();
    for layer in &facts.layers {
        assert_eq!(layer.generalise, 0, "{layer:?}");
        let here = rows.iter().filter(|row| row.layer == layer.layer);
        let best = here.filter_map(|row| row.p_shuffled).fold(1.0, f64::min);
        assert!(best > 0.05, "{best}");
    }
}

#[test]
fn threads_and_parts_change_no_byte_and_all_but_the_shown_neurons_go() {
    let whole = TextRun::new(&Plan::default());
    stage::run(&whole.task).unwrap();
    let first = whole.hashes();
    assert_same_on_any_threads(&whole.task);

    let run = TextRun::new(&Plan {
        part: Some(77),
        ..Plan::default()
    });
    assert!(!stage::is_current(&run.task).unwrap());
    stage::run(&run.task).unwrap();
    let hashes = run.hashes();
    let differ: Vec<_> = first
        .iter()
        .filter(|(name, hash)| hashes.get(*name) != Some(hash))
        .collect();
    let names: Vec<_> = differ.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["manifest.json", "text_activations.parquet"]);

    let provenance = Provenance::new("test");
    let open = |run: &TextRun| {
        let path = run.task.run.table("text_activations");
        ActivationReader::open(path, Subject::Text, &provenance).unwrap()
    };
    let (all, some) = (open(&whole), open(&run));
    let facts = run.manifest().stats.unwrap();
    let mut kept: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for shown in &facts.generalization.unwrap().shown {
        kept.entry(shown.layer).or_default().push(shown.neuron);
    }
    assert_eq!(some.contents().len(), kept.len());
    for (layer, mut neurons) in kept {
        neurons.sort_unstable();
        assert_eq!(
            some.neurons(Site::MlpPre, layer).unwrap(),
            Some(neurons.clone())
        );
        let (all, some) = (
            all.read(Site::MlpPre, layer).unwrap(),
            some.read(Site::MlpPre, layer).unwrap(),
        );
        assert_eq!(all.keys, some.keys);
        for row in 0..all.rows() {
            let expected: Vec<f32> = neurons.iter().map(|n| all.row(row)[*n as usize]).collect();
            assert_eq!(some.row(row), expected);
        }
    }
    let file = &facts.artifacts["text_activations.parquet"];
    assert_eq!(Some(&file.sha256), hashes.get("text_activations.parquet"));
}

#[test]
fn a_narrowed_text_is_up_to_date_and_cannot_be_scored_again() {
    let plan = Plan {
        part: Some(100),
        ..Plan::default()
    };
    let run = TextRun::new(&plan);
    stage::run(&run.task).unwrap();
    let done = run.hashes();
    assert!(stage::is_current(&run.task).unwrap());
    stage::run(&run.task).unwrap();
    assert_eq!(run.hashes(), done);

    // Killed when the folder was half removed: the file that waits takes its place.
    let file = run.task.run.table("text_activations");
    let waiting = run.task.run.file(".text_activations.shown.parquet");
    std::fs::rename(&file, &waiting).unwrap();
    std::fs::create_dir(&file).unwrap();
    std::fs::write(file.join("part-00001.parquet"), "half").unwrap();
    assert!(stage::is_current(&run.task).unwrap());
    assert_eq!(run.hashes(), done);
    assert!(!waiting.exists());

    let forced = Task {
        force: true,
        ..run.task.clone()
    };
    let message = stage::run(&forced).unwrap_err().to_string();
    assert!(
        message.contains("the activations of all neurons were removed after scoring"),
        "{message}"
    );
    assert_eq!(run.hashes(), done);
    std::fs::write(&file, "damaged").unwrap();
    assert!(!stage::is_current(&run.task).unwrap());

    // A file of a run that did not finish takes no folder's place.
    let run = TextRun::new(&plan);
    std::fs::write(
        run.task.run.file(".text_activations.shown.parquet"),
        "other",
    )
    .unwrap();
    assert!(!stage::is_current(&run.task).unwrap());
    assert!(run.task.run.table("text_activations").is_dir());
    stage::run(&run.task).unwrap();
    assert_eq!(run.hashes(), done);
}

#[test]
fn a_text_without_words_of_both_categories_leaves_no_numbers() {
    let mut run = TextRun::new(&Plan {
        part: Some(100),
        ..Plan::default()
    });
    let provenance = Provenance::new("test");
    let path = run.task.run.table("generalization");
    selectron_tables::table::write_table::<GeneralizationRow>(&path, &provenance, &[]).unwrap();
    for word in &mut run.words {
        word.category = word.category.take().filter(|category| category == "c0");
    }
    selectron_tables::table::write_table(run.task.run.table("text_words"), &provenance, &run.words)
        .unwrap();
    let mut manifest = run.manifest();
    if let Some(facts) = &mut manifest.extract {
        facts.artifacts.remove("text_words.parquet");
    }
    manifest.save(&run.task.run).unwrap();
    stage::run(&run.task).unwrap();
    let facts = run.manifest().stats.unwrap();
    assert!(facts.generalization.is_none() && !path.exists());
    // The shown neurons are kept all the same.
    assert!(run.task.run.table("text_activations").is_file());
}

#[test]
fn a_neuron_that_is_not_there_is_a_mistake_in_the_pipeline() {
    let message = |neurons: &str| {
        let run = TextRun::new(&Plan {
            text: format!("neurons = [{neurons}]"),
            ..Plan::default()
        });
        stage::run(&run.task).unwrap_err().to_string()
    };
    let messages = [
        message("{ layer = 1, neuron = 24 }"),
        message("{ layer = 2, neuron = 0 }"),
        message("{ site = \"resid.post\", layer = 1, neuron = 0 }"),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

/// However little fits the memory, the numbers are those of the definition.
#[test]
fn words_are_the_reduction_of_their_tokens_in_memory_and_on_disk() {
    let run = TextRun::new(&Plan {
        part: Some(10),
        words: 60,
        ..Plan::default()
    });
    let provenance = Provenance::new("test");
    let words = TextWords::new(&run.task.pipeline, run.tokens.clone(), run.words.clone()).unwrap();
    let path = run.task.run.table("text_activations");
    let reader = ActivationReader::open(path, Subject::Text, &provenance).unwrap();
    let tokens = reader.read(Site::MlpPre, 1).unwrap();
    for how in ["first", "last", "mean", "max"] {
        let expected = |word: usize, neuron: usize| -> f32 {
            let values = words
                .tokens_of(word)
                .iter()
                .map(|token| tokens.row(*token)[neuron]);
            match how {
                "first" => values.clone().next().unwrap(),
                "last" => values.fold(0.0, |_, value| value),
                "max" => values.reduce(f32::max).unwrap(),
                _ => {
                    let sum: f64 = values.clone().map(f64::from).sum();
                    (sum / values.count() as f64) as f32
                }
            }
        };
        for bound in [0, 20 * words.len() * 4, usize::MAX] {
            let traces = Traces {
                reader: &reader,
                words: &words,
                reduce: how.parse().unwrap(),
                folder: run.task.run.path(),
                bound,
            };
            let mut layer = traces.read(Site::MlpPre, 1, &[5, 23]).unwrap();
            let (mut blocks, mut seen) = (0, 0);
            layer
                .blocks(|first, matrix| {
                    blocks += 1;
                    for (neuron, row) in (first..).zip(matrix.chunks_exact(words.len())) {
                        let found: Vec<f32> = row.to_vec();
                        let all = 0..words.len();
                        assert_eq!(
                            found,
                            all.map(|word| expected(word, neuron)).collect::<Vec<_>>()
                        );
                        seen += 1;
                    }
                    Ok(())
                })
                .unwrap();
            assert_eq!(
                (blocks, seen),
                (if bound == usize::MAX { 1 } else { 2 }, NEURONS)
            );
            for (column, neuron) in layer.columns.iter().zip([5, 23]) {
                let all: Vec<f32> = (0..tokens.rows())
                    .map(|row| tokens.row(row)[neuron])
                    .collect();
                assert_eq!(*column, all);
            }
        }
    }
}
