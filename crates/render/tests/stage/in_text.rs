//! What the text says of the neurons is shown, each part where there is one.

use crate::fixture::{Content, Fixture, NAMED, NEURONS, part, put};
use proptest::prelude::*;
use selectron_run::manifest::{GeneralizationFacts, StatsFacts};
use selectron_run::vocabulary::{ExampleKind, LabelSource, TextNull};
use selectron_run::{Place, Site, Table};
use selectron_tables::activations::{Block, ShownWriter};
use selectron_tables::rows::{
    ContextGapRow, ExampleRow, GeneralizationRow, PreferenceRow, TextNullRow, TextWordRow,
    TokenRow, TransferRow, UposMeanRow,
};
use serde_json::json;

/// The figures of a site.
const FIGURES: [&str; 7] = [
    "auc-against-chance",
    "context-gap",
    "heatmap-layer-0-neuron-5",
    "transfer",
    "upos-means-a",
    "upos-means-b",
    "upos-means-layer-0-neuron-5",
];

/// A score for every neuron: neuron 0 tells A from B perfectly, the last one B from A.
fn scores(content: &Content) -> Vec<GeneralizationRow> {
    let mut rows = Vec::new();
    for site in &content.sites {
        for layer in &content.layers {
            for neuron in 0..NEURONS {
                let auc = 1.0 - neuron as f64 / (NEURONS - 1) as f64;
                rows.push(GeneralizationRow {
                    site: *site,
                    layer: *layer,
                    neuron,
                    auc: Some(auc),
                    auc_low: Some(auc - 0.012),
                    auc_high: Some(auc + 0.022),
                    auc_boot_low: Some(auc - 0.032),
                    auc_boot_high: Some(auc + 0.042),
                    auc_a_rest: Some(0.7111),
                    auc_b_rest: Some(0.7222),
                    auc_b_rest_low: Some(0.7),
                    auc_b_rest_high: Some(0.75),
                    auc_seen: Some(auc),
                    auc_all: None,
                    auc_control: Some(0.5123),
                    p_control: Some(0.005),
                    p_shuffled: Some(0.0049),
                    auc_random: Some(0.6),
                    top_share: Some(0.519),
                    f1: Some(0.3456),
                    ..GeneralizationRow::default()
                });
            }
        }
    }
    rows
}

/// What the stats stage says of the shown neurons, its names made of `text`.
fn facts(content: &Content, stats: &StatsFacts, text: &str) -> GeneralizationFacts {
    let [a, b] = &content.categories;
    let site = content.sites[0];
    let layers: Vec<_> = content
        .sites
        .iter()
        .flat_map(|site| content.layers.iter().map(move |layer| (site, layer)))
        .map(|(site, layer)| {
            json!({
                "site": site.name(), "layer": layer, "neurons": NEURONS, "significant": 4,
                "same_side": 3, "generalise": 1 + layer, "highest": 1.0, "lowest": 0.0,
                "shuffled_best": 0.036, "control_best": 0.0801, "transfer": 0.5 + 0.25 * *layer as f64,
            })
        })
        .collect();
    let mut shown: Vec<_> = stats
        .selected
        .iter()
        .map(|one| {
            json!({
                "site": one.id.place.site, "layer": one.id.place.layer, "neuron": one.id.neuron,
                "category": one.category,
                "t": one.t, "significant": one.significant, "selected": true,
                "generalises": &one.category == a,
            })
        })
        .collect();
    shown.push(json!({
        "site": site, "layer": NAMED.place.layer, "neuron": NAMED.neuron, "category": b, "t": null,
        "significant": false, "selected": false, "generalises": false,
    }));
    let facts = json!({
        "n_a": 3230, "n_b": 1586, "n_other": 16810, "n_a_seen": 747, "n_b_seen": 930, "types": 2345,
        "sentences": 2022, "shuffles": 200, "resamples": 1000, "layers": layers, "shown": shown,
        "confusion": [
            { "site": site, "in_words": a, "in_text": a, "neurons": 484 },
            { "site": site, "in_words": a, "in_text": text, "neurons": 39 },
            { "site": site, "in_words": a, "in_text": null, "neurons": 112 },
            { "site": site, "in_words": null, "in_text": b, "neurons": 1069 },
        ],
    });
    serde_json::from_value(facts).unwrap()
}

