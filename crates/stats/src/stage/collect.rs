//! From what the units have left to the tables and the manifest's section.

use super::context::Context;
use super::facts::facts;
use super::second_look::second_look;
use super::unit::{TEXT, WORDS, WordResults};
use crate::balance::balance;
use crate::nulls::NullCounts;
use crate::outputs::Outputs;
use crate::print;
use crate::results::{LayerTests, Results};
use crate::rows::tvalue_rows;
use crate::text;
use crate::text::shown::shown;
use selectron_run::error::{Error, Result};
use selectron_run::manifest::{ShownFacts, StatsFacts};
use selectron_run::units::Store;
use selectron_run::{Place, Side};
use selectron_tables::row::Row;
use selectron_tables::rows::{BalanceRow, PositionRow, ReliabilityRow, TValueRow};

/// What the units have left of the words.
#[derive(Default)]
struct Gathered {
    tests: Vec<LayerTests>,
    nulls: Vec<NullCounts>,
    reliability: Vec<ReliabilityRow>,
    positions: Vec<PositionRow>,
}

/// Corrects, selects, looks again at the few neurons that matter, and writes all tables.
pub(super) fn collect(context: &Context<'_>, store: &Store) -> Result<StatsFacts> {
    let pipeline = context.pipeline();
    let Gathered {
        tests,
        nulls,
        reliability,
        positions,
    } = Gathered::read(context, store)?;
    let results = Results::new(&context.studies, tests, &pipeline.test);
    let mut facts = facts(context, &results);
    let shown = shown(pipeline, &facts.selected, &results)?;
    let second = second_look(context, &results, &facts.selected)?;
    facts.leave_one_out = second.leave_one_out;
    facts.controls = second.control_facts;
    let balance = balance(pipeline, context.design, context.first().arrangement());
    facts.unbalanced = unbalanced(&balance, &facts);

    let mut outputs = Outputs::new(&context.task.run, context.provenance, context.console);
    write_tvalues(context, &results, &mut outputs)?;
    outputs.write(&balance)?;
    if let Some(of_nulls) = &context.nulls {
        let (rows, null_facts) = of_nulls.summarise(nulls, &results, &pipeline.test);
        outputs.write(&rows)?;
        facts.nulls = Some(null_facts);
    }
    outputs.write(&reliability)?;
    outputs.write(&second.left_out)?;
    if pipeline.category.len() > 2 {
        outputs.write(&second.controls)?;
    }
    if context.positions.is_some() {
        outputs.write(&positions)?;
        print::positions(&positions, context.console);
    }
    print::balance(&balance, &facts, context.console);
    print::results(&facts, &reliability, context.console);
    collect_text(context, store, &results, shown, &mut facts, &mut outputs)?;
    facts.artifacts = outputs.finish()?;
    Ok(facts)
}

impl Gathered {
    fn read(context: &Context<'_>, store: &Store) -> Result<Self> {
        let mut all = Self::default();
        for unit in 0..context.places.len() {
            let found: WordResults = store.get(unit, WORDS)?;
            all.tests.extend(found.tests);
            all.nulls.extend(found.nulls);
            all.reliability.push(found.reliability);
            // In forward order.
            all.positions.extend(found.positions);
        }
        all.reliability.sort_by_key(|row| (row.site, row.layer));
        Ok(all)
    }
}

/// Properties in which the words of A and B differ.
fn unbalanced(rows: &[BalanceRow], facts: &StatsFacts) -> Vec<String> {
    let categories = (facts.category(Side::A), facts.category(Side::B));
    rows.iter()
        .filter(|row| row.differs && (&*row.category_a, &*row.category_b) == categories)
        .map(|row| row.property.to_string())
        .collect()
}

/// Streams `tvalues.parquet`, a row group for each statistic, site and layer.
fn write_tvalues(
    context: &Context<'_>,
    results: &Results<'_>,
    outputs: &mut Outputs<'_>,
) -> Result<()> {
    let mut writer = outputs.writer::<TValueRow>()?;
    for tests in &results.layers {
        let study = &context.studies[tests.raw.study];
        writer.write(&tvalue_rows(tests, study, context.pipeline()))?;
    }
    outputs.note(TValueRow::TABLE, writer.close()?)
}

fn collect_text(
    context: &Context<'_>,
    store: &Store,
    results: &Results<'_>,
    shown: Vec<ShownFacts>,
    facts: &mut StatsFacts,
    outputs: &mut Outputs<'_>,
) -> Result<()> {
    let Some(text) = context.text else {
        return Ok(());
    };
    let Some(scorer) = &context.scorer else {
        context.console.warn(format_args!(
            "the text has {} scored words of {} and {} of {}: no neuron is scored on it",
            text.count(Side::A),
            facts.category_a,
            text.count(Side::B),
            facts.category_b
        ));
        return text::collect::collect_unscored(text, results, &shown, outputs);
    };
    let rows_of = |place: Place| {
        let unit = context.places.iter().position(|other| *other == place);
        let unit = unit.ok_or_else(|| Error::bug(format!("{place} has no unit of work")))?;
        store.get(unit, TEXT)
    };
    let (generalization, transfer) =
        text::collect::collect(text, scorer, results, shown, rows_of, outputs)?;
    facts.generalization = Some(generalization);
    text::print::generalization(facts, &transfer, context.console);
    Ok(())
}
