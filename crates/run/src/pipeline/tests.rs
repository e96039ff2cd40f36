//! Pipeline files, sound and unsound.

use super::*;
use crate::error::Result;
use crate::site::Site;
use std::path::Path;

/// A pipeline that uses every key there is.
const COMPLETE: &str = r#"
    name = "grammar"
    seed = 20
    [model]
    source = "neo-mini"
    [record]
    site = ["mlp.pre", "resid.post"]
    layers = [0, 4]
    presentation = { carrier = "The {word}" }
    reduce = "last"
    [[category]]
    name = "noun"
    words = "stimuli/nouns.txt"
    limit = 100
    [[category]]
    name = "verb"
    words = "stimuli/verbs.txt"
    [words]
    exclude = "stimuli/exclude.txt"
    exclude_shared = true
    match = ["tokens", "rank", "characters"]
    [simulate]
    layers = 3
    neurons = 100
    share = 0.2
    effect = 0.5
    [test]
    statistic = ["paired-t", "welch-t"]
    pairing = "rank"
    alpha = 0.01
    correction = "holm"
    family = "all"
    permutations = 100
    nulls = 50
    [text]
    source = "stimuli/randomness.conllu"
    [render]
    palette = { a = "red", b = "blue" }
    scaling = "robust"
"#;

fn parse(text: &str) -> Result<Pipeline> {
    Pipeline::parse(text, Path::new("pipelines/test.toml"))
}

fn message(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn shuffles_can_reach_alpha_or_there_are_none() {
    let with = |shuffles: usize, alpha: &str| {
        let text = COMPLETE.replace("[text]", &format!("[text]\nshuffles = {shuffles}"));
        parse(&text.replace("alpha = 0.01", &format!("alpha = {alpha}")))
    };
    for (shuffles, alpha) in [(0, "0.05"), (19, "0.05"), (200, "0.05"), (999, "0.001")] {
        assert_eq!(
            with(shuffles, alpha).unwrap().text.unwrap().shuffles,
            Some(shuffles)
        );
    }
    assert!(with(1, "0.05").is_err() && with(998, "0.001").is_err());
    let unset = |alpha: &str| {
        let text = COMPLETE.replace("alpha = 0.01", &format!("alpha = {alpha}"));
        let pipeline = parse(&text).unwrap();
        pipeline.text.unwrap().shuffles(pipeline.test.alpha)
    };
    assert_eq!(["0.05", "0.001", "1e-9"].map(unset), [200, 999, 0]);
    let message = with(18, "0.05").unwrap_err().to_string();
    insta::assert_snapshot!(message, @"pipelines/test.toml, `text.shuffles`: 18 shuffles give no p below 0.053, so nothing could generalise at `test.alpha` = 0.05; choose 19 or more, or 0 to leave the question open");
}

#[test]
fn every_key_is_read() {
    let pipeline = parse(COMPLETE).unwrap();
    assert_eq!(pipeline.record.site, [Site::MlpPre, Site::ResidPost]);
    assert_eq!(pipeline.record.layers, Layers::Some(vec![0, 4]));
    assert_eq!(
        pipeline.test.statistic,
        [Statistic::PairedT, Statistic::WelchT]
    );
    assert_eq!(pipeline.render.scaling, Some(Scaling::Robust));
    assert_eq!(
        pipeline.resolve("stimuli/nouns.txt"),
        Path::new("pipelines/stimuli/nouns.txt")
    );
}

#[test]
fn what_is_left_out_takes_the_documented_defaults() {
    let short = "name = \"x\"\n[model]\nsource = \"m\"\n\
                 [[category]]\nname = \"a\"\nwords = \"a.txt\"\n\
                 [[category]]\nname = \"b\"\nwords = \"b.txt\"\n";
    let pipeline = parse(short).unwrap();
    assert_eq!(pipeline.record, RecordSection::default());
    assert_eq!(pipeline.test, TestSection::default());
    assert_eq!(pipeline.text, None);
}

#[test]
fn an_unknown_key_gets_the_nearest_known_one() {
    let text = COMPLETE.replace("correction =", "corection =");
    insta::assert_snapshot!(message(&text), @"pipelines/test.toml, line 31: unknown key `corection` in [test]; did you mean `correction`? (known: statistic, pairing, alpha, correction, family, permutations, nulls)");
}

#[test]
fn mistakes_are_named_with_place_and_remedy() {
    let mistakes = [
        ("name = \"grammar\"", "name = \"Gram mar\""),
        ("layers = [0, 4]", "layers = \"most\""),
        ("layers = [0, 4]", "layers = []"),
        ("site = [\"mlp.pre\", \"resid.post\"]", "site = \"mlp_pre\""),
        ("reduce = \"last\"", "reduce = \"sum\""),
        (
            "presentation = { carrier = \"The {word}\" }",
            "presentation = { carrier = \"The\" }",
        ),
        ("\"welch-t\"", "\"wilch-t\""),
        ("alpha = 0.01", "alpha = 1.5"),
        ("correction = \"holm\"", "correction = 3"),
        ("name = \"verb\"", "name = \"noun\""),
        ("limit = 100", "limit = -1"),
        ("[model]", "[model"),
    ];
    let messages: Vec<_> = mistakes
        .iter()
        .map(|(good, bad)| {
            assert!(COMPLETE.contains(good), "{good}");
            message(&COMPLETE.replacen(good, bad, 1))
        })
        .collect();
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn the_command_line_wins() {
    let overrides = Overrides {
        model: Some("other".to_owned()),
        layers: Some(Layers::All),
    };
    let pipeline = parse(COMPLETE).unwrap().apply(&overrides);
    assert_eq!(pipeline.model.source, "other");
    assert_eq!(pipeline.record.layers, Layers::All);
}

proptest::proptest! {
    #[test]
    fn a_damaged_pipeline_is_a_pipeline_or_a_sentence(
        place in 0_usize..COMPLETE.len(),
        length in 0_usize..12,
        patch in "\\PC{0,8}|[\\[\\]{}=\"\n]{0,4}",
    ) {
        let mut text = COMPLETE.to_owned();
        let end = (place + length).min(text.len());
        text.replace_range(place..end, &patch);
        if let Err(error) = parse(&text) {
            let message = error.to_string();
            proptest::prop_assert!(message.starts_with("pipelines/test.toml"), "{}", message);
            proptest::prop_assert!(!message.contains("internal error"));
        }
    }
}
