//! The whole stage on a small run directory.

// What serves several tests is no test itself, and the exception for tests does not reach it.
#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_same_on_any_threads, hashes, words};
use selectron_run::manifest::{Manifest, artifact};
use selectron_run::stage::Task;
use selectron_run::{Pipeline, RunDir, Site};
use selectron_stats::stage;
use selectron_tables::activations::{ActivationWriter, Block, Content, Subject};
use selectron_tables::rows::{
    BalanceRow, ControlRow, LeaveOneOutRow, NullRow, ReliabilityRow, TValueRow, WordRow,
};
use selectron_tables::table::{Provenance, read_table, write_table};
use std::path::Path;

/// A run directory as the extract stage leaves it: `sizes` words of each category, two layers of
/// `neurons` neurons, of which the first hardly varies, the second does not, and the third tells A
/// from B.
struct Run {
    _folder: tempfile::TempDir,
    task: Task,
}

impl Run {
    fn new(sizes: &[usize], test: &str) -> Self {
        let rows = words(sizes);
        let items: Vec<_> = (0..rows.len() as i32).collect();
        Self::with(sizes, test, &rows, &items)
    }

    fn with(sizes: &[usize], test: &str, rows: &[WordRow], items: &[i32]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pipeline = common::pipeline(sizes.len(), test);
        let run = RunDir::new(folder.path().join("run"));
        run.create().unwrap();
        let provenance = Provenance::new(&pipeline.name);
        write_table(run.table("words"), &provenance, rows).unwrap();
        let path = run.table("activations");
        let mut writer = ActivationWriter::create(
            &path,
            Subject::Words,
            &provenance,
            Content::All(Some(NEURONS)),
        )
        .unwrap();
        for layer in 0..2 {
            let values = items
                .iter()
                .flat_map(|item| activations(*item, layer, sizes[0]));
            let values = values.collect();
            let keys = vec![items.to_owned()];
            let block = Block {
                site: Site::MlpPre,
                layer,
                keys,
                width: NEURONS,
                values,
            };
            writer.write(block).unwrap();
        }
        writer.close().unwrap();
        let mut manifest = Manifest::new(&pipeline);
        manifest.extract = Some(extract_facts(&pipeline, &run));
        manifest.save(&run).unwrap();
        let task = Task {
            pipeline,
            run,
            home: None,
            force: false,
        };
        Self {
            _folder: folder,
            task,
        }
    }

    fn tvalues(&self) -> Vec<TValueRow> {
        let provenance = Provenance::new(&self.task.pipeline.name);
        read_table(self.task.run.table("tvalues"), &provenance).unwrap()
    }

    fn manifest(&self) -> Manifest {
        Manifest::load(&self.task.run, &self.task.pipeline).unwrap()
    }
}

const NEURONS: usize = 24;

fn activations(item: i32, layer: i32, size_a: usize) -> Vec<f32> {
    let noise = |neuron: usize| {
        let seed = f64::from(item) * 12.9898 + neuron as f64 * 78.233 + f64::from(layer) * 37.719;
        (seed.sin() * 43_758.547).fract() as f32
    };
    let is_a = (item as usize) < size_a;
    (0..NEURONS)
        .map(|neuron| match neuron {
            0 => 1.0 + 1e-6 * noise(0),
            1 => 0.1,
            2 => noise(2) + if is_a { 3.0 } else { 0.0 },
            _ => noise(neuron),
        })
        .collect()
}

fn extract_facts(pipeline: &Pipeline, run: &RunDir) -> selectron_run::manifest::ExtractFacts {
    let categories: Vec<_> = pipeline
        .category
        .iter()
        .map(|category| {
            serde_json::json!({
                "name": category.name, "list": category.words, "sha256": "", "listed": 0,
                "considered": 0, "used": 0, "split": 0, "dropped": [],
            })
        })
        .collect();
    let mut facts: selectron_run::manifest::ExtractFacts =
        serde_json::from_value(serde_json::json!({
            "model": {
                "name": "m", "family": "gpt_neo", "layers": 2, "hidden": 8, "neurons": NEURONS,
                "context": 8, "files": {},
            },
            "backend": { "name": "flex", "adapter": null },
            "sites": ["mlp.pre"], "layers": [0, 1],
            "presentation": "bos-space", "reduce": "last",
            "categories": categories, "pairs": 0, "text": null, "artifacts": {},
        }))
        .unwrap();
    for table in ["words", "activations"] {
        facts
            .artifacts
            .extend([artifact(run, &format!("{table}.parquet"), None).unwrap()]);
    }
    facts
}

