//! Row types: a struct per table, from which its schema, its writer and its reader follow.

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::Field;
use selectron_run::Table;

/// A row type of a table.
pub trait Row: Sized {
    /// The table.
    const TABLE: Table;
    /// What a row is, in Markdown.
    const ABOUT: &'static str;
    /// What each column holds, in Markdown, in the order of [`Row::fields`].
    const DOCS: &'static [&'static str];
    /// The table's columns.
    fn fields() -> Vec<Field>;
    /// The columns of these rows, in the order of [`Row::fields`].
    fn columns(rows: &[Self]) -> Vec<ArrayRef>;
    /// The rows of a batch.
    ///
    /// # Errors
    /// A phrase about the column that is missing or of the wrong type.
    fn rows(batch: &RecordBatch) -> Result<Vec<Self>, String>;
}

/// Declares a row type: a struct with public fields, one per column, each with its sentence.
macro_rules! table {
    (
        $(#[doc = $about:literal])+
        $name:ident in $table:ident { $( $(#[doc = $doc:literal])+ $field:ident: $type:ty, )+ }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $name { $( $(#[doc = $doc])+ pub $field: $type, )+ }

        impl $crate::row::Row for $name {
            const TABLE: selectron_run::Table = selectron_run::Table::$table;

            const ABOUT: &'static str = concat!($($about, "\n",)+);

            const DOCS: &'static [&'static str] = &[ $( concat!($($doc, "\n",)+), )+ ];

            fn fields() -> Vec<arrow::datatypes::Field> {
                vec![ $( <$type as $crate::columns::Column>::field(stringify!($field)), )+ ]
            }

            fn columns(rows: &[Self]) -> Vec<arrow::array::ArrayRef> {
                vec![ $( <$type as $crate::columns::Column>::build(
                    rows.iter().map(|row| row.$field.clone()).collect()
                ), )+ ]
            }

            fn rows(batch: &arrow::array::RecordBatch) -> Result<Vec<Self>, String> {
                $( let mut $field =
                    $crate::file::column::<$type>(batch, stringify!($field))?.into_iter(); )+
                let mut rows = Vec::with_capacity(batch.num_rows());
                for _ in 0..batch.num_rows() {
                    rows.push(Self {
                        $( $field: $field.next().ok_or("a column is too short")?, )+
                    });
                }
                Ok(rows)
            }
        }
    };
}
pub(crate) use table;
