//! Choosing from word lists the words that are put before the model.

use crate::word_list::read_list;
use selectron_run::error::{Error, Result};
use selectron_run::files::sha256_of_path;
use selectron_run::manifest::{CategoryFacts, DroppedWord};
use selectron_run::{Pipeline, Side, Sides};
use std::collections::{BTreeMap, BTreeSet};

/// A word that takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stimulus {
    /// Index of its category in the pipeline.
    pub category: usize,
    /// The word.
    pub word: String,
    /// Its line in its list, from 0.
    pub rank: usize,
    /// The pair it belongs to.
    pub pair: Option<usize>,
}

impl Stimulus {
    /// Its side of the contrast; none for a word of a control category.
    pub fn side(&self) -> Option<Side> {
        Side::of_category(self.category)
    }
}

/// The words that take part, category by category in order of frequency, and what was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The words; their index is their item number.
    pub stimuli: Vec<Stimulus>,
    /// What became of each category's list.
    pub categories: Vec<CategoryFacts>,
    /// Pairs of the first two categories.
    pub pairs: usize,
    /// Words that are in more than one category, in order.
    pub shared: Vec<String>,
}

/// Reads a pipeline's lists and chooses the words that take part.
///
/// The first `limit` words of a list are considered. Of these, excluded words are dropped, then,
/// if the pipeline says so, words that are in more than one category. The k-th word that is left
/// of A and the k-th of B make pair k.
///
/// # Errors
/// When a list is not right, is empty, or nothing of it is left.
pub fn select(pipeline: &Pipeline) -> Result<Selection> {
    let lists = read_lists(pipeline)?;
    let excluded: BTreeSet<String> = match &pipeline.words.exclude {
        Some(path) => read_list(&pipeline.resolve(path))?.into_iter().collect(),
        None => BTreeSet::new(),
    };
    let shared = shared_words(&lists);
    let mut selection = Selection {
        stimuli: Vec::new(),
        categories: Vec::new(),
        pairs: 0,
        shared: shared.iter().map(|word| (*word).to_owned()).collect(),
    };
    for (category, list) in lists.iter().enumerate() {
        let reason = |word: &str| {
            if let Some(path) = &pipeline.words.exclude
                && excluded.contains(word)
            {
                return Some(format!("excluded by {path}"));
            }
            if pipeline.words.exclude_shared && shared.contains(word) {
                return Some(also_in(&lists, category, word));
            }
            None
        };
        choose(pipeline, category, list, reason, &mut selection)?;
    }
    pair_by_rank(&mut selection);
    Ok(selection)
}

/// A category's list, as far as the limit reaches.
struct List<'a> {
    name: &'a str,
    path: &'a str,
    sha256: String,
    listed: usize,
    considered: Vec<String>,
}

impl List<'_> {
    fn considers(&self, word: &str) -> bool {
        self.considered.iter().any(|other| other == word)
    }
}

fn read_lists(pipeline: &Pipeline) -> Result<Vec<List<'_>>> {
    let mut lists = Vec::new();
    for category in &pipeline.category {
        let path = pipeline.resolve(&category.words);
        let mut considered = read_list(&path)?;
        let listed = considered.len();
        if listed == 0 {
            let what = format!("the list of category `{}` is empty", category.name);
            return Err(Error::input(path.display(), what, "write one word a line"));
        }
        considered.truncate(category.limit.unwrap_or(listed));
        let mut first_at = BTreeMap::new();
        for (rank, word) in considered.iter().enumerate() {
            if let Some(first) = first_at.insert(word.as_str(), rank) {
                return Err(Error::input(
                    path.display(),
                    format!(
                        "the word `{word}` stands twice in the list of category `{}` (as words {} \
                         and {})",
                        category.name,
                        first + 1,
                        rank + 1
                    ),
                    "remove one of them",
                ));
            }
        }
        let sha256 = sha256_of_path(&path)?;
        lists.push(List {
            name: &category.name,
            path: &category.words,
            sha256,
            listed,
            considered,
        });
    }
    Ok(lists)
}

/// The words that are in more than one list, in alphabetical order.
fn shared_words(lists: &[List<'_>]) -> BTreeSet<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in lists.iter().flat_map(|list| &list.considered) {
        *counts.entry(word).or_default() += 1;
    }
    counts
        .into_iter()
        .filter(|(_, count)| *count > 1)
        .map(|(word, _)| word.to_owned())
        .collect()
}

