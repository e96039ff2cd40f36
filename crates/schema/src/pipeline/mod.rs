//! The pipeline file: one experiment, in TOML.
//!
//! [`Pipeline::load`] reads it, refuses unknown keys with the nearest known one, and resolves its
//! paths against its own folder. [`Pipeline::apply`] then lays the command line's choices over it.

mod category;
mod keys;
mod names;
mod reduce;
mod text;

pub use category::{CategorySection, UPOS};
pub use names::{
    Correction, Covariate, Family, Layers, Pairing, Presentation, Reduce, Scaling, Statistic,
};
pub use text::{ShownNeuron, TextSection};

use crate::error::{Error, Result};
use crate::files::{read_text, sha256};
use crate::site::Site;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::path::{Path, PathBuf};

/// One experiment.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// Names the run directory: lower-case letters, digits and hyphens.
    pub name: String,
    /// Every random draw descends from it.
    #[serde(default)]
    pub seed: u64,
    /// The model to record.
    pub model: ModelSection,
    /// What to record of it, and how.
    #[serde(default)]
    pub record: RecordSection,
    /// The first is A (t > 0), the second B (t < 0), any further ones are controls.
    #[serde(default)]
    pub category: Vec<CategorySection>,
    /// Which words to leave out.
    #[serde(default)]
    pub words: WordsSection,
    /// The test and its correction.
    #[serde(default)]
    pub test: TestSection,
    /// The text over which the chosen neurons are shown.
    pub text: Option<TextSection>,
    /// How figures look.
    #[serde(default)]
    pub render: RenderSection,
    /// What `model.source = "simulate"` makes up in place of a model's activations.
    #[serde(default)]
    pub simulate: SimulateSection,
    /// The file this was read from.
    #[serde(skip)]
    pub path: PathBuf,
    /// SHA-256 of that file.
    #[serde(skip)]
    pub sha256: String,
}

/// `[model]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSection {
    /// `artifacts/models/<name>` by its name, a directory, or `hub:<owner>/<repo>[@<revision>]`.
    pub source: String,
}

/// `[record]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecordSection {
    /// One site or a list of them.
    #[serde(deserialize_with = "one_or_many_sites")]
    pub site: Vec<Site>,
    /// Which layers.
    pub layers: Layers,
    /// How a word is put before the model.
    pub presentation: Presentation,
    /// How the activations of a word's tokens become one value.
    pub reduce: Reduce,
}

impl Default for RecordSection {
    fn default() -> Self {
        Self {
            site: vec![Site::MlpPre],
            layers: Layers::All,
            presentation: Presentation::BosSpace,
            reduce: Reduce::Last,
        }
    }
}

/// `[words]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WordsSection {
    /// A list of words to leave out of every category; relative to the pipeline file.
    pub exclude: Option<String>,
    /// Leave out words that stand in more than one category.
    pub exclude_shared: bool,
    /// Keep only words of A and B that can be matched one to one on these, and pair them so.
    #[serde(rename = "match")]
    pub matched: Vec<Covariate>,
}

/// `[simulate]`: what the source `simulate` makes up.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SimulateSection {
    /// Number of layers.
    pub layers: usize,
    /// Neurons a layer.
    pub neurons: usize,
    /// Share of the neurons that get an effect: the first half of these prefers A, the second B.
    pub share: f64,
    /// Size of the effect: the difference of the categories' means, in standard deviations.
    pub effect: f64,
}

impl Default for SimulateSection {
    fn default() -> Self {
        Self {
            layers: 2,
            neurons: 1000,
            share: 0.1,
            effect: 1.0,
        }
    }
}

/// `[test]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TestSection {
    /// One test or a list of them.
    #[serde(deserialize_with = "one_or_many_statistics")]
    pub statistic: Vec<Statistic>,
    /// How words are paired, for paired tests.
    pub pairing: Pairing,
    /// The level at which a test counts as significant.
    pub alpha: f64,
    /// The correction for multiple testing.
    pub correction: Correction,
    /// Which tests are corrected together.
    pub family: Family,
    /// How many permutations max-T draws.
    pub permutations: usize,
    /// How many times the words are dealt out at random to see what chance alone would find; 0 for
    /// never.
    pub nulls: usize,
}

impl Default for TestSection {
    fn default() -> Self {
        Self {
            statistic: vec![Statistic::PairedT],
            pairing: Pairing::Rank,
            alpha: 0.05,
            correction: Correction::Bonferroni,
            family: Family::Layer,
            permutations: 10_000,
            nulls: 200,
        }
    }
}

