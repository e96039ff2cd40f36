//! The stage: reads the run directory's activations, tests every neuron, writes the tables.

use crate::arrangement::Shape;
use crate::balance;
use crate::controls;
use crate::design::Design;
use crate::effect::{Contrast, Contraster};
use crate::error::Result;
use crate::leave_one_out::leave_one_out;
use crate::moments::Moments;
use crate::nulls::Nulls;
use crate::permutation::max_t::MaxT;
use crate::position;
use crate::power;
use crate::reliability::split_half;
use crate::report;
use crate::results::{Part, Results, Study, check_correction};
use crate::rows::{counts, tvalue_rows};
use crate::sample::Sample;
use crate::select::select;
use crate::statistic::Tester;
use crate::text;
use crate::text::narrow;
use crate::text::shown::shown;
use rayon::prelude::*;
use selectron_tables::activations::{ActivationReader, Subject};
use selectron_run::files::remove_path;
use selectron_run::manifest::{
    Artifacts, ExtractFacts, Manifest, NullFacts, PermutationFacts, SelectedNeuron, StatsFacts,
    artifact, model_name,
};
use selectron_run::pipeline::TextSection;
use selectron_run::stage::{Console, Inputs, Outputs, State, Task};
use selectron_tables::table::{Provenance, Row, TableWriter, read_table, write_table};
use selectron_tables::rows::{
    BalanceRow, ControlRow, LeaveOneOutRow, NullRow, PositionRow, ReliabilityRow, TValueRow,
    TextWordRow, TokenRow, WordRow,
};
use selectron_run::{Pipeline, RunDir};

pub(crate) const STAGE: &str = "stats";

/// What random numbers are for. Each use has streams of its own; the statistics of a list share
/// theirs.
const FOR_MAX_T: u64 = 0;
const FOR_NULLS: u64 = 1;
const FOR_SPLITS: u64 = 2;
pub(crate) const FOR_SHUFFLED_LABELS: u64 = 3;
pub(crate) const FOR_CONTROL_TASKS: u64 = 4;
pub(crate) const FOR_RANDOM_NEURONS: u64 = 5;
pub(crate) const FOR_SENTENCES: u64 = 6;
pub(crate) const FOR_EXAMPLES: u64 = 7;

/// Runs the stage, unless its outputs are up to date.
///
/// # Errors
/// When the extract stage has not run or does not fit the pipeline, when the words do not allow the
/// test, or when the run directory cannot be written.
pub fn run(task: &Task) -> Result<()> {
    let console = Console::new(STAGE);
    let Task { pipeline, run, .. } = task;
    let mut manifest = Manifest::load(run, pipeline)?;
    check_extracted(&manifest, pipeline, run)?;
    check_correction(pipeline)?;
    finish_narrowing(run)?;
    let inputs = inputs(task, &manifest)?;
    if !task.force && manifest.stats.is_some() && State::is_current(run, STAGE, &inputs) {
        console.up_to_date();
        return Ok(());
    }
    if pipeline.text.is_some() && narrow::is_done(run, manifest.extracted(run)?) {
        return Err(narrow::gone(run).into());
    }
    let _lock = run.lock()?;
    let provenance = Provenance::new(&pipeline.name);
    let words = read_table::<WordRow>(run.table("words"), &provenance)?;
    let design = Design::new(pipeline, words)?;
    let work = Work {
        extracted: manifest.extract.as_ref(),
        task,
        design: &design,
        provenance: &provenance,
        console: &console,
    };
    let facts = work.run()?;
    // What a later stage made of earlier numbers is no longer true of these.
    manifest.render = None;
    manifest.pipeline = Manifest::new(pipeline).pipeline;
    let artifacts = facts.artifacts.clone();
    manifest.stats = Some(facts);
    manifest.save(run)?;
    State::save(run, STAGE, &inputs, Outputs::kept(&artifacts))?;
    narrow::finish(run, STAGE)?;
    console.done();
    Ok(())
}

