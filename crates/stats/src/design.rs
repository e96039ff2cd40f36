//! Which words are compared: the categories, and the pairs of A and B.

use selectron_run::error::{Error, Result};
use selectron_run::{Pipeline, Side, Sides};
use selectron_tables::rows::WordRow;
use std::collections::BTreeMap;
use std::ops::Range;

/// The words in the order of a [`Sample`](crate::sample::Sample): by category as in the pipeline,
/// within a category by item.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// The words.
    pub words: Vec<WordRow>,
    /// The categories, in the pipeline's order: A, B and any controls.
    pub groups: Vec<Group>,
    /// Indices in `words` of each pair's A and B, in order of their pair number.
    pub pairs: Vec<(usize, usize)>,
}

/// A category and where its words are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The category's name.
    pub name: String,
    /// Its words, as indices in [`Design::words`].
    pub range: Range<usize>,
}

const WORDS: &str = "words.parquet";
const RERUN: &str = "rerun the extract stage for this pipeline";

impl Design {
    /// Sorts the words of a run by the pipeline's categories and finds the pairs.
    ///
    /// # Errors
    /// When a word is of no category of the pipeline, a category has no words, an item is listed twice,
    /// or a pair is not one word of A and one of B.
    pub fn new(pipeline: &Pipeline, rows: Vec<WordRow>) -> Result<Self> {
        let names: Vec<&str> = pipeline.category.iter().map(|c| c.name.as_str()).collect();
        let mut by_category: Vec<Vec<WordRow>> = vec![Vec::new(); names.len()];
        for row in rows {
            let place = names.iter().position(|name| *name == row.category);
            match place {
                Some(place) => by_category[place].push(row),
                None => {
                    let what = format!(
                        "the word `{}` is of the category `{}`, which the pipeline does not have",
                        row.word, row.category
                    );
                    return Err(Error::input(WORDS, what, RERUN));
                }
            }
        }
        let mut words = Vec::new();
        let mut groups = Vec::new();
        for (name, mut group) in names.iter().zip(by_category) {
            if group.is_empty() {
                return Err(Error::input(
                    WORDS,
                    format!("the category `{name}` has no words"),
                    "look into manifest.json for why they were dropped, and give it a longer list",
                ));
            }
            group.sort_by_key(|row| row.item);
            let start = words.len();
            words.append(&mut group);
            groups.push(Group {
                name: (*name).to_owned(),
                range: start..words.len(),
            });
        }
        let pairs = find_pairs(&words, &groups)?;
        Ok(Self {
            words,
            groups,
            pairs,
        })
    }

    /// Indices of the words of a side.
    pub fn side(&self, side: Side) -> Range<usize> {
        self.groups[side.index()].range.clone()
    }
}

fn find_pairs(words: &[WordRow], groups: &[Group]) -> Result<Vec<(usize, usize)>> {
    let mut items: Vec<_> = words.iter().map(|row| row.item).collect();
    items.sort_unstable();
    if let Some(twice) = items.windows(2).find(|pair| pair[0] == pair[1]) {
        let what = format!("the item {} is listed twice", twice[0]);
        return Err(Error::input(WORDS, what, RERUN));
    }
    let mut pairs: BTreeMap<usize, Sides<Vec<usize>>> = BTreeMap::new();
    for side in Side::BOTH {
        for index in groups[side.index()].range.clone() {
            if let Some(pair) = words[index].pair {
                pairs.entry(pair).or_default().get_mut(side).push(index);
            }
        }
    }
    pairs
        .into_iter()
        .map(
            |(pair, Sides { a, b })| match (a.as_slice(), b.as_slice()) {
                ([a], [b]) => Ok((*a, *b)),
                _ => {
                    let what = format!(
                        "pair {pair} has {} words of A and {} of B, not one of each",
                        a.len(),
                        b.len()
                    );
                    Err(Error::input(format!("{WORDS}, `pair`"), what, RERUN))
                }
            },
        )
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::path::Path;

    /// A pipeline with the categories named.
    pub(crate) fn pipeline(categories: &[&str]) -> Pipeline {
        let tables: String = categories
            .iter()
            .map(|name| format!("[[category]]\nname = \"{name}\"\nwords = \"{name}.txt\"\n"))
            .collect();
        let text = format!("name = \"test\"\n[model]\nsource = \"m\"\n{tables}");
        Pipeline::parse(&text, Path::new("test.toml")).unwrap()
    }

    /// A word of a category.
    pub(crate) fn word(item: usize, category: &str, pair: Option<usize>) -> WordRow {
        WordRow {
            item,
            category: category.to_owned(),
            word: format!("{category}{item}"),
            rank: item,
            pair,
            token_ids: vec![1],
            token_start: 0,
            token_end: 1,
        }
    }

    #[test]
    fn words_are_sorted_by_category_and_paired_by_number() {
        let rows = vec![
            word(3, "verb", Some(1)),
            word(2, "verb", Some(0)),
            word(0, "noun", Some(1)),
            word(1, "noun", Some(0)),
            word(4, "noun", None),
        ];
        let design = Design::new(&pipeline(&["noun", "verb"]), rows).unwrap();
        assert_eq!((design.side(Side::A), design.side(Side::B)), (0..3, 3..5));
        assert_eq!(design.pairs, [(1, 3), (0, 4)]);
    }

    #[test]
    fn a_design_that_cannot_be_is_a_clear_sentence() {
        let message = |rows| {
            Design::new(&pipeline(&["noun", "verb"]), rows)
                .unwrap_err()
                .to_string()
        };
        let messages = [
            message(vec![word(0, "noun", None)]),
            message(vec![word(0, "noun", None), word(1, "adverb", None)]),
            message(vec![word(0, "noun", None), word(0, "verb", None)]),
            message(vec![word(0, "noun", Some(0)), word(1, "verb", Some(1))]),
        ];
        insta::assert_snapshot!(messages.join("\n"));
    }
}
