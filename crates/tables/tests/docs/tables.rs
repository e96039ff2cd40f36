//! `docs/tables.md`: every column of every table.

use crate::markdown::{GENERATED, code, markdown_table, prose};
use arrow::datatypes::{DataType, Field};
use selectron_run::{Stage, Table};
use selectron_tables::Row;
use selectron_tables::activations::Subject;
use selectron_tables::rows::{
    BalanceRow, ContextGapRow, ControlRow, ExampleRow, GeneralizationRow, LeaveOneOutRow, NullRow,
    PositionRow, PreferenceRow, ReliabilityRow, TValueRow, TextNullRow, TextWordRow, TokenRow,
    TransferRow, UposMeanRow, WordRow,
};
use std::sync::Arc;

const INTRODUCTION: &str = "\
# The tables

A run directory, `artifacts/runs/<name>`, holds Parquet tables, `figures/`, `report.html`, and
`manifest.json`, which says what was used, what was left out and why, and the SHA-256 of every file.
Hidden files are notes of the stages, and no part of the results. Which tables there are depends on the
pipeline: those of the text, for example, need a `[text]`.

Every table opens in pandas, polars and DuckDB as it is:

```python
import pandas as pd
t = pd.read_parquet(\"artifacts/runs/grammar/tvalues.parquet\")

import polars as pl
t = pl.read_parquet(\"artifacts/runs/grammar/tvalues.parquet\")
t.filter(pl.col(\"significant\")).sort(pl.col(\"t\").abs(), descending=True).head()

import duckdb
duckdb.sql(\"SELECT site, layer, neuron, t FROM 'artifacts/runs/grammar/tvalues.parquet' WHERE significant\")
```

Layers, neurons, items, documents and positions are numbered from 0. A value that is not defined, such
as the t of a neuron that never varies, is null, never 0 or NaN; the columns where that may happen say
*yes* under *null*. `site`, `layer` and `neuron` together name a neuron in every table, and `item`
names a word.

A stage can be replaced by a program that reads and writes these tables: a table may be one file or a
folder of Parquet files, and the columns may have wider types, such as `int64` or `large_utf8`.
";

/// What a table's rows and columns are.
struct Description {
    about: &'static str,
    columns: Vec<(Field, &'static str)>,
}

/// The whole page.
pub(crate) fn page() -> String {
    let mut page = format!("{GENERATED}{INTRODUCTION}");
    for stage in Stage::ALL {
        let tables: Vec<_> = stage.writes().collect();
        if tables.is_empty() {
            continue;
        }
        page.push_str(&format!("\n## Written by {}\n\n", code(stage.name())));
        let rows: Vec<_> = tables.iter().map(|table| contents(*table)).collect();
        page.push_str(&markdown_table(
            &["table", "what is in it", "read by"],
            &rows,
        ));
        for table in tables {
            page.push_str(&section(table));
        }
    }
    page
}

/// A table's line in the table of contents.
fn contents(table: Table) -> Vec<String> {
    let anchor = table.file_name().replace('.', "");
    let index = Table::ALL.iter().position(|other| *other == table).unwrap();
    let readers = Stage::ALL
        .iter()
        .filter(|stage| stage.reads().contains(&table));
    let readers: Vec<_> = readers.map(|stage| stage.name()).collect();
    vec![
        format!("[{}](#{anchor})", code(table.name())),
        prose(Table::DOCS[index]),
        readers.join(", "),
    ]
}

fn section(table: Table) -> String {
    let Description { about, columns } = describe(table);
    let rows: Vec<_> = columns
        .iter()
        .map(|(field, doc)| {
            let null = if field.is_nullable() { "yes" } else { "" };
            let kind = code(&kind(field.data_type()));
            vec![code(field.name()), kind, null.to_owned(), prose(doc)]
        })
        .collect();
    format!(
        "\n### {}\n\nEach row is about {}\n\n{}",
        code(&table.file_name()),
        lower(&prose(about)),
        markdown_table(&["column", "type", "null", "what it holds"], &rows)
    )
}

/// A sentence with a small letter at its beginning.
fn lower(sentence: &str) -> String {
    let (first, rest) = sentence.split_at(1);
    first.to_lowercase() + rest
}

/// Every table has its rows here, or this does not compile.
fn describe(table: Table) -> Description {
    match table {
        Table::Words => rows::<WordRow>(),
        Table::Activations => activations(Subject::Words),
        Table::PositionActivations => activations(Subject::Positions),
        Table::PresentationActivations => activations(Subject::Presentations),
        Table::Tokens => rows::<TokenRow>(),
        Table::TextWords => rows::<TextWordRow>(),
        Table::TextActivations => activations(Subject::Text),
        Table::TValues => rows::<TValueRow>(),
        Table::Balance => rows::<BalanceRow>(),
        Table::Nulls => rows::<NullRow>(),
        Table::Controls => rows::<ControlRow>(),
        Table::LeaveOneOut => rows::<LeaveOneOutRow>(),
        Table::Reliability => rows::<ReliabilityRow>(),
        Table::Position => rows::<PositionRow>(),
        Table::Generalization => rows::<GeneralizationRow>(),
        Table::UposMeans => rows::<UposMeanRow>(),
        Table::Preferences => rows::<PreferenceRow>(),
        Table::TextNulls => rows::<TextNullRow>(),
        Table::Transfer => rows::<TransferRow>(),
        Table::Examples => rows::<ExampleRow>(),
        Table::ContextGap => rows::<ContextGapRow>(),
        Table::ShownActivations => activations(Subject::Shown),
    }
}

fn rows<T: Row>() -> Description {
    let fields = T::fields();
    assert_eq!(fields.len(), T::DOCS.len(), "{}", T::TABLE);
    Description {
        about: T::ABOUT,
        columns: fields.into_iter().zip(T::DOCS.iter().copied()).collect(),
    }
}

fn activations(subject: Subject) -> Description {
    let item = Field::new("element", DataType::Float32, false);
    Description {
        about: subject.about(),
        columns: subject.columns(DataType::List(Arc::new(item))),
    }
}

fn kind(data_type: &DataType) -> String {
    match data_type {
        DataType::List(item) => format!("list<{}>", kind(item.data_type())),
        other => other.to_string().to_lowercase(),
    }
}