/// Whether the stage has nothing to do for a task. What an interrupted run left to be finished is
/// finished first.
///
/// # Errors
/// When the extract stage has not run or does not fit the pipeline, or something cannot be read.
pub fn is_current(task: &Task) -> Result<bool> {
    let Task { pipeline, run, .. } = task;
    let manifest = Manifest::load(run, pipeline)?;
    check_extracted(&manifest, pipeline, run)?;
    finish_narrowing(run)?;
    let inputs = inputs(task, &manifest)?;
    Ok(manifest.stats.is_some() && State::is_current(run, STAGE, &inputs))
}

/// Finishes a replacement of the text's activations that was interrupted.
fn finish_narrowing(run: &RunDir) -> Result<()> {
    if narrow::is_pending(run) {
        let _lock = run.lock()?;
        narrow::finish(run, STAGE)?;
    }
    Ok(())
}

/// Refuses a run directory that was extracted with other choices than the pipeline's.
fn check_extracted(manifest: &Manifest, pipeline: &Pipeline, run: &RunDir) -> Result<()> {
    let facts = manifest.extracted(run)?;
    let names = |names: Vec<&str>| names.join(", ");
    let sites: Vec<_> = pipeline
        .record
        .site
        .iter()
        .map(|site| site.name())
        .collect();
    let categories: Vec<_> = pipeline.category.iter().map(|c| c.name.as_str()).collect();
    let choices = [
        (
            "the model",
            manifest.pipeline.model.clone(),
            model_name(&pipeline.model.source),
        ),
        (
            "the layers",
            manifest.pipeline.layers.clone(),
            pipeline.record.layers.to_string(),
        ),
        ("the sites", facts.sites.join(", "), names(sites)),
        (
            "the presentation",
            facts.presentation.clone(),
            pipeline.record.presentation.to_string(),
        ),
        (
            "the reduction",
            facts.reduce.clone(),
            pipeline.record.reduce.to_string(),
        ),
        (
            "the categories",
            names(facts.categories.iter().map(|c| c.name.as_str()).collect()),
            names(categories),
        ),
    ];
    for (what, extracted, asked) in choices {
        if extracted != asked {
            return Err(selectron_run::Error::artifact(
                run.manifest(),
                format!(
                    "{what} of the extract stage were `{extracted}`, but `{asked}` is asked for"
                ),
                "rerun the extract stage with the same flags",
            )
            .into());
        }
    }
    Ok(())
}

fn inputs(task: &Task, manifest: &Manifest) -> Result<Inputs> {
    let extracted = manifest.extracted(&task.run)?;
    let provenance = Provenance::new(&task.pipeline.name);
    let mut inputs = Inputs::of_this_program()?;
    let Pipeline {
        name,
        seed,
        test,
        category,
        text,
        ..
    } = &task.pipeline;
    inputs.value("pipeline", name);
    inputs.value("seed", seed);
    inputs.value("test", format_args!("{test:?}"));
    for category in category {
        inputs.value("category", &category.name);
    }
    let mut tables = vec![WordRow::TABLE, Subject::Words.table()];
    if has_positions(extracted) {
        tables.push(Subject::Positions.table());
    }
    if let Some(text) = text.as_ref().filter(|_| extracted.text.is_some()) {
        let TextSection {
            reduce,
            neurons,
            shuffles,
            resamples,
            ..
        } = text;
        inputs.value("text.reduce", reduce);
        inputs.value("text.neurons", format_args!("{neurons:?}"));
        inputs.value("text.shuffles", shuffles);
        inputs.value("text.resamples", resamples);
        tables.extend([TokenRow::TABLE, TextWordRow::TABLE, Subject::Text.table()]);
        if !extracted.presentations.is_empty() {
            tables.push(Subject::Presentations.table());
        }
    }
    let mut written = extracted.artifacts.clone();
    if let Some(parts) = narrow::parts(extracted) {
        written.insert(narrow::FILE.to_owned(), parts.clone());
    }
    for table in tables {
        // The stage itself replaces the parts once it has scored all neurons. What it was made from
        // is then what the extract stage noted.
        let replaced = narrow::parts(extracted).filter(|_| table == Subject::Text.table());
        match replaced.filter(|_| !task.run.table(table).is_dir()) {
            Some(parts) => inputs.value(table, &parts.sha256),
            None => inputs.table(&task.run, table, &written, &provenance)?,
        }
    }
    Ok(inputs)
}

