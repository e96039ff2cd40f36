//! Every kind of bad input gets one clear sentence with place and remedy, exit code 1 or 2, and
//! leaves earlier outputs as they were.

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use selectron_run::Stage;
use selectron_tests::{Experiment, files};
use std::collections::BTreeMap;

/// Runs a sound experiment, breaks it, and runs `stage` again: the message is returned, and nothing
/// in the run directory may have changed.
fn message_after(stage: Stage, flags: &[&str], break_it: impl FnOnce(&Experiment)) -> String {
    let experiment = Experiment::new();
    experiment.run_all(&[]);
    break_it(&experiment);
    let before = files(&experiment.path("run"));
    let outcome = experiment.stage(stage, flags);
    assert!(
        matches!(outcome.code, Some(1 | 2)),
        "exit code {:?}",
        outcome.code
    );
    assert!(
        files(&experiment.path("run")) == before,
        "an output has changed"
    );
    let message = outcome.stderr.trim_end().to_owned();
    assert!(message.starts_with("error: "), "{message}");
    assert!(!message.contains("panicked"), "{message}");
    let folder = experiment.path("").display().to_string();
    message.replace(&folder, "<folder>/")
}

fn after(break_it: impl FnOnce(&Experiment)) -> String {
    message_after(Stage::Extract, &[], break_it)
}

/// Rewrites the small model's weights.
fn reweigh(experiment: &Experiment, change: impl Fn(&str, &mut Dtype, &mut Vec<usize>) -> bool) {
    let path = experiment.path("model/model.safetensors");
    let bytes = std::fs::read(&path).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let mut kept = BTreeMap::new();
    for (name, view) in tensors.tensors() {
        let (mut dtype, mut shape) = (view.dtype(), view.shape().to_vec());
        if change(&name, &mut dtype, &mut shape) {
            kept.insert(
                name,
                TensorView::new(dtype, shape, view.data().to_vec().leak()).unwrap(),
            );
        }
    }
    std::fs::write(path, safetensors::serialize(kept, None).unwrap()).unwrap();
}

const UP: &str = "h.1.mlp.c_fc.weight";

