//! The whole stage on a small run directory.

use crate::common::{assert_same_on_any_threads, words};
use selectron_run::pipeline::Statistic;
use selectron_run::vocabulary::Property;
use selectron_run::{NeuronId, Table};
use selectron_stats::stage;
use selectron_tables::Provenance;
use selectron_tables::rows::{
    BalanceRow, ControlRow, LeaveOneOutRow, NullRow, OfNeuron, ReliabilityRow, TValueRow, WordRow,
};
use selectron_tables::table::write_table;
use selectron_testkit::{RunBuilder, TestRun, noise, pipeline_of};

const NEURONS: usize = 24;

/// A run directory as the extract stage leaves it: `sizes` words of each category, two layers of
/// neurons, of which the first hardly varies, the second does not, and the third tells A from B.
fn run_of(sizes: &[usize], test: &str) -> TestRun {
    let rows = words(sizes);
    let items: Vec<_> = (0..rows.len()).collect();
    run_with(sizes, test, rows, &items)
}

fn run_with(sizes: &[usize], test: &str, rows: Vec<WordRow>, items: &[usize]) -> TestRun {
    let size_a = sizes[0];
    RunBuilder::new(&pipeline_of(sizes.len(), &format!("[test]\n{test}")))
        .neurons(NEURONS)
        .words(rows)
        .items(items)
        .activations(move |item, id| activation(item, id, item < size_a))
        .write()
}

fn activation(item: usize, id: NeuronId, is_a: bool) -> f32 {
    match id.neuron {
        0 => 1.0 + 1e-6 * noise(item, id),
        1 => 0.1,
        2 => noise(item, id) + if is_a { 3.0 } else { 0.0 },
        _ => noise(item, id),
    }
}

#[test]
fn an_undefined_neuron_is_null_and_counted_and_the_planted_one_selected() {
    let run = run_of(&[20, 20], "nulls = 20");
    stage::run(run.task()).unwrap();
    let rows = run.table::<TValueRow>();
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
            largest.id.neuron,
            largest.category.as_str(),
            largest.significant
        ),
        (2, "c0", true)
    );
    assert_eq!(smallest.category, "c1");
    assert!(largest.t > smallest.t);
    assert_eq!(facts.artifacts.len(), 5);
    // With signs flipped at random, the words give nothing like the planted neurons.
    let nulls = facts.nulls.unwrap();
    assert!(
        nulls.observed >= 2 && nulls.mean < 1.0 && nulls.p < 0.1,
        "{nulls:?}"
    );
}

/// The tables that put the numbers in proportion.
#[test]
fn the_side_tables_say_what_they_should() {
    let run = run_of(&[20, 20, 20], "nulls = 20");
    stage::run(run.task()).unwrap();
    let facts = run.manifest().stats.unwrap();

    let balance: Vec<BalanceRow> = run.table();
    assert_eq!(
        balance.len(),
        15,
        "five properties of A-B, A-control and B-control"
    );
    let row = |property: Property| balance.iter().find(|row| row.property == property).unwrap();
    assert_eq!(
        (
            row(Property::LogRank).mean_diff,
            row(Property::LogRank).differs
        ),
        (0.0, false)
    );
    assert_eq!(
        (row(Property::Capitals).t, row(Property::Capitals).differs),
        (None, false)
    );
    assert!(facts.unbalanced.is_empty());

    let left_out: Vec<LeaveOneOutRow> = run.table();
    assert_eq!(
        left_out.len(),
        40,
        "each of 20 pairs for each of two neurons"
    );
    for facts in &facts.leave_one_out {
        let t = || left_out.iter().filter(|row| row.id() == facts.id);
        assert!(t().all(|row| row.t.unwrap() >= facts.smallest && row.t.unwrap() <= facts.largest));
        // Leaving out one pair of twenty moves t, but not far; all but one pair support it.
        assert!(
            facts.smallest < facts.t && facts.t < facts.largest,
            "{facts:?}"
        );
        let support = |t: f64| t * facts.t.signum();
        let least = t()
            .map(|row| support(row.t.unwrap()))
            .fold(f64::INFINITY, f64::min);
        let (word, partner) = facts.hangs_on.split_once('/').unwrap();
        let row = t().find(|row| row.word == word).unwrap();
        assert_eq!(row.partner.as_deref(), Some(partner));
        assert_eq!(support(row.t.unwrap()), least);
    }

    // The controls are drawn like B, so the planted neuron beats them; it is the only one that
    // must.
    let controls: Vec<ControlRow> = run.table();
    let planted: Vec<_> = controls.iter().filter(|row| row.neuron == 2).collect();
    assert_eq!(planted.len(), 2);
    assert!(
        planted
            .iter()
            .all(|row| row.beats && row.prefers == "c0" && row.control == "c2")
    );

    let reliability: Vec<ReliabilityRow> = run.table();
    assert_eq!(reliability.len(), 2);
    for row in reliability {
        let [low, middle, high] =
            [row.lowest, row.correlation, row.highest].map(|correlation| correlation.unwrap());
        assert!(-1.0 <= low && low <= middle && middle <= high && high <= 1.0);
        // One planted neuron of 23 outweighs the noise of the others.
        assert!(middle > 0.5, "{middle}");
    }

    let nulls: Vec<NullRow> = run.table();
    assert_eq!(nulls.len(), 2 * 21);
    let observed: usize = nulls
        .iter()
        .filter(|row| row.draw.is_none())
        .map(|row| row.significant)
        .sum();
    assert_eq!(observed, facts.nulls.unwrap().observed);
}