/// Every table of the text and its facts, with names made of `text`.
pub(crate) fn add_in_text(fixture: &Fixture, content: &Content, text: &str) {
    let stats = fixture.manifest().stats.unwrap();
    let facts = facts(content, &stats, text);
    put(fixture, &scores(content));
    let (site, layer) = (content.sites[0], content.layers[0]);
    let mut means = Vec::new();
    let mut examples = Vec::new();
    for shown in &facts.shown {
        let tags = ["NOUN", "VERB", "PUNCT", text];
        for (index, upos) in tags.iter().enumerate() {
            means.push(UposMeanRow {
                site: shown.id.place.site,
                layer: shown.id.place.layer,
                neuron: shown.id.neuron,
                upos: (*upos).to_owned(),
                n: 1234,
                mean: index as f64 - 1.5,
                sd: (index > 0).then_some(0.5),
            });
        }
        for (kind, activation) in [
            (ExampleKind::Most, 4.68),
            (ExampleKind::Between, 0.5),
            (ExampleKind::Least, -6.1),
        ] {
            examples.push(ExampleRow {
                site: shown.id.place.site,
                layer: shown.id.place.layer,
                neuron: shown.id.neuron,
                kind,
                activation,
                before: format!("before {text}"),
                token: format!(" {text}"),
                after: "after ".repeat(10),
                upos: Some(text.to_owned()),
                category: Some(content.categories[0].clone()),
                ..ExampleRow::default()
            });
        }
    }
    put(fixture, &means);
    put(fixture, &examples);
    let preference = PreferenceRow {
        site,
        layer: NAMED.place.layer,
        neuron: NAMED.neuron,
        in_words: None,
        in_text: Some(text.to_owned()),
    };
    put(fixture, &[preference]);
    let null = |kind, draw| TextNullRow {
        site,
        layer,
        kind,
        draw,
        highest: 0.53,
        lowest: 0.48,
    };
    let nulls = [
        null(TextNull::Shuffled, 0),
        null(TextNull::Shuffled, 1),
        null(TextNull::Control, 0),
    ];
    put(fixture, &nulls);
    let transfer = TransferRow {
        site,
        layer,
        correlation: Some(0.5123),
        rank_correlation: Some(0.4),
        d_correlation: None,
        top: 6,
        shared_top: 5,
        ..TransferRow::default()
    };
    put(fixture, &[transfer]);
    let gap = |from: &str, to: &str, correlation| ContextGapRow {
        site,
        layer,
        from: from.to_owned(),
        to: to.to_owned(),
        items: 150,
        correlation,
        mean_shift: Some(-0.25),
        mean_abs_shift: Some(0.75),
        significant: 400,
        kept: 300,
    };
    let gaps = [
        gap("bare", "bos-space", Some(0.31)),
        gap("bos-space", "text", Some(0.84)),
        gap(text, "text", None),
    ];
    put(fixture, &gaps);
    fixture.test().change(|manifest| {
        manifest.stats.as_mut().unwrap().generalization = Some(facts);
    });
}

fn with_text() -> Fixture {
    let content = Content::default();
    let fixture = Fixture::new(&content);
    add_in_text(&fixture, &content, "adverb");
    fixture
}

fn change(fixture: &Fixture, change: impl FnOnce(&mut GeneralizationFacts)) {
    let mut manifest = fixture.manifest();
    let stats = manifest.stats.as_mut().unwrap();
    change(stats.generalization.as_mut().unwrap());
    manifest.save(&fixture.run).unwrap();
}

/// The paragraph on top of the section.
fn verdict(fixture: &Fixture) -> String {
    fixture.render().unwrap();
    let report = fixture.report();
    let (_, rest) = report.split_once("<p class=\"verdict\">").unwrap();
    let (verdict, _) = rest.split_once("</p>").unwrap();
    verdict
        .replace("<b>", "")
        .replace("</b>", "")
        .replace("&#x2f;", "/")
}

#[test]
fn the_paragraph_says_what_generalised() {
    insta::assert_snapshot!(verdict(&with_text()));
}

