//! The large tables: activations of words and of a text's tokens.
//!
//! A row holds one item (a word, or a token) at one site and layer, with the values of all its
//! neurons as a fixed-size list of `f32`. A row group holds one site and layer only, so that a
//! reader takes a layer at a time. Where the recorded sites differ in width the list is of variable
//! size, since one column has one size.

use crate::columns::{Column, list_item};
use crate::error::{Error, Result};
use crate::files::AtomicFile;
use crate::limits::{Allowance, bound};
use crate::site::Site;
use crate::table::{
    Packing, Provenance, arrow_writer, column, finish, open, parts, selection, write_error,
};
use arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeListArray, Float32Array, ListArray, RecordBatch, StringArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float32Type, Schema};
use parquet::arrow::ArrowWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the rows of an activation table stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Words: `activations.parquet`, keyed by `item`.
    Words,
    /// One token of a word at the positions 0, 1 and 2: `position_activations.parquet`, keyed by
    /// `item` and `position`.
    Positions,
    /// Words in several presentations: `presentation_activations.parquet`, keyed by `presentation`
    /// (counting through the manifest's list) and `item`.
    Presentations,
    /// Tokens of a text: `text_activations.parquet`, keyed by `document`, `window`, `position`.
    Text,
}

/// Which neurons a table holds, and how it is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// All neurons of each row's site and layer: so many, or a number that differs between sites.
    All(Option<usize>),
    /// All neurons, packed for speed rather than size: a part that lives until it has been read.
    Passing(Option<usize>),
    /// Some neurons of each site and layer, named by a column `neurons` of lists as long as those
    /// of `activation`.
    Some,
}

impl Subject {
    /// The table's name.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Words => "activations",
            Self::Positions => "position_activations",
            Self::Presentations => "presentation_activations",
            Self::Text => "text_activations",
        }
    }

    /// The columns that name a row besides site and layer.
    pub const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Words => &["item"],
            Self::Positions => &["item", "position"],
            Self::Presentations => &["presentation", "item"],
            Self::Text => &["document", "window", "position"],
        }
    }
}

/// The activations of some items at one site and layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The site.
    pub site: Site,
    /// The layer, from 0.
    pub layer: i32,
    /// The key columns, in the order of [`Subject::keys`], each of one value a row.
    pub keys: Vec<Vec<i32>>,
    /// Neurons a row.
    pub width: usize,
    /// Rows x `width`, row by row.
    pub values: Vec<f32>,
}

impl Block {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.keys.first().map_or(0, Vec::len)
    }

    /// The activations of one row.
    pub fn row(&self, index: usize) -> &[f32] {
        self.values
            .get(index * self.width..(index + 1) * self.width)
            .unwrap_or(&[])
    }
}

/// Streams blocks into an activation table, a row group each.
#[derive(Debug)]
pub struct ActivationWriter {
    writer: ArrowWriter<AtomicFile>,
    path: PathBuf,
    schema: Arc<Schema>,
    subject: Subject,
    content: Content,
    rows: usize,
}

/// Values of a block that the library encodes at a time: beside each it holds its levels of nesting,
/// which for a whole block of a long text would take as much memory again.
const VALUES_AT_A_TIME: usize = 4 << 20;

