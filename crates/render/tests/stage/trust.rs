//! The checks of the stats stage are shown, each where there is one.

use crate::fixture::{Content, Fixture, NEURONS, part, put};
use selectron_run::Table;
use selectron_run::pipeline::Statistic;
use selectron_run::vocabulary::{PositionContrast, Property};
use selectron_tables::rows::{
    BalanceRow, ControlRow, LeaveOneOutRow, NullRow, PositionRow, ReliabilityRow,
};
use serde_json::json;

const HEADINGS: [&str; 7] = [
    "Do the words differ in something else?",
    "How many neurons would chance find?",
    "Does it depend on single words?",
    "Does the preference hold against other categories?",
    "Would half of the words say the same?",
    "What would have been missed?",
    "What does the position alone do?",
];

/// Every check, its names made of `text`. The neurons that are shown are the first and the last.
pub(crate) fn add_checks(fixture: &Fixture, content: &Content, text: &str) {
    let [a, b] = content.categories.clone();
    let site = content.sites[0];
    let layer = content.layers[content.layers.len() - 1];
    let statistic = content.statistics[0];
    let balance = |property, other: &str, p: Option<f64>, differs| BalanceRow {
        property,
        category_a: a.clone(),
        category_b: other.to_owned(),
        n_a: 76,
        n_b: 77,
        mean_a: 5.579,
        mean_b: 4.895,
        mean_diff: 0.684,
        t: p.map(|_| 2.34),
        df: p.map(|_| 148.7),
        p,
        differs,
    };
    put(
        fixture,
        &[
            balance(Property::Characters, &b, Some(0.0206), true),
            balance(Property::LogRank, &b, Some(1e-7), true),
            balance(Property::Capitals, &b, None, false),
            balance(Property::Position, text, Some(0.03), true),
        ],
    );
    let null = |draw, significant| NullRow {
        statistic,
        site,
        layer,
        draw,
        significant,
        uncorrected: 40,
    };
    let nulls = [
        null(None, 4),
        null(Some(0), 0),
        null(Some(1), 3),
        null(Some(2), 0),
    ];
    put(fixture, &nulls);
    let control = ControlRow {
        site,
        layer,
        neuron: 0,
        statistic,
        prefers: a.clone(),
        control: text.to_owned(),
        mean_preferred: 0.75,
        mean_control: 0.5,
        t: Some(1.25),
        p: Some(0.2),
        p_adjusted: Some(0.4321),
        auc: Some(0.61),
        beats: false,
        ..ControlRow::default()
    };
    put(fixture, &[control]);
    let left_out = LeaveOneOutRow {
        site,
        layer,
        neuron: 0,
        statistic,
        word: text.to_owned(),
        partner: Some(text.to_owned()),
        category: a.clone(),
        t: Some(9.5),
        p: Some(1e-21),
    };
    put(fixture, &[left_out]);
    let reliability = ReliabilityRow {
        statistic,
        site,
        layer,
        splits: 20,
        correlation: Some(0.871),
        lowest: Some(-0.25),
        highest: None,
        reliability: Some(0.931),
    };
    put(fixture, &[reliability]);
    let position = |contrast, significant, mean_abs_d| PositionRow {
        site,
        layer,
        contrast,
        words: 152,
        tests: 1024,
        significant,
        mean_abs_d,
    };
    let positions = [
        position(PositionContrast::SecondFirst, 1013, Some(4.56)),
        position(PositionContrast::ThirdSecond, 512, None),
    ];
    put(fixture, &positions);
    let mut manifest = fixture.manifest();
    let stats = manifest.stats.as_mut().unwrap();
    stats.nulls = Some(
        serde_json::from_value(json!({
            "statistic": statistic, "kind": "sign flips", "draws": 3, "observed": 4, "mean": 1.0,
            "largest": 3, "with_any": 1, "p": 0.25, "uncorrected": 0.0521,
        }))
        .unwrap(),
    );
    let hangs_on = format!("{text}/{text}");
    stats.leave_one_out = serde_json::from_value(json!([{
        "site": site, "layer": layer, "neuron": 0, "t": 11.25, "smallest": 9.5, "largest": 12.5,
        "hangs_on": hangs_on,
    }]))
    .unwrap();
    stats.controls = serde_json::from_value(json!([
        { "statistic": statistic, "prefers": a, "control": text, "neurons": 1224, "beat": 518 },
        { "statistic": "logit", "prefers": a, "control": text, "neurons": 77777, "beat": 0 },
    ]))
    .unwrap();
    stats.power = serde_json::from_value(json!([{
        "statistic": statistic, "tests": 1024, "level": 4.9e-5, "power": 0.8, "effect": 0.5951,
    }]))
    .unwrap();
    stats.permutations = serde_json::from_value(json!([{
        "statistic": statistic, "kind": "label shuffles", "count": 10000, "complete": false,
    }]))
    .unwrap();
    manifest.save(&fixture.run).unwrap();
}

fn with_checks() -> Fixture {
    let content = Content::default();
    let fixture = Fixture::new(&content);
    add_checks(&fixture, &content, "adverb");
    fixture
}