#[test]
fn nothing_generalised_is_said_plainly_and_why() {
    let none = |significant: usize, highest: f64| {
        let fixture = with_text();
        change(&fixture, |facts| {
            for layer in &mut facts.layers {
                (layer.significant, layer.generalise, layer.same_side) = (significant, 0, 1);
                (layer.highest, layer.lowest) = (Some(highest), Some(0.47));
            }
            facts
                .shown
                .iter_mut()
                .for_each(|one| one.generalises = false);
        });
        verdict(&fixture)
    };
    let texts = [none(0, 0.9), none(6, 0.57), none(1, 0.9)];
    for text in &texts {
        assert!(text.starts_with("Nothing generalised: "), "{text}");
    }
    insta::assert_snapshot!(texts.join("\n\n"));
    let fixture = with_text();
    change(&fixture, |facts| facts.n_b = 0);
    let text = verdict(&fixture);
    assert!(text.starts_with(
        "Whether anything generalises remains open: the text has no scored verb word that was not \
         a stimulus."
    ));
}

#[test]
fn without_control_tasks_the_question_is_open() {
    let fixture = with_text();
    change(&fixture, |facts| {
        facts.shuffles = 0;
        for layer in &mut facts.layers {
            (layer.generalise, layer.control_best, layer.shuffled_best) = (0, None, None);
        }
        facts
            .shown
            .iter_mut()
            .for_each(|one| one.generalises = false);
    });
    let text = verdict(&fixture);
    assert!(
        text.starts_with("Whether anything generalises remains open: `text.shuffles` is 0"),
        "{text}"
    );
    assert!(!text.contains("does not generalise") && !text.contains("Nothing generalised"));
}