#[test]
fn an_undefined_neuron_is_null_and_counted_and_the_planted_one_selected() {
    let run = Run::new(&[20, 20], "nulls = 20");
    stage::run(&run.task).unwrap();
    let rows = run.tvalues();
    assert_eq!(rows.len(), 2 * NEURONS);
    for row in &rows {
        let undefined = row.neuron == 1;
        let numbers = [
            row.t,
            row.p,
            row.log10_p,
            row.p_adjusted,
            row.p_max_t,
            row.cohen_d,
        ];
        assert!(numbers.iter().all(|x| x.is_none() == undefined), "{row:?}");
        assert!(numbers.iter().flatten().all(|x| x.is_finite()), "{row:?}");
        assert_eq!(row.significant, row.prefers.is_some());
        // A tiny but honest variance is a variance.
        assert_eq!(row.t.is_some(), row.neuron != 1);
    }
    let facts = run.manifest().stats.unwrap();
    for counts in &facts.layers {
        assert_eq!((counts.tests, counts.undefined), (NEURONS, 1));
        assert_eq!(
            counts.a + counts.b + counts.neither + counts.undefined,
            NEURONS
        );
        assert!(counts.a >= 1);
    }
    let [largest, smallest] = facts.selected.as_slice() else {
        panic!("{:?}", facts.selected)
    };
    assert_eq!(
        (
            largest.neuron,
            largest.category.as_str(),
            largest.significant
        ),
        (2, "c0", true)
    );
    assert_eq!(smallest.category, "c1");
    assert!(largest.t > smallest.t);
    assert_eq!(facts.artifacts.len(), 5);
    // Dealt out at random, the words give nothing like the planted neurons.
    let nulls = facts.nulls.unwrap();
    assert!(
        nulls.observed >= 2 && nulls.mean < 1.0 && nulls.p < 0.1,
        "{nulls:?}"
    );
}

/// The tables that put the numbers in proportion.
#[test]
fn the_side_tables_say_what_they_should() {
    let run = Run::new(&[20, 20, 20], "nulls = 20");
    stage::run(&run.task).unwrap();
    let provenance = Provenance::new(&run.task.pipeline.name);
    let facts = run.manifest().stats.unwrap();

    let balance: Vec<BalanceRow> = read_table(run.task.run.table("balance"), &provenance).unwrap();
    assert_eq!(
        balance.len(),
        15,
        "five properties of A-B, A-control and B-control"
    );
    let row = |property: &str| {
        balance
            .iter()
            .find(|row| row.property.name() == property)
            .unwrap()
    };
    assert_eq!(
        (row("log_rank").mean_diff, row("log_rank").differs),
        (0.0, false)
    );
    assert_eq!((row("capitals").t, row("capitals").differs), (None, false));
    assert!(facts.unbalanced.is_empty());

    let left_out: Vec<LeaveOneOutRow> =
        read_table(run.task.run.table("leave_one_out"), &provenance).unwrap();
    assert_eq!(
        left_out.len(),
        40,
        "each of 20 pairs for each of two neurons"
    );
    for one in &facts.leave_one_out {
        let t = || {
            left_out
                .iter()
                .filter(|row| row.neuron == one.neuron && row.layer == one.layer)
        };
        assert!(t().all(|row| row.t.unwrap() >= one.smallest && row.t.unwrap() <= one.largest));
        // Leaving out one pair of twenty moves t, but not far; all but one pair support it.
        assert!(one.smallest < one.t && one.t < one.largest, "{one:?}");
        let support = |t: f64| t * one.t.signum();
        let least = t()
            .map(|row| support(row.t.unwrap()))
            .fold(f64::INFINITY, f64::min);
        let (word, partner) = one.hangs_on.split_once('/').unwrap();
        let row = t().find(|row| row.word == word).unwrap();
        assert_eq!(row.partner.as_deref(), Some(partner));
        assert_eq!(support(row.t.unwrap()), least);
    }

    // The controls are drawn like B, so the planted neuron beats them; it is the only one that
    // must.
    let controls: Vec<ControlRow> =
        read_table(run.task.run.table("controls"), &provenance).unwrap();
    let planted: Vec<_> = controls.iter().filter(|row| row.neuron == 2).collect();
    assert_eq!(planted.len(), 2);
    assert!(
        planted
            .iter()
            .all(|row| row.beats && row.prefers == "c0" && row.control == "c2")
    );

    let reliability: Vec<ReliabilityRow> =
        read_table(run.task.run.table("reliability"), &provenance).unwrap();
    assert_eq!(reliability.len(), 2);
    for row in reliability {
        let [low, middle, high] =
            [row.lowest, row.correlation, row.highest].map(|correlation| correlation.unwrap());
        assert!(-1.0 <= low && low <= middle && middle <= high && high <= 1.0);
        // One planted neuron of 23 outweighs the noise of the others.
        assert!(middle > 0.5, "{middle}");
    }

    let nulls: Vec<NullRow> = read_table(run.task.run.table("nulls"), &provenance).unwrap();
    assert_eq!(nulls.len(), 2 * 21);
    let observed: i32 = nulls
        .iter()
        .filter(|row| row.draw.is_none())
        .map(|row| row.significant)
        .sum();
    assert_eq!(observed as usize, facts.nulls.unwrap().observed);
}