#[test]
fn weights() {
    let path = "model/model.safetensors";
    let messages = [
        after(|e| std::fs::remove_file(e.path(path)).unwrap()),
        after(|e| {
            let bytes = std::fs::read(e.path(path)).unwrap();
            e.write(path, &bytes[..bytes.len() / 2]);
        }),
        after(|e| reweigh(e, |name, _, _| name != UP)),
        after(|e| {
            reweigh(e, |name, _, shape| {
                if name == UP {
                    shape.reverse();
                }
                true
            });
        }),
        after(|e| {
            reweigh(e, |name, dtype, _| {
                if name == UP {
                    *dtype = Dtype::I32;
                }
                true
            });
        }),
        after(|e| std::fs::remove_file(e.path("model/tokenizer.json")).unwrap()),
        after(|e| e.write("model/tokenizer.json", "{}")),
        after(|e| e.write("model/config.json", "{")),
        after(|e| e.replace("model/config.json", "\"gpt_neo\"", "\"gpt_banana\"")),
        after(|e| e.replace("model/config.json", "\"num_heads\": 3", "\"num_heads\": 5")),
        after(|e| {
            e.replace(
                "pipeline.toml",
                "source = \"model\"",
                "source = \"nowhere\"",
            )
        }),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn pipeline() {
    let messages = [
        after(|e| e.replace("pipeline.toml", "layers = \"all\"", "layers = [7]")),
        after(|e| e.replace("pipeline.toml", "\"mlp.pre\"", "\"mlp.before\"")),
        after(|e| e.replace("pipeline.toml", "reduce =", "reduction =")),
        after(|e| e.replace("pipeline.toml", "\"paired-t\"", "\"t-test\"")),
        after(|e| std::fs::remove_file(e.path("pipeline.toml")).unwrap()),
        message_after(Stage::Extract, &["--layers", "1,9"], |_| {}),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn words() {
    let pair = |e: &Experiment| {
        e.write("nouns.txt", "time\n");
        e.write("verbs.txt", "go\n");
    };
    let messages = [
        after(|e| e.write("nouns.txt", "\n\n")),
        after(|e| std::fs::remove_file(e.path("nouns.txt")).unwrap()),
        after(|e| e.write("nouns.txt", "time\nway\ntime\n")),
        after(|e| e.write("nouns.txt", b"time\n\xffway\n")),
        after(|e| e.write("nouns.txt", "time\nw\0y\n")),
        after(|e| {
            // This tokenizer drops what it has no symbol for.
            e.replace("model/tokenizer.json", "\"normalizer\": null", DROP_DIGITS);
            e.write("nouns.txt", "time\n77\n");
        }),
        message_after(Stage::Stats, &[], |e| {
            pair(e);
            assert_eq!(e.stage(Stage::Extract, &[]).code, Some(0));
        }),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

/// A normalizer that removes digits.
const DROP_DIGITS: &str =
    r#""normalizer": {"type":"Replace","pattern":{"Regex":"[0-9]"},"content":""}"#;

#[test]
fn text() {
    let messages = [
        after(|e| e.replace("text.conllu", "2\tknow", "know")),
        after(|e| e.replace("text.conllu", "2\tknow", "3\tknow")),
        after(|e| e.write("text.conllu", "# newdoc\n\n")),
        after(|e| e.write("text.conllu", b"\xff")),
        after(|e| {
            e.replace("pipeline.toml", "text.conllu", "text.txt");
            e.write("text.txt", "  \n");
        }),
        after(|e| std::fs::remove_file(e.path("text.conllu")).unwrap()),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn tables() {
    let stats = |break_it: fn(&Experiment)| message_after(Stage::Stats, &[], break_it);
    let render = |break_it: fn(&Experiment)| message_after(Stage::Render, &[], break_it);
    let messages = [
        stats(|e| std::fs::remove_file(e.path("run/activations.parquet")).unwrap()),
        stats(|e| {
            let bytes = std::fs::read(e.path("run/words.parquet")).unwrap();
            e.write("run/words.parquet", &bytes[..bytes.len() / 2]);
        }),
        stats(|e| {
            // Another pipeline's tables under this one's names.
            let other = Experiment::new();
            other.replace("pipeline.toml", "\"small\"", "\"other\"");
            other.run_all(&[]);
            for name in ["words", "activations"] {
                let name = format!("run/{name}.parquet");
                std::fs::copy(other.path(&name), e.path(&name)).unwrap();
            }
        }),
        stats(|e| {
            e.replace(
                "run/manifest.json",
                "\"schema_version\": 1",
                "\"schema_version\": 0",
            )
        }),
        stats(|e| e.replace("pipeline.toml", "\"small\"", "\"other\"")),
        render(|e| std::fs::remove_file(e.path("run/tvalues.parquet")).unwrap()),
        render(|e| {
            std::fs::copy(e.path("run/words.parquet"), e.path("run/tvalues.parquet")).unwrap();
        }),
        render(|e| std::fs::remove_file(e.path("run/manifest.json")).unwrap()),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn an_output_folder_that_cannot_be_written() {
    let experiment = Experiment::new();
    // A file where a folder would have to be: no one may write into it, not even root.
    experiment.write("file", "in the way");
    let out = experiment.path("file/run");
    let outcome =
        selectron_tests::run(Stage::Extract, &experiment.path("pipeline.toml"), &out, &[]);
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome
            .stderr
            .starts_with("error: cannot create the folder"),
        "{}",
        outcome.stderr
    );
    assert_eq!(
        std::fs::read(experiment.path("file")).unwrap(),
        b"in the way"
    );
}

#[test]
fn wrong_usage_exits_with_2() {
    let experiment = Experiment::new();
    for flags in [
        &["--backend", "abacus"][..],
        &["--layers", "most"],
        &["--nonsense"],
        &["--threads", "0"],
        &["--backend", "flex", "--adapter", "0"],
    ] {
        let outcome = experiment.stage(Stage::Extract, flags);
        assert_eq!(outcome.code, Some(2), "{flags:?}");
        assert!(outcome.stderr.starts_with("error: "), "{}", outcome.stderr);
    }
}
