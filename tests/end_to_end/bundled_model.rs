//! The pipelines that ship, on the bundled model.

use selectron_run::Stage;
use selectron_tests::{files, manifest, root, stage_command};
use serde_json::Value;
use std::path::Path;

fn run_all(pipeline: &str, out: &Path, flags: &[&str]) {
    let pipeline = root().join("pipelines").join(pipeline);
    selectron_tests::run_all(&pipeline, out, flags);
}

fn sum(stats: &Value, key: &str) -> u64 {
    let layers = stats["layers"].as_array().unwrap();
    layers
        .iter()
        .map(|layer| layer[key].as_u64().unwrap())
        .sum()
}

/// The model card says what transformers and SciPy found with the original's choices.
#[test]
fn the_faithful_settings_find_what_the_model_card_says() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    run_all("grammar-faithful.toml", &out, &["--layers", "all"]);
    let stats = &manifest(&out)["stats"];
    assert_eq!(
        (sum(stats, "a"), sum(stats, "b"), sum(stats, "tests")),
        (229, 150, 6144)
    );
    let [largest, smallest] = stats["selected"].as_array().unwrap().as_slice() else {
        panic!("two neurons are selected");
    };
    assert_eq!(
        (&largest["layer"], &largest["neuron"]),
        (&1.into(), &701.into())
    );
    assert!((largest["t"].as_f64().unwrap() - 8.37).abs() < 0.005);
    assert_eq!(
        (&smallest["layer"], &smallest["neuron"]),
        (&2.into(), &764.into())
    );
    assert!((smallest["t"].as_f64().unwrap() + 7.83).abs() < 0.005);
}

#[test]
fn the_default_pipeline_leaves_everything_the_contract_names() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    run_all("grammar.toml", &out, &[]);
    let found = files(&out);
    for name in [
        "words.parquet",
        "activations.parquet",
        "tokens.parquet",
        "text_activations.parquet",
        "shown_activations.parquet",
        "tvalues.parquet",
        "manifest.json",
        "report.html",
    ] {
        assert!(found.contains_key(Path::new(name)), "{name} is missing");
    }
    let of_kind = |extension: &str| {
        let mut names: Vec<_> = found
            .keys()
            .filter(|name| name.extension().is_some_and(|found| found == extension))
            .map(|name| name.with_extension(""))
            .collect();
        names.sort();
        names
    };
    assert!(of_kind("svg").len() >= 8);
    assert_eq!(
        of_kind("svg"),
        of_kind("png"),
        "each figure comes as SVG and as PNG"
    );

    // No file of the run may tell where or for whom it was made.
    let root = root().display().to_string();
    let home = std::env::var("HOME").unwrap_or_else(|_| "/root".to_owned());
    for (name, content) in &found {
        for secret in [
            root.as_str(),
            folder.path().to_str().unwrap(),
            &format!("{home}/"),
        ] {
            let holds = content
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!holds, "{} contains {secret}", name.display());
        }
    }

    // Every file is in the manifest, by its hash.
    let manifest = manifest(&out);
    let listed: usize = Stage::ALL
        .iter()
        .map(|stage| {
            manifest[stage.name()]["artifacts"]
                .as_object()
                .unwrap()
                .len()
        })
        .sum();
    assert_eq!(listed + 1, found.len(), "all but the manifest itself");
}

#[test]
fn the_original_model_says_how_to_get_it_when_it_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = root().join("pipelines/gpt-neo-125m.toml");
    let output = stage_command(Stage::Extract, &pipeline, folder.path())
        .env("HF_HUB_CACHE", folder.path().join("cache"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.starts_with(
            "error: model `hub:EleutherAI/gpt-neo-125m`: it is not in the local Hugging Face cache"
        ),
        "{message}"
    );
    assert!(message.contains("fetch"), "{message}");
}