#[test]
fn a_second_run_has_nothing_to_do_and_threads_change_no_byte() {
    let run = Run::new(
        &[12, 12],
        "correction = \"max-t\"\npermutations = 500\nnulls = 10",
    );
    stage::run(&run.task).unwrap();
    let modified = std::fs::metadata(run.task.run.table("tvalues"))
        .unwrap()
        .modified()
        .unwrap();
    stage::run(&run.task).unwrap();
    let again = std::fs::metadata(run.task.run.table("tvalues"))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(modified, again);
    assert_same_on_any_threads(&run.task);
}

#[test]
fn every_statistic_correction_and_family_runs_and_corrections_are_in_order() {
    let all = "statistic = [\"paired-t\", \"welch-t\", \"student-t\", \"rank-sum\", \
               \"signed-rank\", \"logit\", \"anova\", \"kruskal\"]";
    for correction in ["none", "bonferroni", "holm", "hochberg", "bh", "by"] {
        for family in ["layer", "site", "all"] {
            let test = format!(
                "{all}\ncorrection = \"{correction}\"\nfamily = \"{family}\"\n\
                 permutations = 99\nnulls = 3"
            );
            let run = Run::new(&[10, 10, 14], &test);
            stage::run(&run.task).unwrap();
            let rows = run.tvalues();
            assert_eq!(rows.len(), 8 * 2 * NEURONS);
            for row in rows.iter().filter(|row| row.p.is_some()) {
                let value = |p: Option<f64>| p.unwrap();
                assert!(value(row.p_bonferroni) >= value(row.p_holm));
                assert!(value(row.p_holm) >= value(row.p_hochberg));
                assert!(value(row.p_hochberg) >= value(row.p_bh));
                assert!(value(row.p_by) >= value(row.p_bh));
                assert!(value(row.p_bh) >= value(row.p));
                assert_eq!(row.p_max_t.is_none(), row.statistic == "logit");
                assert_eq!(row.converged.is_some(), row.statistic == "logit");
                assert_eq!(row.significant, value(row.p_adjusted) <= 0.05);
            }
            let facts = run.manifest().stats.unwrap();
            assert_eq!(facts.layers.len(), 16);
            assert!(!facts.controls.is_empty());
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_the_outputs_alone() {
    let message = |run: &Run| stage::run(&run.task).unwrap_err().to_string();
    let unpaired: Vec<_> = words(&[4, 4])
        .into_iter()
        .map(|word| WordRow { pair: None, ..word })
        .collect();
    let eight = [0, 1, 2, 3, 4, 5, 6, 7];
    let doubled = [0, 1, 2, 3, 4, 5, 6, 7, 7];
    let mut messages = vec![
        message(&Run::with(&[4, 4], "", &unpaired, &eight)),
        message(&Run::with(&[4, 4], "", &words(&[4, 4]), &eight[..7])),
        message(&Run::with(&[4, 4], "", &words(&[4, 4]), &doubled)),
        message(&Run::with(&[4, 4], "", &words(&[4, 0]), &eight[..4])),
        message(&Run::new(
            &[4, 4],
            "statistic = \"logit\"\ncorrection = \"max-t\"",
        )),
    ];
    let mut run = Run::new(&[6, 6], "");
    stage::run(&run.task).unwrap();
    let before = hashes(&run.task.run);
    run.task.pipeline.record.layers = "1".parse().unwrap();
    messages.push(message(&run));
    run.task.pipeline.name = "other".to_owned();
    messages.push(message(&run));
    assert_eq!(hashes(&run.task.run), before);
    let folder = run
        .task
        .run
        .path()
        .parent()
        .unwrap_or(Path::new(""))
        .display()
        .to_string();
    insta::assert_snapshot!(messages.join("\n").replace(&folder, "FOLDER"));
}
