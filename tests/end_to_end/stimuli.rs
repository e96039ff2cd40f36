//! Words that are matched, and simulated activations.

use selectron_run::vocabulary::PositionContrast;
use selectron_tables::Provenance;
use selectron_tables::rows::{BalanceRow, PositionRow, TValueRow};
use selectron_tables::table::read_table;
use selectron_tests::{files, manifest, root};
use std::path::Path;

fn run_all(pipeline: &str, folder: &Path) {
    let lists = root().join("pipelines/stimuli");
    let pipeline = pipeline.replace("stimuli/", &format!("{}/", lists.display()));
    let path = folder.join("pipeline.toml");
    std::fs::write(&path, pipeline).unwrap();
    selectron_tests::run_all(&path, &folder.join("run"), &[]);
}

#[test]
fn matched_words_are_balanced_where_the_first_hundred_are_not() {
    let unmatched = std::fs::read_to_string(root().join("pipelines/grammar.toml")).unwrap();
    let matched = unmatched
        .replace(
            "exclude_shared = true",
            "match = [\"tokens\", \"rank\", \"characters\"]",
        )
        .replace("limit = 100", "limit = 200");
    let differing = |pipeline: &str| {
        let folder = tempfile::tempdir().unwrap();
        run_all(pipeline, folder.path());
        let provenance = Provenance::new("grammar");
        let path = folder.path().join("run/balance.parquet");
        let rows: Vec<BalanceRow> = read_table(path, &provenance).unwrap();
        let pairs = manifest(&folder.path().join("run"))["extract"]["pairs"]
            .as_u64()
            .unwrap();
        let differing: Vec<_> = rows
            .into_iter()
            .filter(|row| row.differs)
            .map(|row| row.property.name())
            .collect();
        (pairs, differing)
    };
    assert_eq!(differing(&unmatched).1, ["characters", "log_rank"]);
    let (pairs, differing) = differing(&matched);
    assert!(pairs >= 60, "{pairs} pairs");
    assert!(differing.is_empty(), "{differing:?}");
}

#[test]
fn position_alone_is_told_by_many_neurons() {
    let pipeline = std::fs::read_to_string(root().join("pipelines/grammar-faithful.toml")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    run_all(&pipeline, folder.path());
    let path = folder.path().join("run/position.parquet");
    let rows: Vec<PositionRow> = read_table(path, &Provenance::new("grammar-faithful")).unwrap();
    let found: Vec<_> = rows.iter().map(|row| (row.layer, row.contrast)).collect();
    assert_eq!(
        found,
        PositionContrast::ALL
            .iter()
            .map(|contrast| (4, *contrast))
            .collect::<Vec<_>>()
    );
    // A position embedding is in the stream.
    assert!(
        rows.iter()
            .all(|row| row.significant * 4 > row.tests && row.words == 100)
    );
}

#[test]
fn a_simulation_is_found_out() {
    let pipeline = |seed: u64| {
        format!(
            "name = \"simulated\"\nseed = {seed}\n[model]\nsource = \"simulate\"\n\
             [simulate]\nlayers = 2\nneurons = 1000\nshare = 0.2\neffect = 1.0\n\
             [[category]]\nname = \"noun\"\nwords = \"stimuli/nouns.txt\"\nlimit = 100\n\
             [[category]]\nname = \"verb\"\nwords = \"stimuli/verbs.txt\"\nlimit = 100\n\
             [test]\ncorrection = \"bh\"\nnulls = 20\n"
        )
    };
    let (mut false_ones, mut found) = (0, 0);
    for seed in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        run_all(&pipeline(seed), folder.path());
        let path = folder.path().join("run/tvalues.parquet");
        let rows: Vec<TValueRow> = read_table(path, &Provenance::new("simulated")).unwrap();
        assert_eq!(rows.len(), 2000);
        for row in rows.iter().filter(|row| row.significant) {
            let truth = match row.neuron {
                0..100 => Some("noun"),
                100..200 => Some("verb"),
                _ => None,
            };
            found += 1;
            false_ones += usize::from(row.prefers.as_deref() != truth);
        }
        assert!(files(&folder.path().join("run")).contains_key(Path::new("report.html")));
    }
    // Power at d_z = 1 / sqrt 2 with 100 pairs is above 0.999 for the level that 200 discoveries of
    // 1,000 tests imply; the false-discovery rate is at most 0.05 x 0.8, here within five binomial
    // standard errors over 1,600 discoveries.
    assert!((1590..=1800).contains(&found), "{found} of 1,600");
    assert!(
        false_ones as f64 / f64::from(found) < 0.04 + 5.0 * 0.005,
        "{false_ones} false"
    );
}
