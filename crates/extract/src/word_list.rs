//! Reading word lists, and choosing from them the words that are put before the model.

use crate::error::{Error, Result};
use selectron_run::Pipeline;
use selectron_run::files::{read_text, sha256_of_path};
use selectron_run::manifest::{CategoryFacts, DroppedWord};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A word that takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stimulus {
    /// Index of its category in the pipeline.
    pub category: usize,
    /// The word.
    pub word: String,
    /// Its line in its list, from 0.
    pub rank: i32,
    /// The pair it belongs to.
    pub pair: Option<i32>,
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
    /// Words that stand in more than one category, in order.
    pub shared: Vec<String>,
}

/// No word of any language is longer; what is, was not meant as one, and tokenizers take long over
/// it.
const LONGEST: usize = 1000;

/// The words of a list, most frequent first. Blank lines and lines that begin with `# ` do not
/// count.
///
/// # Errors
/// When the file cannot be read, is not UTF-8, or a line holds a control character or is no word for its
/// length.
pub fn read_list(path: &Path) -> Result<Vec<String>> {
    let text = read_text(path)?;
    let mut words = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let word = line.trim();
        if word.is_empty() || word == "#" || word.starts_with("# ") {
            continue;
        }
        if word.chars().any(char::is_control) {
            return Err(Error::input(
                format_args!("{}, line {}", path.display(), number + 1),
                "the word contains a control character",
                "write one word a line, as plain text",
            ));
        }
        let length = word.chars().count();
        if length > LONGEST {
            return Err(Error::input(
                format_args!("{}, line {}", path.display(), number + 1),
                format!("the word has {length} characters, more than {LONGEST}"),
                "write one word a line",
            ));
        }
        words.push(word.to_owned());
    }
    Ok(words)
}

/// Reads a pipeline's lists and chooses the words that take part.
///
/// The first `limit` words of a list are considered. Of these, excluded words are dropped, then,
/// if the pipeline says so, words that stand in more than one category. The k-th word that is left
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
            if excluded.contains(word) {
                pipeline
                    .words
                    .exclude
                    .as_ref()
                    .map(|path| format!("excluded by {path}"))
            } else if pipeline.words.exclude_shared && shared.contains(word) {
                let others: Vec<_> = lists
                    .iter()
                    .enumerate()
                    .filter(|(other, list)| *other != category && list.considers(word))
                    .map(|(_, list)| list.name)
                    .collect();
                Some(format!("also in {}", others.join(", ")))
            } else {
                None
            }
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

/// The words that stand in more than one list, in alphabetical order.
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
    for (rank, word) in (0_i32..).zip(&list.considered) {
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
        return Err(Error::Schema(pipeline.key_error(
            "words.exclude",
            format!("no word of category `{}` is left", list.name),
            "raise its limit or exclude fewer words",
        )));
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
    let size = |category: usize| selection.categories.get(category).map_or(0, |c| c.used);
    selection.pairs = size(0).min(size(1));
    let mut next = [0_usize; 2];
    for stimulus in &mut selection.stimuli {
        if let Some(next) = next.get_mut(stimulus.category)
            && *next < selection.pairs
        {
            stimulus.pair = i32::try_from(*next).ok();
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
