//! The stage: read the run, draw, write.

use crate::data::{Checks, InText, Run, check_same_experiment};
use crate::error::Result;
use crate::figures::{Figure, draw_all, rasterise};
use crate::report;
use crate::theme::Theme;
use selectron_run::files::{create_folder, remove_path, write_atomically};
use selectron_run::manifest::{Artifacts, Manifest, RenderFacts, artifact};
use selectron_run::stage::{Console, Inputs, Outputs, StageArgs, State, Task};
use selectron_tables::table::Provenance;
use selectron_run::{Error as SchemaError, RunDir};

const STAGE: &str = "render";
const REPORT: &str = "report.html";
const FIGURES: &str = "figures";

/// The tables that every run has, and those of the text where there is one.
const TABLES: [&str; 3] = ["words", "activations", "tvalues"];
const TEXT_TABLES: [&str; 2] = ["tokens", "text_activations"];

/// Draws the figures and the report of a run.
///
/// # Errors
/// When the pipeline file is not right, an earlier stage has not run, a table does not fit, or the
/// run directory cannot be written. Earlier outputs then stay as they are.
pub fn run(args: &StageArgs) -> Result<()> {
    let console = Console::new(STAGE);
    let task = Task::new(args)?;
    let mut manifest = Manifest::load(&task.run, &task.pipeline)?;
    check_same_experiment(&task.pipeline, &manifest, &task.run)?;
    check_tested(&manifest, &task)?;
    // What earlier stages do not read of the pipeline file may have changed since they ran.
    manifest.pipeline = Manifest::new(&task.pipeline).pipeline;
    let theme = Theme::of(&task.pipeline)?;
    let inputs = inputs(&task, &manifest)?;
    let recorded = manifest.render.as_ref().is_some_and(|render| {
        // The manifest may have been rewritten since.
        render.artifacts.contains_key(REPORT)
    });
    if recorded && !task.force && State::is_current(&task.run, STAGE, &inputs) {
        console.up_to_date();
        return Ok(());
    }
    let _lock = task.run.lock()?;
    let content = Run::load(&task.pipeline, &manifest, &task.run)?;
    say_what_was_read(&console, &content);
    let shown = content.shown();
    let figures = draw_all(&content, shown.as_ref(), &theme)?;
    let pictures = rasterise(&figures)?;
    let report = report::write(&content, shown.as_ref(), &figures, &theme)?;
    let artifacts = write(&task.run, &figures, &pictures, &report)?;
    console.wrote(format_args!(
        "{FIGURES}/: {} figures as SVG and PNG ({})",
        figures.len(),
        names(&figures)
    ));
    console.wrote(format_args!(
        "{REPORT} ({} kB)",
        report.len().div_ceil(1000)
    ));
    remove_stale(&task.run, &manifest, &artifacts)?;
    let manifest = Manifest {
        render: Some(RenderFacts {
            artifacts: artifacts.clone(),
        }),
        ..manifest
    };
    manifest.save(&task.run)?;
    State::save(&task.run, STAGE, &inputs, Outputs::kept(&artifacts))?;
    console.done();
    Ok(())
}

/// Refuses numbers that were made by other `[test]` settings than the pipeline's.
fn check_tested(manifest: &Manifest, task: &Task) -> Result<()> {
    let stats = manifest.tested(&task.run)?;
    let test = &task.pipeline.test;
    let asked: Vec<_> = test.statistic.iter().map(ToString::to_string).collect();
    let same = stats.statistics == asked
        && stats.alpha == test.alpha
        && stats.correction == test.correction.name()
        && stats.family == test.family.name();
    if same {
        return Ok(());
    }
    Err(SchemaError::artifact(
        task.run.manifest(),
        "the stats stage has run with other [test] settings than the pipeline's",
        "run `cargo xtask stats` for this pipeline first",
    )
    .into())
}

/// What the outputs depend on.
fn inputs(task: &Task, manifest: &Manifest) -> Result<Inputs> {
    let mut inputs = Inputs::of_this_program()?;
    let render = &task.pipeline.render;
    inputs.value("pipeline", &task.pipeline.name);
    inputs.value(
        "palette",
        format_args!("{} {}", render.palette.a, render.palette.b),
    );
    inputs.value("scaling", format_args!("{:?}", render.scaling));
    let earlier = (
        &manifest.pipeline,
        manifest.extracted(&task.run)?,
        manifest.tested(&task.run)?,
    );
    let earlier = serde_json::to_string(&earlier)
        .map_err(|error| SchemaError::Bug(format!("manifest: {error}")))?;
    inputs.value("manifest", earlier);
    let has_text = manifest.extracted(&task.run)?.text.is_some();
    let extracted = &manifest.extracted(&task.run)?.artifacts;
    let tested = &manifest.tested(&task.run)?.artifacts;
    let written = extracted
        .iter()
        .chain(tested)
        .map(|(name, facts)| (name.clone(), facts.clone()));
    let written: Artifacts = written.collect();
    let provenance = Provenance::new(&task.pipeline.name);
    let of_text = TEXT_TABLES.iter().filter(|_| has_text);
    let optional = Checks::TABLES.iter().chain(&InText::TABLES);
    for table in TABLES.iter().chain(of_text).chain(optional) {
        inputs.table(&task.run, table, &written, &provenance)?;
    }
    Ok(inputs)
}

fn say_what_was_read(console: &Console, content: &Run) {
    let tests: usize = content
        .sites
        .iter()
        .map(|site| site.neurons().count())
        .sum();
    console.read(format_args!(
        "tvalues.parquet: {tests} neurons of {}",
        content
            .sites
            .iter()
            .map(|site| site.site.name())
            .collect::<Vec<_>>()
            .join(", ")
    ));
    console.read(format_args!(
        "words.parquet, activations.parquet: {} words",
        content.words.len()
    ));
    match &content.tokens {
        Some(tokens) => console.read(format_args!(
            "tokens.parquet, text_activations.parquet: {} tokens",
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

/// Writes the figures, then the report that shows them.
fn write(
    run: &RunDir,
    figures: &[Figure],
    pictures: &[Vec<u8>],
    report: &str,
) -> Result<Artifacts> {
    create_folder(run.figures())?;
    let mut artifacts = Artifacts::new();
    let mut put = |name: &str, content: &[u8]| -> Result<()> {
        write_atomically(run.file(name), content)?;
        artifacts.extend([artifact(run, name, None)?]);
        Ok(())
    };
    for (figure, picture) in figures.iter().zip(pictures) {
        put(
            &format!("{FIGURES}/{}.svg", figure.name),
            figure.svg.as_bytes(),
        )?;
        put(&format!("{FIGURES}/{}.png", figure.name), picture)?;
    }
    put(REPORT, report.as_bytes())?;
    Ok(artifacts)
}

/// Removes the figures that the last rendering wrote and this one did not, lest they be taken for
/// this run's.
fn remove_stale(run: &RunDir, earlier: &Manifest, artifacts: &Artifacts) -> Result<()> {
    let old = earlier
        .render
        .iter()
        .flat_map(|render| render.artifacts.keys());
    for name in old.filter(|name| !artifacts.contains_key(*name)) {
        let is_figure = name
            .strip_prefix("figures/")
            .is_some_and(|file| !file.contains(['/', '\\']) && !file.starts_with('.'));
        if is_figure {
            remove_path(run.file(name))?;
        }
    }
    Ok(())
}

fn names(figures: &[Figure]) -> String {
    figures
        .iter()
        .map(|figure| figure.name.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}
