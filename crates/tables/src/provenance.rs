//! Which run a table belongs to.

use parquet::file::metadata::KeyValue;
use selectron_run::error::{Error, Result};
use selectron_run::{SCHEMA_VERSION, Table};
use std::path::Path;

const KEY_VERSION: &str = "selectron.schema_version";
const KEY_PIPELINE: &str = "selectron.pipeline";
const KEY_TABLE: &str = "selectron.table";

/// Which run a table belongs to; written into every file as Parquet metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The pipeline's name.
    pub pipeline: String,
}

impl Provenance {
    /// The provenance of tables of the pipeline called `pipeline`.
    pub fn new(pipeline: impl Into<String>) -> Self {
        Self {
            pipeline: pipeline.into(),
        }
    }

    pub(crate) fn metadata(&self, table: Table) -> Vec<KeyValue> {
        vec![
            KeyValue::new(KEY_VERSION.to_owned(), SCHEMA_VERSION.to_string()),
            KeyValue::new(KEY_PIPELINE.to_owned(), self.pipeline.clone()),
            KeyValue::new(KEY_TABLE.to_owned(), table.name().to_owned()),
        ]
    }

    /// Refuses a file of another pipeline, another table or another schema version. A file without
    /// such metadata comes from another program and is judged by its columns alone.
    pub(crate) fn check(
        &self,
        table: Table,
        metadata: Option<&Vec<KeyValue>>,
        path: &Path,
    ) -> Result<()> {
        let find = |key: &str| {
            let mut pairs = metadata.into_iter().flatten();
            pairs
                .find(|pair| pair.key == key)
                .and_then(|pair| pair.value.as_deref())
        };
        let remedy = "rerun the stage that writes it";
        if let Some(version) = find(KEY_VERSION)
            && version != SCHEMA_VERSION.to_string()
        {
            let what = format!("schema version {version}, but this program reads {SCHEMA_VERSION}");
            return Err(Error::artifact(path, what, remedy));
        }
        if let Some(name) = find(KEY_TABLE)
            && name != table.name()
        {
            return Err(Error::artifact(
                path,
                format!("holds the table `{name}`, not `{table}`"),
                remedy,
            ));
        }
        if let Some(pipeline) = find(KEY_PIPELINE)
            && pipeline != self.pipeline
        {
            let what = format!(
                "belongs to the pipeline `{pipeline}`, not to `{}`",
                self.pipeline
            );
            return Err(Error::artifact(
                path,
                what,
                "choose another folder with --out, or rerun",
            ));
        }
        Ok(())
    }
}