impl ActivationWriter {
    /// Starts a table.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn create(
        path: impl AsRef<Path>,
        subject: Subject,
        provenance: &Provenance,
        content: Content,
    ) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let item = Arc::new(list_item(DataType::Float32));
        let list = match content {
            Content::All(Some(width)) | Content::Passing(Some(width)) => {
                DataType::FixedSizeList(item, list_size(width)?)
            }
            _ => DataType::List(item),
        };
        let mut fields: Vec<_> = subject.keys().iter().map(|key| i32::field(key)).collect();
        fields.push(String::field("site"));
        fields.push(i32::field("layer"));
        if content == Content::Some {
            fields.push(Vec::<i32>::field("neurons"));
        }
        fields.push(Field::new("activation", list, false));
        let schema = Arc::new(Schema::new(fields));
        let packing = match content {
            Content::Passing(_) => Packing::Fast,
            _ => Packing::Small,
        };
        let writer = arrow_writer(
            &path,
            &schema,
            provenance.metadata(subject.table()),
            packing,
        )?;
        Ok(Self {
            writer,
            path,
            schema,
            subject,
            content,
            rows: 0,
        })
    }

    /// Appends a block of all neurons as a row group.
    ///
    /// # Errors
    /// When the disk is full, or the block's shape is not the table's.
    pub fn write(&mut self, block: Block) -> Result<()> {
        match self.content {
            Content::All(fixed) | Content::Passing(fixed) => {
                self.append(block, fixed.is_some(), fixed, None)
            }
            Content::Some => Err(Error::Bug("a block does not name its neurons".to_owned())),
        }
    }

    /// Appends a block of some neurons, named by number, as a row group.
    ///
    /// # Errors
    /// When the disk is full, or the block's shape is not the table's.
    pub fn write_some(&mut self, block: Block, neurons: &[i32]) -> Result<()> {
        match self.content {
            Content::Some => self.append(block, false, Some(neurons.len()), Some(neurons)),
            _ => Err(Error::Bug("a block of some neurons among all".to_owned())),
        }
    }

    fn append(
        &mut self,
        block: Block,
        fixed: bool,
        expected: Option<usize>,
        neurons: Option<&[i32]>,
    ) -> Result<()> {
        let Block {
            site,
            layer,
            keys,
            width,
            values,
        } = block;
        let rows = keys.first().map_or(0, Vec::len);
        let fits = keys.len() == self.subject.keys().len()
            && keys.iter().all(|key| key.len() == rows)
            && values.len() == rows * width
            && expected.is_none_or(|expected| expected == width);
        if !fits {
            return Err(Error::Bug(format!(
                "a block of {site}, layer {layer} is misshapen"
            )));
        }
        let mut columns: Vec<ArrayRef> = keys.into_iter().map(i32::build).collect();
        columns.push(Arc::new(StringArray::from(vec![site.name(); rows])));
        columns.push(i32::build(vec![layer; rows]));
        if let Some(neurons) = neurons {
            columns.push(Vec::<i32>::build(vec![neurons.to_vec(); rows]));
        }
        columns.push(lists(values, rows, width, fixed)?);
        let batch = RecordBatch::try_new(self.schema.clone(), columns)
            .map_err(|error| Error::Bug(format!("activations: {error}")))?;
        self.rows += rows;
        let at_a_time = (VALUES_AT_A_TIME / width.max(1)).max(1);
        for start in (0..rows).step_by(at_a_time) {
            let some = batch.slice(start, at_a_time.min(rows - start));
            let written = self.writer.write(&some);
            written.map_err(|error| write_error(&self.path, error))?;
        }
        let flushed = self.writer.flush();
        flushed.map_err(|error| write_error(&self.path, error))
    }

    /// Finishes the file and gives it its name; returns the number of rows.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn close(self) -> Result<usize> {
        finish(self.writer, &self.path)?;
        Ok(self.rows)
    }
}

fn list_size(width: usize) -> Result<i32> {
    i32::try_from(width).map_err(|_| Error::Bug(format!("{width} neurons do not fit a list")))
}

fn lists(values: Vec<f32>, rows: usize, width: usize, fixed: bool) -> Result<ArrayRef> {
    let item = Arc::new(list_item(DataType::Float32));
    let values: ArrayRef = Arc::new(Float32Array::from(values));
    let misshapen = |error| Error::Bug(format!("activations: {error}"));
    Ok(if fixed {
        let size = list_size(width)?;
        Arc::new(FixedSizeListArray::try_new(item, size, values, None).map_err(misshapen)?)
    } else {
        let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(width, rows));
        Arc::new(ListArray::try_new(item, offsets, values, None).map_err(misshapen)?)
    })
}

/// A part of the table: which rows of which row group belong to which site and layer.
#[derive(Debug)]
struct Group {
    part: PathBuf,
    index: usize,
    rows: usize,
    /// Site and layer of each row; a single entry stands for all rows.
    labels: Vec<(Site, i32)>,
}

/// Reads an activation table a site and layer at a time.
#[derive(Debug)]
pub struct ActivationReader {
    path: PathBuf,
    subject: Subject,
    groups: Vec<Group>,
}