/// `[render]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RenderSection {
    /// The colours of the two categories.
    pub palette: Palette,
    /// How activations over a text are scaled to a colour.
    pub scaling: Option<Scaling>,
}

/// The colours of the two categories: a name (`red`, `blue`, …) or `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Palette {
    /// Colour of category A.
    pub a: String,
    /// Colour of category B.
    pub b: String,
}

impl Default for Palette {
    fn default() -> Self {
        Self {
            a: "red".to_owned(),
            b: "blue".to_owned(),
        }
    }
}

/// What the command line lays over a pipeline file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// In place of `model.source`.
    pub model: Option<String>,
    /// In place of `record.layers`.
    pub layers: Option<Layers>,
}

impl Pipeline {
    /// Reads and checks a pipeline file.
    ///
    /// # Errors
    /// When the file cannot be read, is not TOML, has an unknown key, or a value makes no sense;
    /// the message names the line or the key.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = read_text(path)?;
        Self::parse(&text, path)
    }

    /// Reads a pipeline from `text`; `path` is for messages and for resolving relative paths.
    ///
    /// # Errors
    /// As [`Pipeline::load`].
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        keys::check(text, path)?;
        let mut pipeline: Self =
            toml::from_str(text).map_err(|error| keys::syntax_error(&error, text, path))?;
        if let Some(text) = &mut pipeline.text {
            text.settle_shuffles(pipeline.test.alpha);
        }
        pipeline.path = path.to_owned();
        pipeline.sha256 = sha256(text.as_bytes());
        pipeline.validate()?;
        Ok(pipeline)
    }

    /// Lays the command line's choices over the file's.
    #[must_use]
    pub fn apply(mut self, overrides: &Overrides) -> Self {
        if let Some(model) = &overrides.model {
            self.model.source.clone_from(model);
        }
        if let Some(layers) = &overrides.layers {
            self.record.layers = layers.clone();
        }
        self
    }

    /// A path of the pipeline file, resolved against its folder.
    pub fn resolve(&self, relative: &str) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(relative)
    }

    /// Category A, whose neurons have t > 0.
    pub fn category_a(&self) -> &str {
        self.category.first().map_or("", |category| &category.name)
    }

    /// Category B, whose neurons have t < 0.
    pub fn category_b(&self) -> &str {
        self.category.get(1).map_or("", |category| &category.name)
    }

    /// An input error placed at a key of this file.
    pub fn key_error(
        &self,
        key: &str,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Error {
        Error::input(
            format_args!("{}, `{key}`", self.path.display()),
            what,
            remedy,
        )
    }

    /// The smallest p that so many control tasks can give is 1 / (1 + shuffles), for the observed
    /// labels count as one of them. Above alpha nothing could generalise, whatever the model does.
    /// None at all is a choice of its own: then no neuron is said to generalise or not to.
    fn validate_shuffles(&self) -> Result<()> {
        let Some(text) = &self.text else {
            return Ok(());
        };
        let alpha = self.test.alpha;
        let smallest = 1.0 / (1.0 + text.shuffles as f64);
        if text.shuffles == 0 || smallest <= alpha {
            return Ok(());
        }
        let enough = (1.0 / alpha).ceil() - 1.0;
        Err(self.key_error(
            "text.shuffles",
            format!(
                "{} shuffles give no p below {smallest:.3}, so nothing could generalise at \
                 `test.alpha` = {alpha}",
                text.shuffles
            ),
            format!("choose {enough} or more, or 0 to leave the question open"),
        ))
    }

    fn validate(&self) -> Result<()> {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(good) {
            return Err(self.key_error(
                "name",
                format!("`{}` cannot name a run", self.name),
                "use lower-case letters, digits and hyphens",
            ));
        }
        if self.category.len() < 2 {
            return Err(self.key_error(
                "category",
                format!(
                    "there are {} categories, and a comparison needs two",
                    self.category.len()
                ),
                "add a [[category]] table with `name` and `words`",
            ));
        }
        for (index, category) in self.category.iter().enumerate() {
            if category.name.is_empty() {
                return Err(self.key_error(
                    "category.name",
                    "a category has no name",
                    "give it one, such as \"noun\"",
                ));
            }
            if self
                .category
                .iter()
                .take(index)
                .any(|other| other.name == category.name)
            {
                return Err(self.key_error(
                    "category.name",
                    format!("two categories are called `{}`", category.name),
                    "rename one of them",
                ));
            }
            if category.limit == Some(0) {
                return Err(self.key_error(
                    "category.limit",
                    format!("category `{}` is limited to 0 words", category.name),
                    "raise the limit, or leave it out to use the whole list",
                ));
            }
        }
        if !(self.test.alpha > 0.0 && self.test.alpha < 1.0) {
            return Err(self.key_error(
                "test.alpha",
                format!("{} is not a level", self.test.alpha),
                "choose a number between 0 and 1, such as 0.05",
            ));
        }
        self.validate_shuffles()?;
        let simulate = &self.simulate;
        if !(0.0..=1.0).contains(&simulate.share) || !simulate.effect.is_finite() {
            return Err(self.key_error(
                "simulate",
                format!(
                    "a share of {} with effect {} makes no sense",
                    simulate.share, simulate.effect
                ),
                "choose a share between 0 and 1, and an effect in standard deviations",
            ));
        }
        if !(1..=1000).contains(&simulate.layers) || !(1..=1_000_000).contains(&simulate.neurons) {
            return Err(self.key_error(
                "simulate",
                format!(
                    "{} layers of {} neurons cannot be simulated",
                    simulate.layers, simulate.neurons
                ),
                "choose 1 to 1,000 layers of 1 to 1,000,000 neurons",
            ));
        }
        if self.test.permutations == 0 {
            return Err(self.key_error(
                "test.permutations",
                "max-T needs at least one permutation",
                "10000 is usual",
            ));
        }
        Ok(())
    }
}

