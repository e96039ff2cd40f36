//! The choices that a pipeline file makes by name.

use super::documented::{KeyValue, Value};
use crate::named::{Choice, named};
use crate::spelling::suggestion;
use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

named! {
    /// How the activations of a word's tokens become one value per neuron.
    "reduction" Reduce {
        /// The word's first token.
        First = "first",
        /// The word's last token.
        Last = "last",
        /// The mean over the word's tokens.
        Mean = "mean",
        /// The largest value over the word's tokens, neuron by neuron.
        Max = "max",
    }
}

named! {
    /// What words of A and B are matched on.
    "covariate" Covariate {
        /// Its number of tokens.
        Tokens = "tokens",
        /// Logarithm of the word's line in its list, which stands for its frequency.
        Rank = "rank",
        /// Its number of characters.
        Characters = "characters",
    }
}

named! {
    /// The test that each neuron gets.
    "statistic" Statistic {
        /// One-sample t-test of the differences of paired words.
        PairedT = "paired-t",
        /// Welch's two-sample t-test, which does not assume equal variances.
        WelchT = "welch-t",
        /// Student's two-sample t-test, with a pooled variance.
        StudentT = "student-t",
        /// Mann and Whitney's (Wilcoxon's) test of two samples by ranks.
        RankSum = "rank-sum",
        /// Wilcoxon's test of paired words by ranks of their differences.
        SignedRank = "signed-rank",
        /// Logistic regression of the category on the activation, by likelihood ratio.
        Logit = "logit",
        /// One-way analysis of variance over all categories, of which there are three or more.
        Anova = "anova",
        /// Kruskal and Wallis's test by ranks over all categories, of which there are three or more.
        Kruskal = "kruskal",
    }
}

named! {
    /// How words are paired for a paired test.
    "pairing" Pairing {
        /// The k-th word of A with the k-th of B, in the order of their lists, once words have been left
        /// out.
        Rank = "rank",
    }
}

named! {
    /// The correction for multiple testing that decides what is significant.
    "correction" Correction {
        /// No correction: each test is done at alpha.
        None = "none",
        /// Bonferroni's: p times the number of tests.
        Bonferroni = "bonferroni",
        /// Holm's step-down procedure.
        Holm = "holm",
        /// Hochberg's step-up procedure, for tests that are not negatively dependent.
        Hochberg = "hochberg",
        /// Benjamini and Hochberg's false-discovery rate.
        BenjaminiHochberg = "bh",
        /// Benjamini and Yekutieli's false-discovery rate, under any dependence.
        BenjaminiYekutieli = "by",
        /// Westfall and Young's max-T: p by the permutation distribution of the largest abs(t).
        MaxT = "max-t",
    }
}

named! {
    /// Which tests are corrected together.
    "family" Family {
        /// Those of the neurons of one layer of one site.
        Layer = "layer",
        /// Those of the neurons of one site, over all layers.
        Site = "site",
        /// Those of every neuron of the run. Each statistic has families of its own.
        All = "all",
    }
}

named! {
    /// How a neuron's activations over a text are scaled to a colour.
    "scaling" Scaling {
        /// From the smallest to the largest value, as in the original experiment.
        MinMax = "min-max",
        /// From the 2nd to the 98th percentile; values beyond take the end colours.
        Robust = "robust",
    }
}

/// How a word is put before the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presentation {
    /// The word alone.
    Bare,
    /// A leading space and the word.
    Space,
    /// The beginning-of-sequence token and the word.
    Bos,
    /// The beginning-of-sequence token, a leading space and the word.
    BosSpace,
    /// A sentence in which `{word}` is replaced by the word; no beginning-of-sequence token.
    Carrier(String),
}

impl KeyValue for Presentation {
    const VALUE: Value = Value::Choice(&[
        Choice {
            name: "bare",
            doc: "The word alone.",
        },
        Choice {
            name: "space",
            doc: "A leading space and the word.",
        },
        Choice {
            name: "bos",
            doc: "The beginning-of-sequence token and the word.",
        },
        Choice {
            name: "bos-space",
            doc: "The beginning-of-sequence token, a leading space and the word, as it is in running text.",
        },
        Choice {
            name: "{ carrier = \"The {word}\" }",
            doc: "A sentence in which `{word}` marks the place of the word; no beginning-of-sequence token.",
        },
    ]);
}

impl Presentation {
    const NAMES: [&'static str; 4] = ["bare", "space", "bos", "bos-space"];

    /// Whether sequences begin with the beginning-of-sequence token.
    pub const fn has_bos(&self) -> bool {
        matches!(self, Self::Bos | Self::BosSpace)
    }

    /// The text shown for a word, and where in it the word is (in characters).
    pub fn present(&self, word: &str) -> (String, std::ops::Range<usize>) {
        let length = word.chars().count();
        match self {
            Self::Bare | Self::Bos => (word.to_owned(), 0..length),
            Self::Space | Self::BosSpace => (format!(" {word}"), 1..length + 1),
            Self::Carrier(sentence) => {
                let before = sentence.split("{word}").next().unwrap_or_default();
                let start = before.chars().count();
                (sentence.replacen("{word}", word, 1), start..start + length)
            }
        }
    }
}

impl fmt::Display for Presentation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bare => f.write_str("bare"),
            Self::Space => f.write_str("space"),
            Self::Bos => f.write_str("bos"),
            Self::BosSpace => f.write_str("bos-space"),
            Self::Carrier(sentence) => write!(f, "carrier \"{sentence}\""),
        }
    }
}