impl ActivationReader {
    /// Opens a table, from one file or from a folder of parts, and indexes its row groups.
    ///
    /// # Errors
    /// When it is missing, damaged, of another pipeline or schema, or lacks a column.
    pub fn open(path: impl AsRef<Path>, subject: Subject, provenance: &Provenance) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let mut groups = Vec::new();
        for part in parts(&path, subject.table())? {
            let mut allowance = Allowance::of(&part)?;
            let reader = open(&part)?;
            let metadata = reader.metadata().clone();
            let pairs = metadata.file_metadata().key_value_metadata();
            provenance.check(subject.table(), pairs, &part)?;
            for index in 0..metadata.num_row_groups() {
                let labels = read_labels(&part, index, &mut allowance)?;
                groups.push(Group {
                    part: part.clone(),
                    index,
                    rows: usize::try_from(metadata.row_group(index).num_rows()).unwrap_or(0),
                    labels,
                });
            }
        }
        Ok(Self {
            path,
            subject,
            groups,
        })
    }

    /// The sites and layers there are, in forward order.
    pub fn contents(&self) -> Vec<(Site, i32)> {
        let mut contents: Vec<_> = self
            .groups
            .iter()
            .flat_map(|group| group.labels.iter().copied())
            .collect();
        contents.sort_unstable_by_key(|(site, layer)| (*layer, *site));
        contents.dedup();
        contents
    }

    /// Rows of a site and layer, without reading their activations.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn rows(&self, site: Site, layer: i32) -> Result<usize> {
        let mut rows = 0;
        for group in &self.groups {
            rows += match group.labels.as_slice() {
                [only] if *only == (site, layer) => group.rows,
                [_] => 0,
                labels => labels
                    .iter()
                    .filter(|label| **label == (site, layer))
                    .count(),
            };
        }
        Ok(rows)
    }

    /// Reads the rows of a site and layer one row group at a time, in the order of the file.
    ///
    /// # Errors
    /// When the file is damaged, its rows differ in width, or `receive` fails.
    pub fn stream<E: From<Error>>(
        &self,
        site: Site,
        layer: i32,
        mut receive: impl FnMut(Block) -> Result<(), E>,
    ) -> Result<(), E> {
        for group in &self.groups {
            if group.labels.contains(&(site, layer)) {
                let mut block = self.empty(site, layer);
                let mut allowance = Allowance::of(&group.part)?;
                self.read_group(group, &mut block, &mut allowance)?;
                receive(block)?;
            }
        }
        Ok(())
    }

    fn empty(&self, site: Site, layer: i32) -> Block {
        Block {
            site,
            layer,
            keys: vec![Vec::new(); self.subject.keys().len()],
            width: 0,
            values: Vec::new(),
        }
    }

    /// The neurons that the table holds of a site and layer, in the order of the activations. None
    /// where it holds all.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn neurons(&self, site: Site, layer: i32) -> Result<Option<Vec<i32>>> {
        let here = |group: &&Group| group.labels.contains(&(site, layer));
        let Some(group) = self.groups.iter().find(here) else {
            return Ok(None);
        };
        let place = group
            .labels
            .iter()
            .position(|label| *label == (site, layer));
        read_neurons(&group.part, group.index, place.unwrap_or(0))
    }

    /// Reads all rows of a site and layer, in the order of the file.
    ///
    /// # Errors
    /// When the file is damaged, or its rows differ in width.
    pub fn read(&self, site: Site, layer: i32) -> Result<Block> {
        let mut block = self.empty(site, layer);
        let here = |group: &&Group| group.labels.contains(&(site, layer));
        // The groups of one part share what it may cost.
        for groups in self.groups.chunk_by(|a, b| a.part == b.part) {
            let Some(first) = groups.first() else {
                continue;
            };
            let mut allowance = Allowance::of(&first.part)?;
            for group in groups.iter().filter(here) {
                self.read_group(group, &mut block, &mut allowance)?;
            }
        }
        if block.rows() == 0 {
            return Err(Error::artifact(
                &self.path,
                format!("holds no activations of {site}, layer {layer}"),
                "rerun the extract stage with that site and layer",
            ));
        }
        Ok(block)
    }

    fn read_group(
        &self,
        group: &Group,
        block: &mut Block,
        allowance: &mut Allowance,
    ) -> Result<()> {
        let part = &group.part;
        let columns = [self.subject.keys(), &["activation"]].concat();
        let mut reader = bound(open(part)?, part, &[group.index], &columns, allowance)?;
        if group.labels.len() > 1 {
            let wanted = (block.site, block.layer);
            let mask: Vec<_> = group.labels.iter().map(|label| *label == wanted).collect();
            reader = reader.with_row_selection(selection(&mask));
        }
        for batch in allowance.batches(reader, part)? {
            append(&batch?, self.subject, block)
                .map_err(|what| Error::artifact(part, what, "rerun the extract stage"))?;
        }
        Ok(())
    }
}

