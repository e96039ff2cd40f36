//! Whether the extract stage did what the pipeline asks for.

use selectron_run::error::{Error, Result};
use selectron_run::manifest::{Manifest, model_name};
use selectron_run::{Pipeline, RunDir, Site};

/// Refuses a run directory that was extracted with other choices than the pipeline's.
///
/// # Errors
/// When the extract stage has not run, or with another model, layers, sites, presentation, reduction
/// or categories.
pub(super) fn check_extracted(
    manifest: &Manifest,
    pipeline: &Pipeline,
    run: &RunDir,
) -> Result<()> {
    let facts = manifest.extracted(run)?;
    let (extracted, record) = (&manifest.pipeline, &pipeline.record);
    let sites = |sites: &[Site]| {
        let names: Vec<_> = sites.iter().map(|site| site.name()).collect();
        names.join(", ")
    };
    let of_extracted: Vec<_> = facts.categories.iter().map(|c| c.name.as_str()).collect();
    let asked_for: Vec<_> = pipeline.category.iter().map(|c| c.name.as_str()).collect();
    let choices = [
        (
            "the model",
            extracted.model.clone(),
            model_name(&pipeline.model.source),
        ),
        (
            "the layers",
            extracted.layers.to_string(),
            record.layers.to_string(),
        ),
        ("the sites", sites(&facts.sites), sites(&record.site)),
        (
            "the presentation",
            facts.presentation.to_string(),
            record.presentation.to_string(),
        ),
        (
            "the reduction",
            facts.reduce.to_string(),
            record.reduce.to_string(),
        ),
        (
            "the categories",
            of_extracted.join(", "),
            asked_for.join(", "),
        ),
    ];
    for (what, extracted, asked) in choices {
        if extracted != asked {
            return Err(Error::artifact(
                run.manifest(),
                format!(
                    "{what} of the extract stage were `{extracted}`, but `{asked}` is asked for"
                ),
                "rerun the extract stage with the same flags",
            ));
        }
    }
    Ok(())
}