impl Serialize for Presentation {
    /// As a pipeline file has it: a name, or a table with the key `carrier`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Carrier(sentence) => {
                let mut table = serializer.serialize_map(Some(1))?;
                table.serialize_entry("carrier", sentence)?;
                table.end()
            }
            named => serializer.collect_str(named),
        }
    }
}

impl<'de> Deserialize<'de> for Presentation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Name(String),
            Carrier { carrier: String },
        }
        match Written::deserialize(deserializer).map_err(|_| {
            D::Error::custom(
                "a presentation is \"bare\", \"space\", \"bos\", \"bos-space\" or \
                 { carrier = \"The {word}\" }",
            )
        })? {
            Written::Name(name) => match name.as_str() {
                "bare" => Ok(Self::Bare),
                "space" => Ok(Self::Space),
                "bos" => Ok(Self::Bos),
                "bos-space" => Ok(Self::BosSpace),
                _ => Err(D::Error::custom(format!(
                    "unknown presentation `{name}`{}",
                    suggestion(&name, &Self::NAMES)
                ))),
            },
            Written::Carrier { carrier } if carrier.matches("{word}").count() == 1 => {
                Ok(Self::Carrier(carrier))
            }
            Written::Carrier { carrier } => Err(D::Error::custom(format!(
                "the carrier \"{carrier}\" must contain {{word}} exactly once"
            ))),
        }
    }
}

/// Which layers are recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layers {
    /// Every layer of the model.
    All,
    /// These layers, in ascending order.
    Some(Vec<usize>),
}

impl KeyValue for Layers {
    const VALUE: Value = Value::Phrase("`\"all\"`, or a list of numbers from 0");
}

impl Layers {
    /// The layers as a list, for a model of `count` layers.
    ///
    /// # Errors
    /// A sentence, when a layer does not exist.
    pub fn resolve(&self, count: usize) -> Result<Vec<usize>, String> {
        match self {
            Self::All => Ok((0..count).collect()),
            Self::Some(list) => match list.iter().find(|layer| **layer >= count) {
                Some(layer) => Err(format!(
                    "layer {layer} does not exist: the model has {count} layers, numbered 0 to {}",
                    count.saturating_sub(1)
                )),
                None => Ok(list.clone()),
            },
        }
    }

    fn from_list(mut list: Vec<usize>) -> Result<Self, String> {
        let given = list.len();
        list.sort_unstable();
        list.dedup();
        match list.len() {
            0 => Err("the list of layers is empty".to_owned()),
            unique if unique < given => Err("a layer is listed twice".to_owned()),
            _ => Ok(Self::Some(list)),
        }
    }
}

impl FromStr for Layers {
    type Err = String;

    /// Reads `all`, `8` or `4,8`, as on the command line.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        let list: Result<Vec<usize>, _> = text
            .split(',')
            .map(|item| item.trim().parse::<usize>())
            .collect();
        Self::from_list(
            list.map_err(|_| {
                format!("`{text}` is not a list of layers: write `all`, `8` or `4,8`")
            })?,
        )
    }
}

impl fmt::Display for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Some(list) => {
                let list: Vec<_> = list.iter().map(ToString::to_string).collect();
                f.write_str(&list.join(","))
            }
        }
    }
}

impl Serialize for Layers {
    /// As a pipeline file has it: `"all"`, or a list of numbers.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.collect_str(self),
            Self::Some(list) => list.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Layers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Name(String),
            List(Vec<usize>),
        }
        let written = Written::deserialize(deserializer)
            .map_err(|_| D::Error::custom("layers are \"all\" or a list such as [4, 8]"))?;
        match written {
            Written::Name(name) => name.parse().map_err(D::Error::custom),
            Written::List(list) => Self::from_list(list).map_err(D::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carrier_says_where_the_word_is() {
        let carrier = Presentation::Carrier("Thé {word} is".to_owned());
        assert_eq!(carrier.present("cat"), ("Thé cat is".to_owned(), 4..7));
        assert_eq!(
            Presentation::BosSpace.present("cat"),
            (" cat".to_owned(), 1..4)
        );
    }

    #[test]
    fn every_documented_presentation_can_be_written() {
        #[derive(Deserialize)]
        struct File {
            presentation: Presentation,
        }
        let Value::Choice(choices) = Presentation::VALUE else {
            panic!("a presentation is a choice");
        };
        for Choice { name, .. } in choices {
            let written = if name.starts_with('{') {
                (*name).to_owned()
            } else {
                format!("\"{name}\"")
            };
            let file: File = toml::from_str(&format!("presentation = {written}")).unwrap();
            let is_a_carrier = matches!(file.presentation, Presentation::Carrier(_));
            assert!(is_a_carrier || file.presentation.to_string() == *name);
        }
    }

    #[test]
    fn layers_are_checked_against_the_model() {
        let layers: Layers = "4,8".parse().unwrap();
        assert_eq!(layers.resolve(12), Ok(vec![4, 8]));
        assert!(
            layers
                .resolve(6)
                .unwrap_err()
                .contains("layer 8 does not exist")
        );
        assert!("4,4".parse::<Layers>().is_err());
        assert!("".parse::<Layers>().is_err());
    }
}
