//! A category of words.

use super::documented::documented;
use super::problem::Problem;
use serde::{Deserialize, Serialize};

documented! {
    /// `[[category]]`
    #[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    pub struct CategorySection {
        /// The category's name, such as `noun`; results are labelled with it.
        pub name: String,
        /// The word list: a text file with one word per line, most frequent first. The path is
        /// relative to the pipeline file.
        pub words: String,
        /// Use at most the first `limit` lines of the list; without it, all.
        pub limit: Option<usize>,
        /// The universal part of speech of its words in tagged text. Without it, the one that the
        /// category's name stands for: `NOUN` for `noun`. Where the name stands for none, a word of
        /// the text belongs to the category whose list it is in.
        pub upos: Option<String>,
    }
}

impl CategorySection {
    /// The universal part of speech that the category's words have in tagged text: what the
    /// pipeline says, or what the name stands for, such as `NOUN` for `noun` or `nouns`. None if
    /// the name stands for none: then a word belongs to the category whose list it is in.
    pub fn upos(&self) -> Option<String> {
        const NAMES: &[(&str, &str)] = &[
            ("adjective", "ADJ"),
            ("adverb", "ADV"),
            ("auxiliary", "AUX"),
            ("conjunction", "CCONJ"),
            ("determiner", "DET"),
            ("interjection", "INTJ"),
            ("number", "NUM"),
            ("numeral", "NUM"),
            ("particle", "PART"),
            ("preposition", "ADP"),
            ("pronoun", "PRON"),
            ("punctuation", "PUNCT"),
            ("symbol", "SYM"),
        ];
        if self.upos.is_some() {
            return self.upos.clone();
        }
        let name = self.name.to_lowercase();
        let singular = name.strip_suffix('s').unwrap_or(&name);
        let names_it = |word: &str| word == name || word == singular;
        let by_tag = UPOS.iter().find(|tag| names_it(&tag.to_lowercase()));
        let by_name = NAMES
            .iter()
            .find(|(word, _)| names_it(word))
            .map(|(_, tag)| tag);
        by_tag.or(by_name).map(|tag| (*tag).to_owned())
    }
}

/// The universal parts of speech (<https://universaldependencies.org/u/pos/>).
pub const UPOS: &[&str] = &[
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN",
    "PUNCT", "SCONJ", "SYM", "VERB", "X",
];

pub(super) fn validate_categories(categories: &[CategorySection]) -> Result<(), Problem> {
    if categories.len() < 2 {
        return Err(Problem::at(
            "category",
            format!(
                "there are {} categories, and a comparison needs two",
                categories.len()
            ),
            "add a [[category]] table with `name` and `words`",
        ));
    }
    for (index, category) in categories.iter().enumerate() {
        if category.name.is_empty() {
            return Err(Problem::at(
                "category.name",
                "a category has no name",
                "give it one, such as \"noun\"",
            ));
        }
        if categories[..index]
            .iter()
            .any(|other| other.name == category.name)
        {
            return Err(Problem::at(
                "category.name",
                format!("two categories are called `{}`", category.name),
                "rename one of them",
            ));
        }
        if category.limit == Some(0) {
            return Err(Problem::at(
                "category.limit",
                format!("category `{}` is limited to 0 words", category.name),
                "raise the limit, or leave it out to use the whole list",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_has_the_part_of_speech_that_its_name_stands_for() {
        let upos = |name: &str, upos: Option<&str>| {
            let category = CategorySection {
                name: name.to_owned(),
                words: String::new(),
                limit: None,
                upos: upos.map(str::to_owned),
            };
            category.upos()
        };
        assert_eq!(upos("noun", None).as_deref(), Some("NOUN"));
        assert_eq!(upos("Verbs", None).as_deref(), Some("VERB"));
        assert_eq!(upos("adjectives", None).as_deref(), Some("ADJ"));
        assert_eq!(upos("propn", None).as_deref(), Some("PROPN"));
        assert_eq!(upos("negation", None), None);
        assert_eq!(upos("negation", Some("PART")).as_deref(), Some("PART"));
    }
}
