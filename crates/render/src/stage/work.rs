//! The stage's work: one unit, which draws everything.

use crate::data::Run;
use crate::figures::{Figure, draw_all, rasterise};
use crate::report;
use crate::theme::Theme;
use selectron_run::Stage;
use selectron_run::error::Result;
use selectron_run::manifest::{Artifacts, Manifest, RenderFacts, Section};
use selectron_run::stage::{Console, Task};
use selectron_run::units::{Store, Unit, Work};

const REPORT: &str = "report.html";
const FIGURES: &str = "figures";

/// What the unit leaves beside its files: their names in the run directory.
const NAMES: &str = "names";

/// The figures and the report of a run.
pub(super) struct Drawing<'a> {
    /// What is asked for.
    pub task: &'a Task,
    /// Where to say what is done.
    pub console: &'a Console,
    /// What the earlier stages have left.
    pub manifest: &'a Manifest,
    /// The colours.
    pub theme: &'a Theme,
}

impl Work for Drawing<'_> {
    fn stage(&self) -> Stage {
        Stage::Render
    }

    fn plan(&self) -> Result<Vec<Unit>> {
        let title = "the figures and the report".to_owned();
        Ok(vec![Unit { title }])
    }

    fn units(&self, numbers: &[usize], store: &Store) -> Result<()> {
        for number in numbers {
            self.draw(*number, store)?;
        }
        Ok(())
    }

    fn collect(&self, units: usize, store: &Store) -> Result<Section> {
        let mut artifacts = Artifacts::new();
        for unit in 0..units {
            let names: Vec<String> = store.get(unit, NAMES)?;
            for name in names {
                let destination = self.task.run.file(&name);
                let facts = store.publish(unit, file_name(&name), &destination)?;
                artifacts.insert(name, facts);
            }
        }
        Ok(Section::Render(RenderFacts { artifacts }))
    }
}

/// What a file of the unit is called, by its name in the run directory.
fn file_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

impl Drawing<'_> {
    /// Reads the run, draws it, and leaves the figures and then the report that shows them.
    fn draw(&self, number: usize, store: &Store) -> Result<()> {
        let Task { pipeline, run, .. } = self.task;
        let content = Run::load(pipeline, self.manifest, run)?;
        say_what_was_read(self.console, &content);
        let shown = content.shown();
        let figures = draw_all(&content, shown.as_ref(), self.theme)?;
        let pictures = rasterise(&figures)?;
        let report = report::write(&content, shown.as_ref(), &figures, self.theme)?;
        let mut files = store.begin(number)?;
        let mut names = Vec::new();
        let mut put = |name: String, content: &[u8]| {
            files.write(file_name(&name), content)?;
            names.push(name);
            Ok(())
        };
        for (figure, picture) in figures.iter().zip(&pictures) {
            put(
                format!("{FIGURES}/{}.svg", figure.name),
                figure.svg.as_bytes(),
            )?;
            put(format!("{FIGURES}/{}.png", figure.name), picture)?;
        }
        put(REPORT.to_owned(), report.as_bytes())?;
        files.put(NAMES, &names)?;
        files.finish()?;
        self.console.wrote(format_args!(
            "{FIGURES}/: {} figures as SVG and PNG ({})",
            figures.len(),
            listed(&figures)
        ));
        let kilobytes = report.len().div_ceil(1000);
        self.console
            .wrote(format_args!("{REPORT} ({kilobytes} kB)"));
        Ok(())
    }
}

fn say_what_was_read(console: &Console, content: &Run) {
    let tests = content.sites.iter().map(|site| site.neurons().count());
    let sites: Vec<_> = content.sites.iter().map(|site| site.site.name()).collect();
    console.read(format_args!(
        "tvalues.parquet: {} neurons of {}",
        tests.sum::<usize>(),
        sites.join(", ")
    ));
    console.read(format_args!(
        "words.parquet, activations.parquet: {} words",
        content.words.len()
    ));
    match &content.tokens {
        Some(tokens) => console.read(format_args!(
            "tokens.parquet, shown_activations.parquet: {} tokens",
            tokens.len()
        )),
        None => console.warn("the pipeline names no text, so there are no text heatmaps"),
    }
    if !content.in_text.scores.is_empty() {
        console.read(format_args!(
            "generalization.parquet: {} neurons scored on the text",
            content.in_text.scores.len()
        ));
    }
    for site in &content.sites {
        if site.total(|counts| counts.a + counts.b) == 0 {
            console.warn(format_args!("no neuron of {} is significant", site.site));
        }
    }
}

/// The figures' names as a list.
fn listed(figures: &[Figure]) -> String {
    let names: Vec<_> = figures.iter().map(|figure| figure.name.as_str()).collect();
    names.join(", ")
}