/// Reads `"mlp.pre"` or `["mlp.pre", "resid.post"]`, without repetitions, in forward order.
fn one_or_many_sites<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Site>, D::Error> {
    let mut sites = one_or_many(deserializer, "site")?
        .iter()
        .map(|name| name.parse::<Site>().map_err(D::Error::custom))
        .collect::<Result<Vec<_>, _>>()?;
    sites.sort_unstable();
    if sites.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(D::Error::custom("a site is listed twice"));
    }
    Ok(sites)
}

/// Reads one statistic or a list of them, without repetitions, in the order given.
fn one_or_many_statistics<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Statistic>, D::Error> {
    let mut statistics = Vec::new();
    for name in one_or_many(deserializer, "statistic")? {
        let statistic = name.parse::<Statistic>().map_err(D::Error::custom)?;
        if statistics.contains(&statistic) {
            return Err(D::Error::custom("a statistic is listed twice"));
        }
        statistics.push(statistic);
    }
    Ok(statistics)
}

fn one_or_many<'de, D: Deserializer<'de>>(
    deserializer: D,
    what: &str,
) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        One(String),
        Many(Vec<String>),
    }
    let list = match Written::deserialize(deserializer)
        .map_err(|_| D::Error::custom(format!("a {what} is a name or a list of names")))?
    {
        Written::One(name) => vec![name],
        Written::Many(list) => list,
    };
    if list.is_empty() {
        return Err(D::Error::custom(format!("the list of {what}s is empty")));
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pipeline that uses every key there is.
    const COMPLETE: &str = r#"
        name = "grammar"
        seed = 20
        [model]
        source = "neo-mini"
        [record]
        site = ["mlp.pre", "resid.post"]
        layers = [0, 4]
        presentation = { carrier = "The {word}" }
        reduce = "last"
        [[category]]
        name = "noun"
        words = "stimuli/nouns.txt"
        limit = 100
        [[category]]
        name = "verb"
        words = "stimuli/verbs.txt"
        [words]
        exclude = "stimuli/exclude.txt"
        exclude_shared = true
        match = ["tokens", "rank", "characters"]
        [simulate]
        layers = 3
        neurons = 100
        share = 0.2
        effect = 0.5
        [test]
        statistic = ["paired-t", "welch-t"]
        pairing = "rank"
        alpha = 0.01
        correction = "holm"
        family = "all"
        permutations = 100
        nulls = 50
        [text]
        source = "stimuli/randomness.conllu"
        [render]
        palette = { a = "red", b = "blue" }
        scaling = "robust"
    "#;

    fn parse(text: &str) -> Result<Pipeline> {
        Pipeline::parse(text, Path::new("pipelines/test.toml"))
    }

    fn message(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn shuffles_can_reach_alpha_or_there_are_none() {
        let with = |shuffles: usize, alpha: &str| {
            let text = COMPLETE.replace("[text]", &format!("[text]\nshuffles = {shuffles}"));
            parse(&text.replace("alpha = 0.01", &format!("alpha = {alpha}")))
        };
        for (shuffles, alpha) in [(0, "0.05"), (19, "0.05"), (200, "0.05"), (999, "0.001")] {
            assert_eq!(
                with(shuffles, alpha).unwrap().text.unwrap().shuffles,
                shuffles
            );
        }
        assert!(with(1, "0.05").is_err() && with(998, "0.001").is_err());
        let unset = |alpha: &str| {
            let text = COMPLETE.replace("alpha = 0.01", &format!("alpha = {alpha}"));
            parse(&text).unwrap().text.unwrap().shuffles
        };
        assert_eq!(["0.05", "0.001", "1e-9"].map(unset), [200, 999, 0]);
        let message = with(18, "0.05").unwrap_err().to_string();
        insta::assert_snapshot!(message, @"pipelines/test.toml, `text.shuffles`: 18 shuffles give no p below 0.053, so nothing could generalise at `test.alpha` = 0.05; choose 19 or more, or 0 to leave the question open");
    }

    #[test]
    fn every_key_is_read() {
        let pipeline = parse(COMPLETE).unwrap();
        assert_eq!(pipeline.record.site, [Site::MlpPre, Site::ResidPost]);
        assert_eq!(pipeline.record.layers, Layers::Some(vec![0, 4]));
        assert_eq!(
            pipeline.test.statistic,
            [Statistic::PairedT, Statistic::WelchT]
        );
        assert_eq!(pipeline.render.scaling, Some(Scaling::Robust));
        assert_eq!(
            pipeline.resolve("stimuli/nouns.txt"),
            Path::new("pipelines/stimuli/nouns.txt")
        );
    }

    #[test]
    fn what_is_left_out_takes_the_documented_defaults() {
        let short = "name = \"x\"\n[model]\nsource = \"m\"\n\
                     [[category]]\nname = \"a\"\nwords = \"a.txt\"\n\
                     [[category]]\nname = \"b\"\nwords = \"b.txt\"\n";
        let pipeline = parse(short).unwrap();
        assert_eq!(pipeline.record, RecordSection::default());
        assert_eq!(pipeline.test, TestSection::default());
        assert_eq!(pipeline.text, None);
    }

    #[test]
    fn an_unknown_key_gets_the_nearest_known_one() {
        let text = COMPLETE.replace("correction =", "corection =");
        insta::assert_snapshot!(message(&text), @"pipelines/test.toml, line 31: unknown key `corection` in [test]; did you mean `correction`? (known: statistic, pairing, alpha, correction, family, permutations, nulls)");
    }

    #[test]
    fn mistakes_are_named_with_place_and_remedy() {
        let mistakes = [
            ("name = \"grammar\"", "name = \"Gram mar\""),
            ("layers = [0, 4]", "layers = \"most\""),
            ("layers = [0, 4]", "layers = []"),
            ("site = [\"mlp.pre\", \"resid.post\"]", "site = \"mlp_pre\""),
            ("reduce = \"last\"", "reduce = \"sum\""),
            (
                "presentation = { carrier = \"The {word}\" }",
                "presentation = { carrier = \"The\" }",
            ),
            ("\"welch-t\"", "\"wilch-t\""),
            ("alpha = 0.01", "alpha = 1.5"),
            ("correction = \"holm\"", "correction = 3"),
            ("name = \"verb\"", "name = \"noun\""),
            ("limit = 100", "limit = -1"),
            ("[model]", "[model"),
        ];
        let messages: Vec<_> = mistakes
            .iter()
            .map(|(good, bad)| {
                assert!(COMPLETE.contains(good), "{good}");
                message(&COMPLETE.replacen(good, bad, 1))
            })
            .collect();
        insta::assert_snapshot!(messages.join("\n"));
    }

    #[test]
    fn the_command_line_wins() {
        let overrides = Overrides {
            model: Some("other".to_owned()),
            layers: Some(Layers::All),
        };
        let pipeline = parse(COMPLETE).unwrap().apply(&overrides);
        assert_eq!(pipeline.model.source, "other");
        assert_eq!(pipeline.record.layers, Layers::All);
    }

    proptest::proptest! {
        #[test]
        fn a_damaged_pipeline_is_a_pipeline_or_a_sentence(
            place in 0_usize..COMPLETE.len(),
            length in 0_usize..12,
            patch in "\\PC{0,8}|[\\[\\]{}=\"\n]{0,4}",
        ) {
            let mut text = COMPLETE.to_owned();
            let end = (place + length).min(text.len());
            text.replace_range(place..end, &patch);
            if let Err(error) = parse(&text) {
                let message = error.to_string();
                proptest::prop_assert!(message.starts_with("pipelines/test.toml"), "{}", message);
                proptest::prop_assert!(!message.contains("internal error"));
            }
        }
    }
}