#[test]
fn layers_without_any_are_named() {
    let fixture = with_text();
    change(&fixture, |facts| facts.layers[0].generalise = 0);
    let text = verdict(&fixture);
    let expected =
        "The share that generalises is largest in layer 1 (2 of 4); in layer 0 there is none.";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn labels_from_word_lists_are_called_so() {
    let fixture = with_text();
    let mut manifest = fixture.manifest();
    let text = manifest.extract.as_mut().unwrap().text.as_mut().unwrap();
    text.labels = LabelSource::WordLists;
    text.dropped = [("too few tokens before it".to_owned(), 859)].into();
    manifest.save(&fixture.run).unwrap();
    fixture.render().unwrap();
    let report = fixture.report();
    assert!(report.contains(
        "The text carries no parts of speech, so the labels come from the word lists: a word"
    ));
    assert!(report.contains("Not scored: 859 (too few tokens before it)."));
    let tagged = with_text();
    tagged.render().unwrap();
    assert!(!tagged.report().contains("the labels come from"));
}

#[test]
fn the_shown_neurons_are_scored_for_their_own_category() {
    let fixture = with_text();
    fixture.render().unwrap();
    let part = part(&fixture.report(), "The shown neurons, scored on the text");
    let expected = [
        "layer 1, neuron 0 layer 0, neuron 11 layer 0, neuron 5",
        "Shown for noun verb verb",
        "t\u{a0}=\u{a0}11.25 t\u{a0}=\u{a0}−11.00 –",
        "AUC on words that were not stimuli 1.000 1.000 0.455",
        "(DeLong: words independent) 0.988 to 1.022 0.978 to 1.012",
        "(sentences resampled) 0.968 to 1.042 0.958 to 1.032",
        "AUC on all words – – –",
        "against every other word 0.711 0.722 0.722",
        "interval of that (DeLong) – 0.700 to 0.750",
        "in control tasks (5% exceed it) 0.580 0.580 0.580",
        "with shuffled labels (5% exceed it) 0.536",
        "AUC in a control task 0.512 0.488 0.488",
        "F1 0.346",
        "51.9%",
        "Generalises yes ✕ no ✕ no",
        "in the text – – adverb",
    ];
    for expected in expected {
        assert!(part.contains(expected), "{expected}: {part}");
    }
}

#[test]
fn layers_preferences_and_contexts_are_tables() {
    let fixture = with_text();
    fixture.render().unwrap();
    let report = fixture.report();
    let layers = part(&report, "From isolated words to text");
    assert!(
        layers.contains("0 4 3 1 1.000 1.000 0.536 0.580 0.50 0.40 – 5 of 6"),
        "{layers}"
    );
    let preferences = part(&report, "What the neurons prefer above everything else");
    let expected = [
        "Of the 635 neurons that prefer a category",
        "484 (76.2%) prefer the same in the text, 39 another one, and 112 none",
        "noun verb adverb none all noun 484 76.2% 0 0.0% 39 6.1% 112 17.6% 635",
    ];
    for expected in expected {
        assert!(preferences.contains(expected), "{expected}: {preferences}");
    }
    let gap = part(&report, "What context changes");
    assert!(gap.contains("to the text the correlation is 0.84"), "{gap}");
    assert!(gap.contains("of the 400 neurons that tell the categories apart there, 300 (75.0%)"));
    assert!(
        gap.contains("0 adverb text 150 – −0.250 0.750 400 300"),
        "{gap}"
    );
}

#[test]
fn examples_are_lines_with_the_token_marked() {
    let fixture = with_text();
    fixture.render().unwrap();
    let report = fixture.report();
    assert!(report.contains("<h4>The noun neuron: layer 1, neuron 0</h4>"));
    assert!(report.contains("<h4>Named in the pipeline: layer 0, neuron 5 (verb)</h4>"));
    let most = "before adverb <b class=\"a31\">adverb</b>after after";
    assert!(report.contains(most));
    // The weakest has the weakest shade, in the colour of the neuron's category.
    assert!(report.contains("before adverb <b class=\"b0\">adverb</b>after"));
    assert!(report.contains("51.9% are noun words; the rest shows what else it responds to."));
    assert_eq!(report.matches("<details open>").count(), 3);
}

#[test]
fn the_figures_of_the_text_come_and_go_with_their_tables() {
    let fixture = with_text();
    fixture.render().unwrap();
    for name in FIGURES {
        for ending in ["svg", "png"] {
            assert!(
                fixture.figures().contains(&format!("{name}.{ending}")),
                "{name}"
            );
        }
    }
    assert!(
        fixture
            .svg("transfer")
            .contains(">layer 0, r\u{a0}=\u{a0}0.51</text>")
    );
    assert!(fixture.svg("upos-means-b").contains(">PUNCT</text>"));
    assert!(
        fixture
            .svg("context-gap")
            .contains(">bos-space and text</text>")
    );
    let tables = [
        (Table::Generalization, "transfer"),
        (Table::UposMeans, "upos-means-a"),
        (Table::ContextGap, "context-gap"),
    ];
    for (table, figure) in tables {
        std::fs::remove_file(fixture.run.table(table)).unwrap();
        fixture.render().unwrap();
        assert!(
            !fixture.figures().contains(&format!("{figure}.svg")),
            "{figure}"
        );
    }
    let mut manifest = fixture.manifest();
    manifest.stats.as_mut().unwrap().generalization = None;
    manifest.save(&fixture.run).unwrap();
    for table in [
        Table::Examples,
        Table::Transfer,
        Table::TextNulls,
        Table::Preferences,
    ] {
        std::fs::remove_file(fixture.run.table(table)).unwrap();
    }
    fixture.render().unwrap();
    assert!(!fixture.report().contains("In running text"));
    assert!(
        !fixture
            .figures()
            .iter()
            .any(|name| FIGURES.iter().any(|own| name.starts_with(own)))
    );
}

#[test]
fn a_changed_table_is_shown_anew() {
    let fixture = with_text();
    fixture.render().unwrap();
    let before = fixture.report();
    let mut rows = scores(&Content::default());
    rows.iter_mut().for_each(|row| row.f1 = Some(0.987));
    put(&fixture, &rows);
    fixture.render().unwrap();
    assert!(!before.contains("0.987") && fixture.report().contains("<td>0.987</td>"));
}

#[test]
fn several_sites_have_sections_of_their_own() {
    let content = Content {
        sites: vec![Site::MlpPre, Site::ResidPost],
        ..Content::default()
    };
    let fixture = Fixture::new(&content);
    add_in_text(&fixture, &content, "adverb");
    fixture.render().unwrap();
    let report = fixture.report();
    assert_eq!(report.matches("<p class=\"verdict\">").count(), 2);
    assert!(report.contains("neurons of resid.post significant on the isolated words"));
    let figures = fixture.figures();
    assert!(figures.contains(&"transfer-resid.post.svg".to_owned()));
    assert!(figures.contains(&"heatmap-layer-0-neuron-5-mlp.pre.png".to_owned()));
    assert!(!figures.contains(&"heatmap-layer-0-neuron-5-resid.post.png".to_owned()));
}

/// Writes the table of the shown neurons anew.
fn write_shown(fixture: &Fixture, neurons: &[(usize, &[usize])], value: f32) {
    let tokens: Vec<TokenRow> = fixture.test().table();
    let path = fixture.run.table(Table::ShownActivations);
    let mut writer = ShownWriter::create(path, &fixture.test().provenance()).unwrap();
    for (layer, neurons) in neurons {
        let column = |get: fn(&TokenRow) -> usize| tokens.iter().map(get).collect();
        let values = tokens.iter().enumerate().flat_map(|(index, _)| {
            neurons
                .iter()
                .map(move |neuron| value + index as f32 + *neuron as f32)
        });
        let block = Block {
            place: Place::new(Site::MlpPre, *layer),
            keys: vec![
                column(|token| token.document),
                column(|token| token.window),
                column(|token| token.position),
            ],
            width: neurons.len(),
            values: values.collect(),
        };
        writer.write(block, neurons).unwrap();
    }
    writer.close().unwrap();
    fixture.test().note(Table::ShownActivations, None);
}

#[test]
fn the_shown_neurons_are_read_from_their_own_table() {
    let fixture = with_text();
    std::fs::remove_file(fixture.run.table(Table::TextActivations)).unwrap();
    write_shown(&fixture, &[(0, &[5, 11]), (1, &[0])], 0.25);
    fixture.render().unwrap();
    let report = fixture.report();
    // The third token's value, at the chosen neuron of A and at the named one.
    assert!(report.contains("title=\"a · 2.250 · X\""));
    assert!(report.contains("title=\"a · 7.250 · X\""));
    write_shown(&fixture, &[(0, &[11]), (1, &[0])], 0.25);
    let error = fixture.render().unwrap_err().to_string();
    assert!(
        error.contains("holds no activation of neuron 5 of mlp.pre, layer 0"),
        "{error}"
    );
}

#[test]
fn a_long_text_is_shown_from_its_beginning() {
    let tokens = (0..5000).map(|index| format!(" w{index}")).collect();
    let content = Content {
        tokens: Some(tokens),
        ..Content::default()
    };
    let fixture = Fixture::new(&content);
    add_in_text(&fixture, &content, "adverb");
    let mut rows: Vec<TokenRow> = fixture.test().table();
    for (index, row) in rows.iter_mut().enumerate().skip(1) {
        row.word = Some(index - 1);
    }
    put(&fixture, &rows);
    let word = |word| TextWordRow {
        word,
        sentence: word / 300,
        ..TextWordRow::default()
    };
    put(&fixture, &(0..5000).map(word).collect::<Vec<_>>());
    fixture.render().unwrap();
    let report = fixture.report();
    let note = "The text is long: the first 901 of its 5,001 tokens are shown.";
    assert!(report.contains(note) && fixture.svg("heatmap-a").contains(note));
    assert!(report.contains(">w899</span>") && !report.contains(">w900</span>"));
    assert!(report.len() < 1_500_000, "{} bytes", report.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn any_number_in_the_tables_can_be_shown(
        value in prop_oneof![any::<f64>(), Just(0.0), Just(f64::NAN), Just(f64::INFINITY)],
        number in 0..=i32::MAX as usize,
        known: bool,
    ) {
        let fixture = with_text();
        let some = known.then_some(value);
        let mut rows = scores(&Content::default());
        for row in &mut rows {
            (row.auc, row.auc_low, row.auc_boot_low, row.auc_boot_high) = (some, some, some, some);
            (row.f1, row.p_control, row.top_share) = (some, some, some);
        }
        put(&fixture, &rows);
        let site = Site::MlpPre;
        let mean = UposMeanRow { site, neuron: 11, n: number, mean: value, sd: some, ..UposMeanRow::default() };
        put(&fixture, &[mean]);
        let null = TextNullRow { site, draw: number, highest: value, lowest: -value, ..TextNullRow::default() };
        put(&fixture, &[null]);
        let transfer = TransferRow { site, correlation: some, top: number, ..TransferRow::default() };
        put(&fixture, &[transfer]);
        let gap = ContextGapRow {
            site, layer: number, to: "text".to_owned(), correlation: some,
            mean_abs_shift: some, kept: number, ..ContextGapRow::default()
        };
        let other = ContextGapRow { layer: number.saturating_sub(1), ..gap.clone() };
        put(&fixture, &[gap, other]);
        let example = ExampleRow { site, neuron: 11, kind: ExampleKind::Most, rank: number, activation: value, ..ExampleRow::default() };
        put(&fixture, &[example]);
        change(&fixture, |facts| {
            for layer in &mut facts.layers {
                // JSON knows no other numbers.
                let some = some.filter(|value| value.is_finite());
                (layer.highest, layer.control_best, layer.transfer) = (some, some, some);
            }
        });
        fixture.render().unwrap();
    }
}
