//! Runs of every shape are drawn, and the report says plainly what is missing.

use crate::fixture::{Content, Fixture, NEURONS};
use selectron_run::Site;
use selectron_run::pipeline::Statistic;
use selectron_tables::rows::TValueRow;

fn rendered(content: &Content) -> Fixture {
    let fixture = Fixture::new(content);
    fixture.render().unwrap();
    fixture
}

#[test]
fn a_run_without_a_text_says_so() {
    let fixture = rendered(&Content {
        tokens: None,
        ..Content::default()
    });
    assert!(fixture.report().contains("The pipeline names no text"));
    assert_eq!(fixture.figures().len(), 10);
}

#[test]
fn a_run_without_a_significant_neuron_says_so() {
    fn none(row: &mut TValueRow) {
        (row.significant, row.prefers) = (false, None);
    }
    let fixture = rendered(&Content {
        test: none,
        ..Content::default()
    });
    let report = fixture.report();
    assert!(report.contains("None of the 24 neurons that were tested at mlp.pre"));
    assert!(report.contains("is merely the one with the most extreme t"));
    assert!(fixture.svg("heatmap-a").contains("not significant"));
    assert!(!report.contains("Significant from"));
}

#[test]
fn a_run_whose_t_is_undefined_everywhere_is_still_reported() {
    fn undefined(row: &mut TValueRow) {
        let kept = TValueRow {
            site: row.site,
            layer: row.layer,
            neuron: row.neuron,
            statistic: row.statistic,
            ..TValueRow::default()
        };
        *row = kept;
    }
    let fixture = rendered(&Content {
        test: undefined,
        ..Content::default()
    });
    let report = fixture.report();
    assert!(report.contains("No t is defined, so there is no neuron to show."));
    assert!(report.contains("24 neurons have no defined t"));
    assert!(
        !fixture
            .figures()
            .iter()
            .any(|name| name.starts_with("heatmap"))
    );
}

#[test]
fn some_undefined_t_are_counted_apart() {
    fn third(row: &mut TValueRow) {
        if row.neuron == 3 {
            (row.t, row.p, row.log10_p, row.p_adjusted) = (None, None, None, None);
        }
    }
    let report = rendered(&Content {
        test: third,
        ..Content::default()
    })
    .report();
    assert!(report.contains("2 neurons have no defined t"));
}

#[test]
fn a_single_layer_has_an_axis_of_neurons() {
    let fixture = rendered(&Content {
        layers: vec![1],
        ..Content::default()
    });
    assert!(fixture.svg("t-by-neuron").contains(">Neuron</text>"));
    assert!(fixture.report().contains("in layer 1 of tiny"));
}

#[test]
fn several_sites_have_figures_of_their_own() {
    let sites = vec![Site::MlpPre, Site::ResidPost];
    let fixture = rendered(&Content {
        sites,
        ..Content::default()
    });
    let figures = fixture.figures();
    assert_eq!(figures.len(), 32);
    assert!(figures.contains(&"volcano-resid.post.svg".to_owned()));
    assert!(figures.contains(&"heatmap-both-mlp.pre.png".to_owned()));
    assert!(fixture.report().contains("Site resid.post"));
}

#[test]
fn the_first_of_several_statistics_is_shown() {
    let statistics = vec![Statistic::WelchT, Statistic::PairedT];
    let report = rendered(&Content {
        statistics,
        ..Content::default()
    })
    .report();
    assert!(report.contains("this report shows the first, Welch’s t-test"));
}

#[test]
fn a_statistic_without_a_sign_is_shown_by_its_letter() {
    fn absolute(row: &mut TValueRow) {
        row.t = row.t.map(f64::abs);
        if row.neuron == NEURONS - 1 {
            row.prefers = Some("adjective".to_owned());
        }
    }
    let statistics = vec![Statistic::Anova];
    let fixture = rendered(&Content {
        statistics,
        test: absolute,
        ..Content::default()
    });
    assert!(fixture.svg("t-by-neuron").contains(">F</text>"));
    assert!(fixture.svg("t-histogram").contains("other (2)"));
    assert!(
        fixture
            .report()
            .contains("2 respond most to a further category")
    );
}

#[test]
fn a_robust_scale_says_that_values_lie_beyond_it() {
    let render = "[render]\nscaling = \"robust\"\n".to_owned();
    let fixture = rendered(&Content {
        render,
        ..Content::default()
    });
    assert!(
        fixture
            .report()
            .contains("Values beyond the ends of the key take its end colours.")
    );
    assert!(fixture.svg("heatmap-a").contains("≤ "));
}

#[test]
fn beginning_of_sequence_tokens_are_shown_but_not_painted() {
    let report = rendered(&Content::default()).report();
    let marks: Vec<_> = report.match_indices("[BOS]").collect();
    assert_eq!(marks.len(), 3);
    for (at, _) in marks {
        let tag = &report[report[..at].rfind("<span").unwrap()..at];
        assert!(tag.contains("class=\"bos\""), "{tag}");
    }
}
