//! Which category a word of the text belongs to, and whether it was a stimulus.

use crate::document::Word;
use crate::selection::Stimulus;
use crate::word_list::read_list;
use selectron_run::Pipeline;
use selectron_run::error::Result;
use selectron_run::vocabulary::LabelSource;
use std::collections::{BTreeMap, BTreeSet};

/// Tells the category of a word.
///
/// In tagged text a category takes the words of its part of speech. A category that has none, or
/// shares it with another, takes the words of its list, as every category does in plain text; the
/// whole list counts there, not only the lines that the pipeline's limit lets be stimuli. A word
/// that more than one category claims belongs to none.
#[derive(Debug)]
pub struct Labels {
    /// The part of speech of each category that goes by it.
    tags: Vec<Option<String>>,
    /// The categories whose lists hold a word.
    listed: BTreeMap<String, BTreeSet<usize>>,
    names: Vec<String>,
    seen: BTreeSet<String>,
    tagged: bool,
}

impl Labels {
    /// Reads the lists of the categories that go by them. `tagged` says whether the text has parts of
    /// speech.
    ///
    /// # Errors
    /// When a list cannot be read.
    pub fn new(pipeline: &Pipeline, stimuli: &[Stimulus], tagged: bool) -> Result<Self> {
        let mut tags: Vec<_> = pipeline.category.iter().map(|c| c.upos()).collect();
        let claims = |tag: &Option<String>| tags.iter().filter(|other| *other == tag).count();
        let alone: Vec<_> = tags.iter().map(|tag| tagged && claims(tag) == 1).collect();
        for (tag, alone) in tags.iter_mut().zip(alone) {
            if !alone {
                *tag = None;
            }
        }
        let mut listed: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (index, category) in pipeline.category.iter().enumerate() {
            if tags[index].is_some() {
                continue;
            }
            for word in read_list(&pipeline.resolve(&category.words))? {
                listed.entry(word.to_lowercase()).or_default().insert(index);
            }
        }
        Ok(Self {
            tags,
            listed,
            names: pipeline.category.iter().map(|c| c.name.clone()).collect(),
            seen: stimuli.iter().map(|s| s.word.to_lowercase()).collect(),
            tagged,
        })
    }

    /// What the labels come from.
    pub fn source(&self) -> LabelSource {
        match (
            self.tags.iter().any(Option::is_some),
            self.tags.iter().any(Option::is_none),
        ) {
            (true, false) => LabelSource::PartsOfSpeech,
            (false, _) => LabelSource::WordLists,
            (true, true) => LabelSource::Both,
        }
    }

    /// Whether the text has parts of speech.
    pub fn tagged(&self) -> bool {
        self.tagged
    }

    /// The category of a word; none where it belongs to none, or to more than one.
    pub fn category(&self, word: &Word) -> Option<String> {
        let listed = self.listed.get(&word.form.to_lowercase());
        let claimed = |index: &usize| match &self.tags[*index] {
            Some(tag) => word.upos.as_ref() == Some(tag),
            None => listed.is_some_and(|listed| listed.contains(index)),
        };
        let mut claims = (0..self.names.len()).filter(claimed);
        match (claims.next(), claims.next()) {
            (Some(only), None) => Some(self.names[only].clone()),
            _ => None,
        }
    }

    /// Whether a word was a stimulus, by its form or its lemma.
    pub fn seen(&self, word: &Word) -> bool {
        let was_stimulus = |form: &str| self.seen.contains(&form.to_lowercase());
        was_stimulus(&word.form) || word.lemma.as_deref().is_some_and(was_stimulus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipeline(text: &str) -> (Pipeline, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("nouns.txt"), "time\nwork\ndog\n").unwrap();
        std::fs::write(folder.path().join("verbs.txt"), "go\nWork\n").unwrap();
        let text = format!(
            "name = \"t\"\n[model]\nsource = \"m\"\n\
             [[category]]\nname = \"noun\"\nwords = \"nouns.txt\"\nlimit = 1\n\
             [[category]]\nname = \"verb\"\nwords = \"verbs.txt\"\n{text}"
        );
        let path = folder.path().join("t.toml");
        (Pipeline::parse(&text, &path).unwrap(), folder)
    }

    fn word(form: &str, lemma: &str, upos: Option<&str>) -> Word {
        Word {
            span: 0..form.len(),
            form: form.to_owned(),
            lemma: Some(lemma.to_owned()),
            upos: upos.map(str::to_owned),
            sentence: 0,
        }
    }

    #[test]
    fn tags_decide_in_tagged_text_and_lists_in_plain_text() {
        let (pipeline, _folder) = pipeline("");
        let stimuli = crate::selection::select(&pipeline).unwrap().stimuli;
        let tagged = Labels::new(&pipeline, &stimuli, true).unwrap();
        assert_eq!(tagged.source(), LabelSource::PartsOfSpeech);
        let noun = |labels: &Labels, form, upos| labels.category(&word(form, form, upos));
        assert_eq!(noun(&tagged, "work", Some("NOUN")).as_deref(), Some("noun"));
        assert_eq!(noun(&tagged, "dog", Some("PROPN")), None);
        assert!(tagged.seen(&word("Times", "time", Some("NOUN"))));
        assert!(!tagged.seen(&word("dog", "dog", Some("NOUN"))));

        let plain = Labels::new(&pipeline, &stimuli, false).unwrap();
        assert_eq!(plain.source(), LabelSource::WordLists);
        // The whole list counts, not only the stimuli; a word of two lists is of neither.
        assert_eq!(noun(&plain, "Dog", None).as_deref(), Some("noun"));
        assert_eq!(noun(&plain, "go", None).as_deref(), Some("verb"));
        assert_eq!(noun(&plain, "work", None), None);
    }

    #[test]
    fn categories_of_one_part_of_speech_go_by_their_lists() {
        let (pipeline, _folder) =
            pipeline("[[category]]\nname = \"name\"\nwords = \"nouns.txt\"\nupos = \"NOUN\"\n");
        let labels = Labels::new(&pipeline, &[], true).unwrap();
        assert_eq!(labels.source(), LabelSource::Both);
        assert_eq!(labels.category(&word("time", "time", Some("NOUN"))), None);
        let verb = labels.category(&word("time", "time", Some("VERB")));
        assert_eq!(verb, None, "claimed by two lists and a tag");
        let verb = labels.category(&word("run", "run", Some("VERB")));
        assert_eq!(verb.as_deref(), Some("verb"));
    }
}
