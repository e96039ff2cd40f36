//! `report.html`: one file with everything in it, which asks nothing of the network and runs no
//! script. All text reaches it through a template that escapes.

mod facts;
mod figure_view;
mod heat_view;
mod in_text;
mod site_view;
mod style;
mod table;
mod trust;
mod wording;

use crate::data::{Run, Shown};
use crate::figures::Figure;
use crate::theme::Theme;
use facts::Facts;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use selectron_run::error::{Error, Result};
use serde::Serialize;
use site_view::SiteView;

const TEMPLATES: [(&str, &str); 7] = [
    ("report.html", include_str!("../../templates/report.html")),
    ("macros.html", include_str!("../../templates/macros.html")),
    ("in_text.html", include_str!("../../templates/in_text.html")),
    ("trust.html", include_str!("../../templates/trust.html")),
    ("facts.html", include_str!("../../templates/facts.html")),
    ("limits.html", include_str!("../../templates/limits.html")),
    ("report.css", include_str!("../../templates/report.css")),
];

/// What the template is filled with.
#[derive(Serialize)]
struct Report {
    /// Style rules made for this run's colours.
    shades: String,
    name: String,
    version: String,
    model: String,
    a: String,
    b: String,
    /// The letter of the statistic.
    symbol: &'static str,
    /// The test in words.
    test: String,
    sites: Vec<SiteView>,
    in_text: Vec<in_text::SiteText>,
    /// Whether the neurons have been scored on the text.
    measured: bool,
    checks: Vec<trust::Check>,
    facts: Facts,
}

/// Writes the report.
///
/// # Errors
/// A bug, when the template does not fit its context.
pub fn write(
    run: &Run,
    shown: Option<&Shown>,
    figures: &[Figure],
    theme: &Theme,
) -> Result<String> {
    let views = run.sites.iter().enumerate().map(|(index, site)| {
        let of_site: Vec<_> = figures
            .iter()
            .filter(|figure| figure.site == Some(index))
            .collect();
        SiteView::new(run, site, shown, &of_site)
    });
    let report = Report {
        shades: style::shades(theme),
        name: run.pipeline.name.clone(),
        version: run.version.clone(),
        model: run.extract.model.name.clone(),
        a: crate::sanitize::clean(&run.stats.category_a),
        b: crate::sanitize::clean(&run.stats.category_b),
        symbol: run.measure.symbol,
        test: wording::test_sentence(run),
        sites: views.collect(),
        in_text: in_text::sites(run, figures),
        measured: !run.in_text.scores.is_empty(),
        checks: trust::checks(run, figures),
        facts: Facts::new(run),
    };
    fill(&report).map_err(|error| Error::bug(format!("report: {error:#}")))
}

fn fill(report: &Report) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()?,
    );
    environment.set_auto_escape_callback(|name| {
        if name.ends_with(".css") {
            AutoEscape::None
        } else {
            AutoEscape::Html
        }
    });
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    environment
        .get_template("report.html")?
        .render(Serde(report))
}
