//! What the stage reads, writes and refuses.

use crate::fixture::{Content, Fixture};
use selectron_run::Table;

#[test]
fn all_figures_and_the_report_are_written_and_recorded() {
    let fixture = Fixture::new(&Content::default());
    fixture.render().unwrap();
    let figures = [
        "heatmap-a",
        "heatmap-b",
        "heatmap-both",
        "items-by-neurons",
        "significant-by-layer",
        "t-by-neuron",
        "t-histogram",
        "volcano",
    ];
    let expected: Vec<_> = figures
        .iter()
        .flat_map(|name| [format!("{name}.png"), format!("{name}.svg")])
        .collect();
    assert_eq!(fixture.figures(), expected);
    let render = fixture.manifest().render.unwrap();
    assert_eq!(render.artifacts.len(), expected.len() + 1);
    let report = selectron_run::files::sha256(fixture.report().as_bytes());
    assert_eq!(render.artifacts["report.html"].sha256, report);
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let (one, two) = (
        Fixture::new(&Content::default()),
        Fixture::new(&Content::default()),
    );
    one.render().unwrap();
    two.render().unwrap();
    assert_eq!(one.manifest().render, two.manifest().render);
}

#[test]
fn what_is_up_to_date_is_left_alone_and_what_is_damaged_is_redrawn() {
    let fixture = Fixture::new(&Content::default());
    fixture.render().unwrap();
    let written = || {
        std::fs::metadata(fixture.run.report())
            .unwrap()
            .modified()
            .unwrap()
    };
    let before = written();
    fixture.render().unwrap();
    assert_eq!(written(), before);
    let report = fixture.report();
    std::fs::write(fixture.run.report(), "damaged").unwrap();
    fixture.render().unwrap();
    assert_eq!(fixture.report(), report);
}

#[test]
fn another_palette_is_drawn_and_an_unknown_one_refused() {
    let mut content = Content::default();
    let fixture = Fixture::new(&content);
    fixture.render().unwrap();
    content.render = "[render]\npalette = { a = \"green\", b = \"#123456\" }\n".to_owned();
    fixture.write_pipeline(&content);
    fixture.render().unwrap();
    assert!(fixture.svg("volcano").contains("#1a7f45"));
    assert!(fixture.svg("volcano").contains("#123456"));
    let report = fixture.report();
    content.render = "[render]\npalette = { a = \"gren\" }\n".to_owned();
    fixture.write_pipeline(&content);
    let error = fixture.render().unwrap_err().to_string();
    assert!(
        error.contains("pipeline.toml, `render.palette.a`"),
        "{error}"
    );
    assert!(error.contains("did you mean `green`?"), "{error}");
    assert_eq!(fixture.report(), report);
}

#[test]
fn a_stage_that_fails_leaves_the_old_report() {
    let fixture = Fixture::new(&Content::default());
    fixture.render().unwrap();
    let (report, figures) = (fixture.report(), fixture.figures());
    let table = fixture.run.table(Table::ShownActivations);
    let bytes = std::fs::read(&table).unwrap();
    std::fs::write(&table, &bytes[..bytes.len() / 2]).unwrap();
    let error = fixture.render().unwrap_err().to_string();
    assert!(
        error.contains("shown_activations.parquet: not a readable Parquet file"),
        "{error}"
    );
    assert_eq!((fixture.report(), fixture.figures()), (report, figures));
}

#[test]
fn a_missing_stage_is_named() {
    let fixture = Fixture::new(&Content::default());
    let mut manifest = fixture.manifest();
    manifest.stats = None;
    manifest.save(&fixture.run).unwrap();
    let error = fixture.render().unwrap_err().to_string();
    assert!(
        error.contains("the stats stage has not run; run `cargo xtask stats`"),
        "{error}"
    );
    manifest.extract = None;
    manifest.save(&fixture.run).unwrap();
    let error = fixture.render().unwrap_err().to_string();
    assert!(error.contains("the extract stage has not run"), "{error}");
    std::fs::remove_file(fixture.run.manifest()).unwrap();
    let error = fixture.render().unwrap_err().to_string();
    assert!(error.contains("the manifest is missing"), "{error}");
}

#[test]
fn a_missing_table_names_the_stage_that_writes_it() {
    for (table, stage) in [
        (Table::Words, "extract"),
        (Table::TValues, "stats"),
        (Table::Tokens, "extract"),
        (Table::ShownActivations, "stats"),
    ] {
        let fixture = Fixture::new(&Content::default());
        std::fs::remove_file(fixture.run.table(table)).unwrap();
        let error = fixture.render().unwrap_err().to_string();
        assert!(
            error.contains(&format!("{table}.parquet: the table is missing")),
            "{error}"
        );
        assert!(error.contains(&format!("cargo xtask {stage}")), "{error}");
    }
}

#[test]
fn numbers_of_another_model_are_not_drawn_under_this_ones_name() {
    let fixture = Fixture::new(&Content::default());
    let mut args = fixture.args();
    args.model = Some("/elsewhere/other".to_owned());
    let error = selectron_render::run(&args).unwrap_err().to_string();
    assert!(
        error.contains("was made with the model `tiny`, not `other`"),
        "{error}"
    );
}

#[test]
fn figures_that_are_no_longer_drawn_are_removed() {
    let with_text = Fixture::new(&Content::default());
    with_text.render().unwrap();
    let without = Fixture::new(&Content {
        tokens: None,
        ..Content::default()
    });
    // The same run, without its text.
    let mut manifest = without.manifest();
    manifest.render = with_text.manifest().render;
    manifest.save(&with_text.run).unwrap();
    with_text.render().unwrap();
    assert!(
        with_text
            .figures()
            .iter()
            .all(|name| !name.starts_with("heatmap"))
    );
    assert!(with_text.figures().contains(&"volcano.svg".to_owned()));
}

#[test]
fn counts_are_the_stats_stages_and_are_not_computed_again() {
    let fixture = Fixture::new(&Content::default());
    let mut manifest = fixture.manifest();
    manifest.stats.as_mut().unwrap().layers[0].a = 4321;
    manifest.save(&fixture.run).unwrap();
    fixture.render().unwrap();
    assert!(fixture.report().contains("<td>4,321</td>"));
}
