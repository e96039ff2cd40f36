//! The names that pipeline files use, in a reader's words.

use crate::data::Run;
use crate::numbers::{count, fixed, short};
use selectron_run::pipeline::{Correction, Family, Presentation, Reduce, Statistic};
use selectron_run::vocabulary::{PositionContrast, Property};

/// A statistic.
pub(super) const fn statistic(statistic: Statistic) -> &'static str {
    match statistic {
        Statistic::PairedT => "paired t-test",
        Statistic::WelchT => "Welch’s t-test",
        Statistic::StudentT => "Student’s t-test",
        Statistic::RankSum => "rank-sum test",
        Statistic::SignedRank => "signed-rank test",
        Statistic::Logit => "logistic regression",
        Statistic::Anova => "analysis of variance",
        Statistic::Kruskal => "Kruskal–Wallis test",
    }
}

/// A correction for multiple testing, with the tests that are corrected together.
pub(super) fn correction(correction: Correction, family: Family) -> String {
    let name = match correction {
        Correction::None => return "no correction for multiple testing".to_owned(),
        Correction::Bonferroni => "Bonferroni correction",
        Correction::Holm => "Holm correction",
        Correction::Hochberg => "Hochberg correction",
        Correction::BenjaminiHochberg => "Benjamini–Hochberg false-discovery control",
        Correction::BenjaminiYekutieli => "Benjamini–Yekutieli false-discovery control",
        Correction::MaxT => "permutation max-T correction",
    };
    let within = match family {
        Family::Layer => "within each layer",
        Family::Site => "within each site",
        Family::All => "over all tests of the run",
    };
    format!("{name} {within}")
}

/// How words were presented.
pub(super) fn presentation(presentation: &Presentation) -> String {
    match presentation {
        Presentation::Bare => "each word alone".to_owned(),
        Presentation::Space => "each word alone, after a space".to_owned(),
        Presentation::Bos => "each word after a beginning-of-sequence token".to_owned(),
        Presentation::BosSpace => {
            "each word after a beginning-of-sequence token and a space".to_owned()
        }
        carrier @ Presentation::Carrier(_) => format!("each word in a {carrier}"),
    }
}

/// How the tokens of a word became one value.
pub(super) const fn reduction(reduce: Reduce) -> &'static str {
    match reduce {
        Reduce::First => "the word’s first token",
        Reduce::Last => "the word’s last token",
        Reduce::Mean => "the mean over the word’s tokens",
        Reduce::Max => "the largest over the word’s tokens",
    }
}

/// A property of the words.
pub(super) const fn property(property: Property) -> &'static str {
    match property {
        Property::Characters => "number of characters",
        Property::Tokens => "number of tokens",
        Property::LogRank => "frequency",
        Property::Position => "position",
        Property::Capitals => "capital letters",
    }
}

/// A property of the words as the table of its means names it.
pub(super) const fn measured_property(property: Property) -> &'static str {
    match property {
        Property::Characters => "Characters",
        Property::Tokens => "Tokens",
        Property::LogRank => "Log rank (0: most frequent)",
        Property::Position => "Position of the recorded token",
        Property::Capitals => "Share of capital letters",
    }
}

/// Items as a phrase: `a`, `a and b`, `a, b and c`.
pub(super) fn list<T: AsRef<str>>(items: &[T]) -> String {
    let mut text = String::new();
    for (index, item) in items.iter().enumerate() {
        text.push_str(match index {
            0 => "",
            _ if index + 1 == items.len() => " and ",
            _ => ", ",
        });
        text.push_str(item.as_ref());
    }
    text
}

/// A number of things.
pub(super) fn plural(number: usize, word: &str) -> String {
    format!(
        "{} {word}{}",
        count(number),
        if number == 1 { "" } else { "s" }
    )
}

/// Layers in ascending order as a phrase: `layer 3`, `layers 0 and 2 to 5`.
pub(super) fn layers(numbers: &[usize]) -> String {
    let runs = numbers.chunk_by(|one, next| one + 1 == *next);
    let run = |run: &[usize]| match run {
        [first, _, .., last] if run.len() > 2 => vec![format!("{first} to {last}")],
        few => few.iter().map(ToString::to_string).collect(),
    };
    let runs: Vec<_> = runs.flat_map(run).collect();
    let word = if numbers.len() == 1 {
        "layer"
    } else {
        "layers"
    };
    format!("{word} {}", list(&runs))
}

/// The smallest and the largest of some numbers: `0.50 to 0.75`, or one where they are printed
/// alike; none if there are none.
pub(super) fn span(values: impl Iterator<Item = f64>, decimals: usize) -> Option<String> {
    let values: Vec<_> = values.collect();
    let low = fixed(values.iter().copied().min_by(f64::total_cmp)?, decimals);
    let high = fixed(values.iter().copied().max_by(f64::total_cmp)?, decimals);
    Some(if low == high {
        low
    } else {
        format!("{low} to {high}")
    })
}

/// Two positions that are compared.
pub(super) const fn positions(contrast: PositionContrast) -> &'static str {
    match contrast {
        PositionContrast::SecondFirst => "1 compared with 0",
        PositionContrast::ThirdSecond => "2 compared with 1",
    }
}

/// The level of significance as it is printed.
pub(super) fn level(alpha: f64) -> String {
    if alpha < 1e-3 {
        short(alpha)
    } else {
        alpha.to_string()
    }
}

/// The test in a sentence.
pub(super) fn test_sentence(run: &Run) -> String {
    let stats = &run.stats;
    let size = if run.measure.paired {
        format!(" over {} pairs of words", count(run.extract.pairs))
    } else {
        String::new()
    };
    format!(
        "Significant means p of at most {} ({}{size}, with {}).",
        level(stats.alpha),
        statistic(run.measure.statistic),
        correction(stats.correction, stats.family)
    )
}

#[cfg(test)]
mod tests {
    use super::{layers, list, span};

    #[test]
    fn layers_in_a_row_are_a_range() {
        assert_eq!(layers(&[3]), "layer 3");
        assert_eq!(layers(&[0, 2, 3, 4]), "layers 0 and 2 to 4");
        assert_eq!(layers(&[0, 1, 5]), "layers 0, 1 and 5");
    }

    #[test]
    fn numbers_that_print_alike_are_one() {
        assert_eq!(
            span([0.501, 0.75, 0.6].into_iter(), 2).as_deref(),
            Some("0.50 to 0.75")
        );
        assert_eq!(span([0.501, 0.502].into_iter(), 2).as_deref(), Some("0.50"));
        assert_eq!(span([].into_iter(), 2), None);
    }

    #[test]
    fn lists_read_as_phrases() {
        assert_eq!(list::<&str>(&[]), "");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b"]), "a and b");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }
}