/// Whether the extract stage recorded tokens at several positions; a simulation has none.
fn has_positions(extracted: &ExtractFacts) -> bool {
    extracted
        .artifacts
        .contains_key(&format!("{}.parquet", Subject::Positions.table()))
}

/// What every step of the stage needs.
pub(crate) struct Work<'a> {
    pub(crate) extracted: Option<&'a ExtractFacts>,
    pub(crate) task: &'a Task,
    pub(crate) design: &'a Design,
    pub(crate) provenance: &'a Provenance,
    pub(crate) console: &'a Console,
}

/// What the first pass over the activations gives.
struct FirstPass {
    results: Results,
    nulls: Option<(Vec<NullRow>, NullFacts)>,
    reliability: Vec<ReliabilityRow>,
}

/// The tables that a second look at some neurons gives.
#[derive(Default)]
struct SecondPass {
    controls: Vec<ControlRow>,
    left_out: Vec<LeaveOneOutRow>,
}

impl Work<'_> {
    fn run(&self) -> Result<StatsFacts> {
        let Task { pipeline, run, .. } = self.task;
        let reader =
            ActivationReader::open(run.table("activations"), Subject::Words, self.provenance)?;
        let first = self.first_pass(&reader)?;
        let mut facts = self.facts(&first.results);
        let parts: Vec<&Part> = first.results.of_study(0).collect();
        let shown = shown(pipeline, &facts.selected, &parts)?;
        let second = self.second_pass(&reader, &first.results, &mut facts)?;
        let balance = self.balance(&first.results, &mut facts)?;
        self.write_tvalues(&first.results, &mut facts)?;
        self.write_table(&balance, &mut facts)?;
        match first.nulls {
            Some((rows, null_facts)) => {
                self.write_table(&rows, &mut facts)?;
                facts.nulls = Some(null_facts);
            }
            None => self.remove_table::<NullRow>()?,
        }
        self.write_table(&first.reliability, &mut facts)?;
        self.write_table(&second.left_out, &mut facts)?;
        if pipeline.category.len() > 2 {
            self.write_table(&second.controls, &mut facts)?;
        } else {
            self.remove_table::<ControlRow>()?;
        }
        self.positions(&mut facts)?;
        report::balance(&balance, &facts, self.console);
        report::results(&facts, &first.reliability, self.console);
        text::stage::run(self, &first.results, &reader, shown, &mut facts)?;
        Ok(facts)
    }

    /// Tests everything, a layer at a time.
    fn first_pass(&self, reader: &ActivationReader) -> Result<FirstPass> {
        let Pipeline { test, seed, .. } = &self.task.pipeline;
        let studies = self.studies()?;
        let first = studies.first().map(|study| study.tester.clone());
        let mut nulls = first
            .as_ref()
            .and_then(|tester| Nulls::new(tester, test, *seed, FOR_NULLS));
        let contents = reader.contents();
        self.console.read(format_args!(
            "{} words of {} categories, {} pairs; {} layers of activations",
            self.design.words.len(),
            self.design.groups.len(),
            self.design.pairs.len(),
            contents.len()
        ));
        let progress = self.console.progress("testing", contents.len());
        let (mut parts, mut reliability) = (Vec::new(), Vec::new());
        for (site, layer) in contents {
            let sample = Sample::new(self.design, &reader.read(site, layer)?)?;
            for (index, study) in studies.iter().enumerate() {
                parts.push(self.part(index, study, &sample));
            }
            if let Some(nulls) = &mut nulls {
                nulls.see(&sample, test.alpha);
            }
            if let Some(tester) = &first {
                let row = split_half(tester, &sample, *seed, FOR_SPLITS)?;
                reliability.push(((site, layer), row));
            }
            progress.inc(1);
        }
        progress.finish_and_clear();
        parts.sort_by_key(|part| (part.study, part.site, part.layer));
        reliability.sort_by_key(|(place, _)| *place);
        let mut results = Results { studies, parts };
        results.correct(test);
        let nulls = nulls
            .map(|nulls| nulls.finish(&results, test))
            .transpose()?;
        let reliability = reliability.into_iter().map(|(_, row)| row).collect();
        Ok(FirstPass {
            results,
            nulls,
            reliability,
        })
    }

    fn studies(&self) -> Result<Vec<Study>> {
        let Pipeline { test, seed, .. } = &self.task.pipeline;
        let study = |statistic: &_| {
            let tester = Tester::new(*statistic, self.design)?;
            let words = tester.arrangement();
            let max_t = MaxT::new(*statistic, words, test.permutations, *seed, FOR_MAX_T);
            Ok(Study { tester, max_t })
        };
        test.statistic.iter().map(study).collect()
    }

    fn part(&self, index: usize, study: &Study, sample: &Sample) -> Part {
        let statistic = study.tester.statistic();
        let words = study.tester.arrangement();
        let outcomes = study.tester.test(sample);
        let contraster = Contraster::new(statistic, words, self.task.pipeline.test.alpha);
        let contrasts: Vec<Contrast> = sample
            .par_rows()
            .map(|row| contraster.measure(row))
            .collect();
        let favourites = match words.shape {
            Shape::Several => sample.rows().map(|row| highest(row, self.design)).collect(),
            _ => contrasts
                .iter()
                .map(|one| usize::from(one.mean_diff <= 0.0))
                .collect(),
        };
        let heights = study
            .max_t
            .as_ref()
            .map(|max_t| max_t.heights(sample, &outcomes));
        Part {
            study: index,
            statistic,
            site: sample.site,
            layer: sample.layer,
            outcomes,
            contrasts,
            favourites,
            heights,
            adjusted: Vec::new(),
            critical_t: None,
            family_size: 0,
        }
    }

    fn facts(&self, results: &Results) -> StatsFacts {
        let pipeline = &self.task.pipeline;
        let test = &pipeline.test;
        let signed = results
            .studies
            .first()
            .is_none_or(|study| study.tester.arrangement().shape != Shape::Several);
        let permutations = results.studies.iter().filter_map(|study| {
            let draws = study.max_t.as_ref()?.draws();
            Some(PermutationFacts {
                statistic: study.tester.statistic().to_string(),
                kind: draws.kind().name().to_owned(),
                count: draws.count(),
                complete: draws.complete(),
            })
        });
        StatsFacts {
            category_a: pipeline.category_a().to_owned(),
            category_b: pipeline.category_b().to_owned(),
            statistics: test.statistic.iter().map(ToString::to_string).collect(),
            alpha: test.alpha,
            correction: test.correction.to_string(),
            family: test.family.to_string(),
            layers: results
                .parts
                .iter()
                .map(|part| counts(part, pipeline))
                .collect(),
            selected: select(results.of_study(0), signed, pipeline),
            permutations: permutations.collect(),
            power: power::smallest_effects(results, test),
            nulls: None,
            leave_one_out: Vec::new(),
            controls: Vec::new(),
            unbalanced: Vec::new(),
            generalization: None,
            artifacts: Artifacts::new(),
        }
    }

    /// Looks again at the neurons that turned out to matter: the selected ones word by word, the
    /// significant ones against the control categories.
    fn second_pass(
        &self,
        reader: &ActivationReader,
        results: &Results,
        facts: &mut StatsFacts,
    ) -> Result<SecondPass> {
        let pipeline = &self.task.pipeline;
        let mut second = SecondPass::default();
        for (site, layer) in reader.contents() {
            let here = |selected: &&SelectedNeuron| {
                selected.site == site.name() && selected.layer == layer
            };
            let selected: Vec<_> = facts.selected.iter().filter(here).cloned().collect();
            if selected.is_empty() && pipeline.category.len() < 3 {
                continue;
            }
            let sample = Sample::new(self.design, &reader.read(site, layer)?)?;
            for neuron in &selected {
                let Some(study) = results.studies.first() else {
                    continue;
                };
                let row = sample.neuron(usize::try_from(neuron.neuron).unwrap_or(usize::MAX));
                let (rows, summary) = leave_one_out(neuron, row, &study.tester, self.design);
                second.left_out.extend(rows);
                facts.leave_one_out.extend(summary);
            }
            for part in results
                .parts
                .iter()
                .filter(|part| (part.site, part.layer) == (site, layer))
            {
                let rows = controls::compare(part, &sample, self.design, pipeline)?;
                second.controls.extend(rows);
            }
        }
        let place = |statistic: &str| facts.statistics.iter().position(|other| other == statistic);
        second.controls.sort_by_key(|row| place(&row.statistic));
        let by_statistic = |one: &ControlRow, other: &ControlRow| one.statistic == other.statistic;
        for rows in second.controls.chunk_by_mut(by_statistic) {
            controls::decide(rows, pipeline.test.alpha);
        }
        facts.controls = controls::summarise(&second.controls);
        Ok(second)
    }

    fn balance(&self, results: &Results, facts: &mut StatsFacts) -> Result<Vec<BalanceRow>> {
        let Some(study) = results.studies.first() else {
            return Ok(Vec::new());
        };
        let words = study.tester.arrangement();
        let rows = balance::balance(&self.task.pipeline, self.design, words.a(), words.b())?;
        let of_a_and_b = rows.iter().filter(|row| {
            row.differs && row.category_a == facts.category_a && row.category_b == facts.category_b
        });
        facts.unbalanced = of_a_and_b.map(|row| row.property.clone()).collect();
        Ok(rows)
    }

    /// Streams `tvalues.parquet`, a row group for each statistic, site and layer.
    fn write_tvalues(&self, results: &Results, facts: &mut StatsFacts) -> Result<()> {
        let Task { pipeline, run, .. } = self.task;
        let path = run.table(TValueRow::TABLE);
        let mut writer = TableWriter::<TValueRow>::create(&path, self.provenance)?;
        for (index, study) in results.studies.iter().enumerate() {
            for part in results.of_study(index) {
                writer.write(&tvalue_rows(part, study, pipeline)?)?;
            }
        }
        let rows = writer.close()?;
        self.note::<TValueRow>(rows, facts)
    }

    /// Writes what position alone does to each layer.
    fn positions(&self, facts: &mut StatsFacts) -> Result<()> {
        if !self.extracted.is_some_and(has_positions) {
            return self.remove_table::<PositionRow>();
        }
        let Task { pipeline, run, .. } = self.task;
        let path = run.table(Subject::Positions.table());
        let reader = ActivationReader::open(path, Subject::Positions, self.provenance)?;
        let mut rows = Vec::new();
        for (site, layer) in reader.contents() {
            rows.extend(position::contrasts(
                &reader.read(site, layer)?,
                pipeline.test.alpha,
            )?);
        }
        self.write_table(&rows, facts)?;
        report::positions(&rows, self.console);
        Ok(())
    }

    pub(crate) fn write_table<R: Row>(&self, rows: &[R], facts: &mut StatsFacts) -> Result<()> {
        write_table(self.task.run.table(R::TABLE), self.provenance, rows)?;
        self.note::<R>(rows.len(), facts)
    }

    /// Removes a table that an earlier run with other choices left.
    pub(crate) fn remove_table<R: Row>(&self) -> Result<()> {
        Ok(remove_path(self.task.run.table(R::TABLE))?)
    }

    pub(crate) fn note<R: Row>(&self, rows: usize, facts: &mut StatsFacts) -> Result<()> {
        let name = format!("{}.parquet", R::TABLE);
        self.console.wrote(format_args!("{name}: {rows} rows"));
        facts
            .artifacts
            .extend([artifact(&self.task.run, &name, Some(rows))?]);
        Ok(())
    }
}

/// The category with the highest mean, as an index.
fn highest(row: &[f64], design: &Design) -> usize {
    let means = design.groups.iter().map(|group| {
        let values = row.get(group.range.clone()).unwrap_or(&[]);
        Moments::of(values.iter().copied()).mean
    });
    let best = means
        .enumerate()
        .reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.map_or(0, |(index, _)| index)
}