/// Why a word of a category's list is left out where shared ones are.
fn also_in(lists: &[List<'_>], category: usize, word: &str) -> String {
    let lists = lists.iter().enumerate();
    let others = lists.filter(|(other, list)| *other != category && list.considers(word));
    let names: Vec<_> = others.map(|(_, list)| list.name).collect();
    format!("also in {}", names.join(", "))
}

/// Adds a category's words to the selection, but for those that there is a reason to drop.
fn choose(
    pipeline: &Pipeline,
    category: usize,
    list: &List<'_>,
    reason: impl Fn(&str) -> Option<String>,
    selection: &mut Selection,
) -> Result<()> {
    let mut dropped = Vec::new();
    let before = selection.stimuli.len();
    for (rank, word) in list.considered.iter().enumerate() {
        let word = word.clone();
        match reason(&word) {
            Some(reason) => dropped.push(DroppedWord { word, rank, reason }),
            None => selection.stimuli.push(Stimulus {
                category,
                word,
                rank,
                pair: None,
            }),
        }
    }
    let used = selection.stimuli.len() - before;
    if used == 0 {
        return Err(pipeline.key_error(
            "words.exclude",
            format!("no word of category `{}` is left", list.name),
            "raise its limit or exclude fewer words",
        ));
    }
    selection.categories.push(CategoryFacts {
        name: list.name.to_owned(),
        list: list.path.to_owned(),
        sha256: list.sha256.clone(),
        listed: list.listed,
        considered: list.considered.len(),
        used,
        split: 0,
        dropped,
    });
    Ok(())
}

fn pair_by_rank(selection: &mut Selection) {
    let used = Sides::of(|side| selection.categories[side.index()].used);
    selection.pairs = used.a.min(used.b);
    let mut next = Sides::default();
    for stimulus in &mut selection.stimuli {
        let Some(side) = stimulus.side() else {
            continue;
        };
        let next = next.get_mut(side);
        if *next < selection.pairs {
            stimulus.pair = Some(*next);
            *next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pipeline over lists `a` and `b`, with `[words]` as given.
    fn select_from(a: &str, b: &str, words: &str) -> Result<Selection> {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "name = \"t\"\n[model]\nsource = \"m\"\n\
             [[category]]\nname = \"noun\"\nwords = \"a.txt\"\nlimit = 4\n\
             [[category]]\nname = \"verb\"\nwords = \"b.txt\"\n{words}"
        );
        std::fs::write(folder.path().join("a.txt"), a).unwrap();
        std::fs::write(folder.path().join("b.txt"), b).unwrap();
        std::fs::write(folder.path().join("x.txt"), "# debris\nj.\n").unwrap();
        let path = folder.path().join("t.toml");
        select(&Pipeline::parse(&text, &path).unwrap())
    }

    const STRICT: &str = "[words]\nexclude = \"x.txt\"\nexclude_shared = true\n";

    #[test]
    fn words_are_dropped_with_reasons_and_paired_by_rank() {
        let selection = select_from("time\nj.\nwork\nway\nlate\n", "go\nwork\nsee\n", STRICT);
        let selection = selection.unwrap();
        let words: Vec<_> = selection
            .stimuli
            .iter()
            .map(|s| (s.word.as_str(), s.rank, s.pair))
            .collect();
        assert_eq!(
            words,
            [
                ("time", 0, Some(0)),
                ("way", 3, Some(1)),
                ("go", 0, Some(0)),
                ("see", 2, Some(1))
            ]
        );
        let dropped: Vec<_> = selection.categories[0]
            .dropped
            .iter()
            .map(|d| format!("{} {}: {}", d.rank, d.word, d.reason))
            .collect();
        assert_eq!(dropped, ["1 j.: excluded by x.txt", "2 work: also in verb"]);
        assert_eq!(selection.categories[0].listed, 5);
        assert_eq!(selection.categories[0].considered, 4);
        assert_eq!(selection.shared, ["work"]);
    }

    #[test]
    fn a_shared_word_stays_unless_the_pipeline_says_otherwise() {
        let selection = select_from("time\nwork\n", "work\n", "").unwrap();
        assert_eq!(selection.stimuli.len(), 3);
        assert_eq!(selection.pairs, 1);
        assert_eq!(selection.stimuli[1].pair, None);
        assert_eq!(selection.shared, ["work"]);
    }

    #[test]
    fn bad_lists_are_refused_with_place_and_remedy() {
        let message = |a: &str, b: &str| select_from(a, b, STRICT).unwrap_err().to_string();
        assert!(message("", "go").contains("the list of category `noun` is empty"));
        assert!(
            message("go\nsee\ngo", "x").contains("stands twice"),
            "within a list"
        );
        assert!(message("j.", "go").contains("no word of category `noun` is left"));
        assert!(
            message("time\nwa\0y", "go").contains("a.txt, line 2: the word contains a control")
        );
        let long = "x".repeat(1 << 20);
        let message = message(&format!("time\n{long}"), "go");
        assert!(message.contains("line 2: the word has 1048576 characters, more than 1000"));
    }
}
