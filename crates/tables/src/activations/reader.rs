//! Reading activation tables a site and layer at a time.

use super::block::{Block, Subject};
use super::decode::{append, places};
use crate::file::{TableFile, Wanted, column, parts};
use crate::limits::Allowance;
use crate::provenance::Provenance;
use selectron_run::Place;
use selectron_run::error::{Error, Result};
use std::path::{Path, PathBuf};

/// A row group of a part of the table: which of its rows belong to which site and layer.
#[derive(Debug)]
struct Group {
    part: PathBuf,
    index: usize,
    rows: usize,
    /// Site and layer of each row; a single entry is for all rows.
    places: Vec<Place>,
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
            let file = TableFile::open(&part, subject.table(), provenance)?;
            let mut allowance = Allowance::of(&part)?;
            for (index, rows) in file.groups()?.into_iter().enumerate() {
                let mut found = Vec::new();
                let file = TableFile::reopen(&part)?.with_allowance(allowance);
                allowance = file.batches(&[index], &["site", "layer"], Wanted::All, |batch| {
                    found.extend(places(batch)?);
                    Ok(())
                })?;
                if found.windows(2).all(|pair| pair[0] == pair[1]) {
                    found.truncate(1);
                }
                groups.push(Group {
                    part: part.clone(),
                    index,
                    rows,
                    places: found,
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
    pub fn contents(&self) -> Vec<Place> {
        let all = self.groups.iter().flat_map(|group| &group.places);
        let mut contents: Vec<Place> = all.copied().collect();
        contents.sort_unstable_by_key(|place| place.forward_order());
        contents.dedup();
        contents
    }

    /// Number of row groups.
    #[cfg(test)]
    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Rows of a site and layer, without reading their activations.
    pub fn rows(&self, place: Place) -> usize {
        let of_group = |group: &Group| match group.places.as_slice() {
            [only] if *only == place => group.rows,
            [_] => 0,
            places => places.iter().filter(|other| **other == place).count(),
        };
        self.groups.iter().map(of_group).sum()
    }

    /// Reads the rows of a site and layer one row group at a time, in the order of the file.
    ///
    /// # Errors
    /// When the file is damaged, its rows differ in width, or `receive` fails.
    pub fn stream(&self, place: Place, mut receive: impl FnMut(Block) -> Result<()>) -> Result<()> {
        for group in self.groups_of(place) {
            let mut block = self.empty(place);
            self.read_group(group, &mut block, Allowance::of(&group.part)?)?;
            receive(block)?;
        }
        Ok(())
    }

    /// The neurons whose activations the rows of a site and layer hold, in their order; none where
    /// the table holds all of them.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn neurons(&self, place: Place) -> Result<Option<Vec<usize>>> {
        let Some(group) = self.groups_of(place).next() else {
            return Ok(None);
        };
        let file = TableFile::reopen(&group.part)?;
        if !file.has_column("neurons") {
            return Ok(None);
        }
        let row = group.places.iter().position(|other| *other == place);
        let mut lists = Vec::new();
        let wanted = Wanted::Only(row.unwrap_or(0));
        file.batches(&[group.index], &["neurons"], wanted, |batch| {
            lists.extend(column::<Vec<usize>>(batch, "neurons")?);
            Ok(())
        })?;
        Ok(lists.into_iter().next())
    }

    /// Reads all rows of a site and layer, in the order of the file.
    ///
    /// # Errors
    /// When the file is damaged, or its rows differ in width.
    pub fn read(&self, place: Place) -> Result<Block> {
        let mut block = self.empty(place);
        // The groups of one part share what it may cost.
        for groups in self.groups.chunk_by(|a, b| a.part == b.part) {
            let mut allowance = Allowance::of(&groups[0].part)?;
            for group in groups.iter().filter(|group| group.places.contains(&place)) {
                allowance = self.read_group(group, &mut block, allowance)?;
            }
        }
        if block.rows() == 0 {
            return Err(Error::artifact(
                &self.path,
                format!("holds no activations of {place}"),
                "rerun the extract stage with that site and layer",
            ));
        }
        Ok(block)
    }

    fn groups_of(&self, place: Place) -> impl Iterator<Item = &Group> {
        let all = self.groups.iter();
        all.filter(move |group| group.places.contains(&place))
    }

    fn empty(&self, place: Place) -> Block {
        Block {
            place,
            keys: vec![Vec::new(); self.subject.keys().len()],
            width: 0,
            values: Vec::new(),
        }
    }

    fn read_group(
        &self,
        group: &Group,
        block: &mut Block,
        allowance: Allowance,
    ) -> Result<Allowance> {
        let columns = [self.subject.keys(), &["activation"]].concat();
        let mask: Vec<bool>;
        let wanted = if group.places.len() > 1 {
            mask = group
                .places
                .iter()
                .map(|other| *other == block.place)
                .collect();
            Wanted::Where(&mask)
        } else {
            Wanted::All
        };
        let file = TableFile::reopen(&group.part)?.with_allowance(allowance);
        file.batches(&[group.index], &columns, wanted, |batch| {
            append(batch, self.subject, block)
        })
    }
}