#[test]
fn a_second_run_has_nothing_to_do_and_threads_change_no_byte() {
    let run = run_of(
        &[12, 12],
        "correction = \"max-t\"\npermutations = 500\nnulls = 10",
    );
    let modified = || {
        let path = run.run().table(Table::TValues);
        std::fs::metadata(path).unwrap().modified().unwrap()
    };
    stage::run(run.task()).unwrap();
    let first = modified();
    stage::run(run.task()).unwrap();
    assert_eq!(modified(), first);
    assert_same_on_any_threads(run.task());
}

#[test]
fn what_is_missing_or_damaged_is_made_again() {
    let run = run_of(&[8, 8], "nulls = 5");
    stage::run(run.task()).unwrap();
    let done = run.hashes();
    std::fs::remove_file(run.run().table(Table::Nulls)).unwrap();
    stage::run(run.task()).unwrap();
    assert_eq!(run.hashes(), done);
    std::fs::write(run.run().table(Table::TValues), "damaged").unwrap();
    stage::run(run.task()).unwrap();
    assert_eq!(run.hashes(), done);
}

/// A folder where a table belongs makes the stage fail after its units have been done.
#[test]
fn an_interrupted_run_goes_on_with_the_units_that_are_whole() {
    let whole = run_of(&[8, 8], "nulls = 5");
    stage::run(whole.task()).unwrap();

    let run = run_of(&[8, 8], "nulls = 5");
    let obstacle = run.run().table(Table::Reliability);
    std::fs::create_dir_all(obstacle.join("folder")).unwrap();
    stage::run(run.task()).unwrap_err();
    let units = run.run().file(".units/stats");
    let folder = std::fs::read_dir(&units).unwrap().next().unwrap().unwrap();
    let of_layer_1 = folder.path().join("00001.words");
    let kept = std::fs::metadata(folder.path().join("00000.words")).unwrap();
    assert!(of_layer_1.exists() && kept.len() > 1000);
    std::fs::write(&of_layer_1, "damaged").unwrap();

    std::fs::remove_dir_all(&obstacle).unwrap();
    stage::run(run.task()).unwrap();
    assert!(!run.run().file(".units").exists());
    assert_eq!(run.hashes(), whole.hashes());
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
            let run = run_of(&[10, 10, 14], &test);
            stage::run(run.task()).unwrap();
            let rows = run.table::<TValueRow>();
            assert_eq!(rows.len(), 8 * 2 * NEURONS);
            for row in rows.iter().filter(|row| row.p.is_some()) {
                let value = |p: Option<f64>| p.unwrap();
                assert!(value(row.p_bonferroni) >= value(row.p_holm));
                assert!(value(row.p_holm) >= value(row.p_hochberg));
                assert!(value(row.p_hochberg) >= value(row.p_bh));
                assert!(value(row.p_by) >= value(row.p_bh));
                assert!(value(row.p_bh) >= value(row.p));
                assert_eq!(row.p_max_t.is_none(), row.statistic == Statistic::Logit);
                assert_eq!(row.converged.is_some(), row.statistic == Statistic::Logit);
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
    let message = |run: &TestRun| {
        let message = stage::run(run.task()).unwrap_err().to_string();
        let folder = run.pipeline_path().parent().unwrap().display().to_string();
        message.replace(&folder, "FOLDER")
    };
    let unpaired = words(&[4, 4])
        .into_iter()
        .map(|word| WordRow { pair: None, ..word })
        .collect();
    let eight = [0, 1, 2, 3, 4, 5, 6, 7];
    let doubled = [0, 1, 2, 3, 4, 5, 6, 7, 7];
    let mut messages = vec![
        message(&run_with(&[4, 4], "", unpaired, &eight)),
        message(&run_with(&[4, 4], "", words(&[4, 4]), &eight[..7])),
        message(&run_with(&[4, 4], "", words(&[4, 4]), &doubled)),
        message(&run_with(&[4, 4], "", words(&[4, 0]), &eight[..4])),
        message(&run_of(
            &[4, 4],
            "statistic = \"logit\"\ncorrection = \"max-t\"",
        )),
    ];
    let mut run = run_of(&[6, 6], "");
    stage::run(run.task()).unwrap();
    let before = run.hashes();
    run.set_pipeline(&pipeline_of(2, "[record]\nlayers = [1]"));
    messages.push(message(&run));
    run.set_pipeline(&pipeline_of(2, "").replace("\"test\"", "\"other\""));
    messages.push(message(&run));
    assert_eq!(run.hashes(), before);
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn a_table_that_has_changed_is_named_with_the_pipeline_that_it_belongs_to() {
    let message = |run: &TestRun| stage::run(run.task()).unwrap_err().to_string();
    let run = run_of(&[4, 4], "");
    let path = run.run().table(Table::Words);
    write_table(&path, &Provenance::new("other"), &words(&[4, 4])).unwrap();
    let expected = "words.parquet: belongs to the pipeline `other`, not to `test`";
    assert!(message(&run).contains(expected), "{}", message(&run));

    let mut changed = words(&[4, 4]);
    changed.swap(0, 1);
    write_table(&path, &run.provenance(), &changed).unwrap();
    let expected = "words.parquet: the file has changed since its stage wrote it";
    assert!(message(&run).contains(expected), "{}", message(&run));
}