/// Site and layer of each row of a row group, or a single entry if all are alike.
fn read_labels(part: &Path, index: usize, allowance: &mut Allowance) -> Result<Vec<(Site, i32)>> {
    let reader = bound(open(part)?, part, &[index], &["site", "layer"], allowance)?;
    let mut labels = Vec::new();
    for batch in allowance.batches(reader, part)? {
        labels_of(&batch?, &mut labels)
            .map_err(|what| Error::artifact(part, what, "rerun the extract stage"))?;
    }
    if labels.windows(2).all(|pair| pair[0] == pair[1]) {
        labels.truncate(1);
    }
    Ok(labels)
}

/// The list of neurons in one row of a row group; none where the table has no such column.
fn read_neurons(part: &Path, index: usize, row: usize) -> Result<Option<Vec<i32>>> {
    let reader = open(part)?;
    if reader.schema().column_with_name("neurons").is_none() {
        return Ok(None);
    }
    let mut allowance = Allowance::of(part)?;
    let reader = bound(reader, part, &[index], &["neurons"], &mut allowance)?
        .with_offset(row)
        .with_limit(1);
    let mut lists = Vec::new();
    for batch in allowance.batches(reader, part)? {
        let more = column::<Vec<i32>>(&batch?, "neurons")
            .map_err(|what| Error::artifact(part, what, "rerun the stats stage"))?;
        lists.extend(more);
    }
    Ok(lists.into_iter().next())
}

fn labels_of(batch: &RecordBatch, labels: &mut Vec<(Site, i32)>) -> Result<(), String> {
    let sites = column::<String>(batch, "site")?;
    let layers = column::<i32>(batch, "layer")?;
    for (site, layer) in sites.iter().zip(layers) {
        labels.push((site.parse()?, layer));
    }
    Ok(())
}