#[test]
fn every_check_is_shown_with_its_numbers() {
    let fixture = with_checks();
    fixture.render().unwrap();
    let report = fixture.report();
    assert!(report.contains("<h2 id=\"trust\">How far to trust it</h2>"));
    let expected: [&[&str]; HEADINGS.len()] = [
        &[
            "noun (76 words) and verb (77 words)",
            "The noun and verb words differ in number of characters and frequency, which",
            "Words of control categories differ, too: noun and adverb in position.",
            "Characters 5.579 4.895 0.684 2.34 0.021 ≠ yes",
            "Share of capital letters 5.579 4.895 0.684 – – no",
        ],
        &[
            "at random 3 times (sign flips: in each pair a coin",
            "On average 1.00 neurons were significant, at most 3, and any at all in 1 of the assignments",
            "p\u{a0}=\u{a0}0.250",
            "5.2% of the neurons pass by chance, where a sound test lets about 5% pass",
            "observed: 4",
        ],
        &["layer 1, neuron 0 noun 1 11.25 9.50 12.50 adverb&#x2f;adverb 1.0\u{202f}×\u{202f}10⁻²¹"],
        &[
            "Of the neurons that prefer noun, 706 of 1,224 do not beat adverb.",
            "noun adverb 1,224 518 706 42.3%",
            "layer 1, neuron 0 noun adverb 0.750 0.500 1.25 0.432 0.61 ✕ no",
        ],
        &["layer 1 20 0.87 −0.25 – 0.93"],
        &[
            "up to 1,024 tests",
            "differ by 0.60 standard deviations of the pairs’ differences (d_z)",
            "with a chance of 80%",
            "normally distributed activations and Bonferroni’s correction.",
        ],
        &[
            "layer 1 1 compared with 0 152 1,024 1,013 98.9% 4.56",
            "layer 1 2 compared with 1 152 1,024 512 50.0% –",
        ],
    ];
    for (heading, numbers) in HEADINGS.iter().zip(expected) {
        let part = part(&report, heading);
        for number in numbers {
            assert!(part.contains(number), "{number}: {part}");
        }
    }
    assert!(report.contains("10,000 label shuffles, drawn at random"));
    assert!(
        !report.contains("77,777"),
        "another statistic's controls are shown"
    );
}

#[test]
fn rows_that_call_for_caution_are_marked() {
    let fixture = with_checks();
    fixture.render().unwrap();
    let report = fixture.report();
    let marked = |row: &str| {
        let at = report
            .find(&format!("<th scope=\"row\">{row}</th>"))
            .unwrap();
        report[..at].ends_with("<tr class=\"marked\">")
    };
    assert!(marked("Characters"));
    assert!(!marked("Share of capital letters"));
}

#[test]
fn the_random_counts_are_a_figure_of_the_whole_run() {
    let fixture = with_checks();
    fixture.render().unwrap();
    let figures = fixture.figures();
    assert!(figures.contains(&"null-counts.png".to_owned()));
    let svg = fixture.svg("null-counts");
    assert!(svg.contains(">observed: 4</text>"));
    assert!(svg.contains("3 random assignments"));
    // Without the assignments there is nothing to draw, and what was drawn is taken away.
    std::fs::remove_file(fixture.run.table(Table::Nulls)).unwrap();
    fixture.render().unwrap();
    assert!(!fixture.figures().contains(&"null-counts.png".to_owned()));
    assert!(fixture.report().contains(HEADINGS[1]));
}

#[test]
fn a_check_that_was_not_made_is_left_out() {
    let tables = [
        (Table::Balance, HEADINGS[0]),
        (Table::Reliability, HEADINGS[4]),
        (Table::Position, HEADINGS[6]),
    ];
    for (table, heading) in tables {
        let fixture = with_checks();
        std::fs::remove_file(fixture.run.table(table)).unwrap();
        fixture.render().unwrap();
        let report = fixture.report();
        for other in HEADINGS {
            assert_eq!(report.contains(other), other != heading, "{table}: {other}");
        }
    }
    let fixture = with_checks();
    put::<BalanceRow>(&fixture, &[]);
    put::<PositionRow>(&fixture, &[]);
    put::<NullRow>(&fixture, &[]);
    fixture.render().unwrap();
    let report = fixture.report();
    assert!(!report.contains(HEADINGS[0]) && !report.contains(HEADINGS[6]));
    let none = Fixture::new(&Content::default());
    none.render().unwrap();
    assert!(!none.report().contains("How far to trust it"));
}

#[test]
fn a_changed_check_is_shown_anew_and_a_damaged_one_named() {
    let fixture = with_checks();
    fixture.render().unwrap();
    let changed = ReliabilityRow {
        statistic: Statistic::PairedT,
        reliability: Some(0.12),
        ..ReliabilityRow::default()
    };
    put(&fixture, &[changed]);
    fixture.render().unwrap();
    assert!(fixture.report().contains("<td>0.12</td>"));
    let table = fixture.run.table(Table::Reliability);
    std::fs::write(&table, "not a table").unwrap();
    let error = fixture.render().unwrap_err().to_string();
    assert!(
        error.contains("reliability.parquet: not a readable Parquet file"),
        "{error}"
    );
}

#[test]
fn any_number_in_the_tables_can_be_shown() {
    let fixture = with_checks();
    let balance = |value: f64| BalanceRow {
        mean_a: value,
        mean_diff: value,
        t: Some(value),
        p: Some(value),
        n_a: i32::MAX as usize,
        ..BalanceRow::default()
    };
    let values = [f64::NAN, f64::INFINITY, f64::MIN, 5e-324, 0.0];
    put(&fixture, &values.map(balance));
    let null = |draw, significant| NullRow {
        statistic: Statistic::PairedT,
        draw: Some(draw),
        significant,
        ..NullRow::default()
    };
    put(
        &fixture,
        &[null(0, i32::MAX as usize), null(1, 0), null(2, NEURONS)],
    );
    fixture.render().unwrap();
    assert!(fixture.report().contains("not a number"));
}
