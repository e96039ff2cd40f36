//! Another GPT-Neo, of other width, depth, heads, window and tokenizer: our t-values against those
//! that transformers and SciPy find, for every kind of presentation and reduction.
//!
//! `tests/reference/end_to_end/make_tvalues.py` made the model and the expected values.

use selectron_tables::Provenance;
use selectron_tables::rows::TValueRow;
use selectron_tables::table::read_table;
use selectron_tests::{Experiment, root};

fn compare(name: &str, presentation: &str, reduce: &str) {
    let experiment = Experiment::new();
    experiment.replace("pipeline.toml", "\"bos-space\"", presentation);
    experiment.replace("pipeline.toml", "\"last\"", reduce);
    for backend in ["flex", "ndarray"] {
        experiment.run_all(&["--backend", backend]);
        let path = root().join(format!("tests/reference/end_to_end/{name}.json"));
        let expected: serde_json::Value =
            serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let provenance = Provenance::new("small");
        let rows: Vec<TValueRow> =
            read_table(experiment.path("run/tvalues.parquet"), &provenance).unwrap();
        assert_eq!(rows.len(), 3 * 40);
        for row in rows {
            let place = |key: &str| &expected[key][row.layer][row.neuron];
            let t = place("t").as_f64().unwrap();
            let ours = row.t.unwrap();
            // Relative for large t; where t is near 0, float32 activations decide its digits.
            let error = (ours - t).abs() / t.abs().max(1.0);
            assert!(error < 1e-5, "{name} {backend} {row:?}: {ours} for {t}");
            assert_eq!(
                row.significant,
                place("significant").as_bool().unwrap(),
                "{row:?}"
            );
        }
        assert!(
            expected["longest_sequence"].as_u64() > Some(5),
            "must reach past the window"
        );
    }
}

#[test]
fn bare_words_and_the_mean() {
    compare("bare-mean", "\"bare\"", "\"mean\"");
}

#[test]
fn bos_and_space_and_the_last_token() {
    compare("bos-space-last", "\"bos-space\"", "\"last\"");
}

#[test]
fn a_space_and_the_first_token() {
    compare("space-first", "\"space\"", "\"first\"");
}

#[test]
fn bos_and_the_maximum() {
    compare("bos-max", "\"bos\"", "\"max\"");
}

#[test]
fn a_carrier_and_the_mean() {
    compare(
        "carrier-mean",
        "{ carrier = \"The very first {word}\" }",
        "\"mean\"",
    );
}