/// Appends a batch's rows to a block.
fn append(batch: &RecordBatch, subject: Subject, block: &mut Block) -> Result<(), String> {
    let before = block.rows();
    for (key, name) in block.keys.iter_mut().zip(subject.keys()) {
        key.extend(column::<i32>(batch, name)?);
    }
    let rows = block.rows() - before;
    let lists = batch
        .column_by_name("activation")
        .ok_or("the column `activation` is missing")?;
    let wanted = DataType::List(Arc::new(list_item(DataType::Float32)));
    let lists = cast(lists, &wanted).map_err(|_| {
        format!(
            "the column `activation` is {}, not a list of f32",
            lists.data_type()
        )
    })?;
    let lists = lists.as_list::<i32>();
    let lengths = || lists.offsets().lengths();
    let width = if block.width == 0 {
        lengths().next().unwrap_or(0)
    } else {
        block.width
    };
    if lists.null_count() > 0 || width == 0 || lengths().any(|length| length != width) {
        return Err("the column `activation` has rows of different widths".to_owned());
    }
    block.width = width;
    let first = lists.offsets().first();
    let start = usize::try_from(first).map_err(|error| error.to_string())?;
    let values = lists.values().as_primitive::<Float32Type>();
    if values.null_count() > 0 {
        return Err("the column `activation` has nulls".to_owned());
    }
    let values = values.values().get(start..start + rows * width);
    block
        .values
        .extend_from_slice(values.ok_or("the column `activation` is too short")?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block(site: Site, layer: i32, rows: i32, width: usize) -> Block {
        let values = (0..rows as usize * width)
            .map(|i| i as f32 + 0.5 * layer as f32)
            .collect();
        Block {
            site,
            layer,
            keys: vec![(0..rows).collect()],
            width,
            values,
        }
    }

    fn write(path: &Path, width: Option<usize>, blocks: &[Block]) {
        let provenance = Provenance::new("test");
        let mut writer =
            ActivationWriter::create(path, Subject::Words, &provenance, Content::All(width))
                .unwrap();
        for block in blocks {
            writer.write(block.clone()).unwrap();
        }
        writer.close().unwrap();
    }

    fn open_test(path: &Path) -> ActivationReader {
        ActivationReader::open(path, Subject::Words, &Provenance::new("test")).unwrap()
    }

    #[test]
    fn layers_are_read_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("activations.parquet");
        let blocks = [block(Site::MlpPre, 0, 3, 4), block(Site::MlpPre, 1, 3, 4)];
        write(&path, Some(4), &blocks);
        let reader = open_test(&path);
        assert_eq!(reader.contents(), [(Site::MlpPre, 0), (Site::MlpPre, 1)]);
        assert_eq!(reader.read(Site::MlpPre, 1).unwrap(), blocks[1]);
        let error = reader.read(Site::MlpPre, 2).unwrap_err().to_string();
        assert!(
            error.contains("holds no activations of mlp.pre, layer 2"),
            "{error}"
        );
    }

    #[test]
    fn a_block_encoded_in_several_steps_stays_one_row_group() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("activations.parquet");
        let mut long = block(Site::MlpPre, 0, 5, VALUES_AT_A_TIME / 2);
        // As little to be packed as activations are.
        for (index, value) in (0_u32..).zip(&mut long.values) {
            *value = f32::from_bits(index.wrapping_mul(2_654_435_761) >> 2);
        }
        write(
            &path,
            Some(VALUES_AT_A_TIME / 2),
            std::slice::from_ref(&long),
        );
        let reader = open_test(&path);
        assert_eq!(reader.groups.len(), 1);
        assert_eq!(reader.read(Site::MlpPre, 0).unwrap(), long);
    }

    #[test]
    fn sites_of_different_width_share_a_table() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("activations.parquet");
        let blocks = [
            block(Site::MlpPre, 0, 3, 8),
            block(Site::ResidPost, 0, 3, 2),
        ];
        write(&path, None, &blocks);
        let reader = open_test(&path);
        assert_eq!(reader.read(Site::ResidPost, 0).unwrap(), blocks[1]);
        assert_eq!(reader.read(Site::MlpPre, 0).unwrap(), blocks[0]);
    }

    #[test]
    fn a_table_of_some_neurons_names_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("activations.parquet");
        let provenance = Provenance::new("test");
        let mut writer =
            ActivationWriter::create(&path, Subject::Words, &provenance, Content::Some).unwrap();
        let blocks = [block(Site::MlpPre, 0, 3, 2), block(Site::MlpPre, 4, 3, 1)];
        writer.write_some(blocks[0].clone(), &[7, 21]).unwrap();
        writer.write_some(blocks[1].clone(), &[5]).unwrap();
        assert!(writer.write_some(blocks[1].clone(), &[5, 6]).is_err());
        assert!(writer.write(blocks[1].clone()).is_err());
        writer.close().unwrap();
        let reader = open_test(&path);
        assert_eq!(reader.neurons(Site::MlpPre, 0).unwrap(), Some(vec![7, 21]));
        assert_eq!(reader.neurons(Site::MlpPre, 4).unwrap(), Some(vec![5]));
        assert_eq!(reader.read(Site::MlpPre, 0).unwrap(), blocks[0]);
        assert_eq!(reader.rows(Site::MlpPre, 4).unwrap(), 3);
    }

    #[test]
    fn a_row_group_that_mixes_layers_is_read_too() {
        // Other programs write one row group for everything.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("activations.parquet");
        let (first, second) = (block(Site::MlpPre, 0, 2, 3), block(Site::MlpPre, 1, 2, 3));
        let fields = vec![
            i32::field("item"),
            String::field("site"),
            i32::field("layer"),
            Field::new(
                "activation",
                DataType::List(Arc::new(list_item(DataType::Float32))),
                false,
            ),
        ];
        let schema = Arc::new(Schema::new(fields));
        let values = [first.values.clone(), second.values.clone()].concat();
        let columns = vec![
            i32::build(vec![0, 1, 0, 1]),
            String::build(vec!["mlp.pre".to_owned(); 4]),
            i32::build(vec![0, 0, 1, 1]),
            lists(values, 4, 3, false).unwrap(),
        ];
        let batch = RecordBatch::try_new(schema.clone(), columns).unwrap();
        let mut writer = arrow_writer(&path, &schema, Vec::new(), Packing::Small).unwrap();
        writer.write(&batch).unwrap();
        finish(writer, &path).unwrap();
        let reader = open_test(&path);
        assert_eq!(reader.read(Site::MlpPre, 1).unwrap(), second);
        assert_eq!(reader.read(Site::MlpPre, 0).unwrap(), first);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn any_float_survives(values in proptest::collection::vec(any::<f32>(), 6)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("activations.parquet");
            let expected: Vec<_> = values.iter().map(|value| value.to_bits()).collect();
            let keys = vec![vec![0, 1]];
            write(&path, Some(3), &[Block { site: Site::Embed, layer: 0, keys, width: 3, values }]);
            let read = open_test(&path).read(Site::Embed, 0).unwrap();
            let bits: Vec<_> = read.values.iter().map(|value| value.to_bits()).collect();
            prop_assert_eq!(bits, expected);
        }
    }
}
