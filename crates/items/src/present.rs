//! Putting words before the model: the ids it is given, and which of them are the word's own.

use crate::selection::Stimulus;
use selectron_model::tokenizer::{Frame, SpaceMark, Token, Tokenizer};
use selectron_run::error::{Error, Result};
use selectron_run::pipeline::Presentation;
use std::ops::Range;

/// A word as the model is given it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// All ids, a beginning-of-sequence token or carrier included.
    pub ids: Vec<u32>,
    /// Which of them are the word's own tokens: those that cover any of its characters, by the
    /// tokenizer's offsets.
    pub own: Range<usize>,
}

/// What a presentation means with this tokenizer, where that is not what its name says.
///
/// # Errors
/// When it means nothing: a leading space alone, where the tokenizer has no mark for spaces.
pub fn meaning(presentation: &Presentation, tokenizer: &Tokenizer) -> Result<Option<String>> {
    let unmarked = tokenizer.space_mark() == SpaceMark::Absent;
    if *presentation == Presentation::Space && unmarked {
        return Err(Error::new(
            "the presentation `space` means nothing to this model: its tokenizer has no mark for \
             spaces, so that a word alone already stands as it does in running text",
            "choose `bare`, or `bos-space` to have the model's special tokens around it",
        ));
    }
    let mut notes = Vec::new();
    if presentation.has_bos()
        && let Some(after) = &tokenizer.frame()?.after
    {
        let before = &tokenizer.frame()?.before.name;
        notes.push(format!(
            "this model has no beginning-of-sequence token: each word or window of text stands \
             between {before} and {}",
            after.name
        ));
    }
    if *presentation == Presentation::BosSpace && unmarked {
        notes.push(
            "its tokenizer has no mark for spaces, so that a word already stands as after a space"
                .to_owned(),
        );
    }
    Ok((!notes.is_empty()).then(|| notes.join("; ")))
}

/// Presents a word.
///
/// # Errors
/// When the model has no beginning-of-sequence token and the presentation wants one, or the
/// tokenizer makes nothing of the word.
pub fn present(
    word: &str,
    presentation: &Presentation,
    tokenizer: &Tokenizer,
) -> Result<Presented> {
    let (tokens, span) = match presentation {
        Presentation::Bare | Presentation::Bos => tokenizer.encode_word(word, false)?,
        Presentation::Space | Presentation::BosSpace => tokenizer.encode_word(word, true)?,
        Presentation::Carrier(_) => {
            let (text, span) = presentation.present(word);
            (tokenizer.encode(&text)?, span)
        }
    };
    let frame = frame_of(presentation, tokenizer)?;
    let mut ids = Vec::with_capacity(tokens.len() + 2);
    ids.extend(frame.map(|frame| frame.before.id));
    let before = ids.len();
    ids.extend(tokens.iter().map(|token| token.id));
    ids.extend(frame.and_then(|frame| Some(frame.after.as_ref()?.id)));
    let covers = |token: &Token| token.overlaps(&span);
    let first = tokens.iter().position(covers);
    let last = tokens.iter().rposition(covers);
    match (first, last) {
        (Some(first), Some(last)) => Ok(Presented {
            ids,
            own: before + first..before + last + 1,
        }),
        _ => Err(Error::new(
            format!("the tokenizer turns the word `{word}` into nothing"),
            "remove it from the word list",
        )),
    }
}

/// The tokens that a presentation puts around what it presents, if any.
///
/// # Errors
/// When it wants a beginning-of-sequence token and the model has none.
pub fn frame_of<'a>(
    presentation: &Presentation,
    tokenizer: &'a Tokenizer,
) -> Result<Option<&'a Frame>> {
    Ok(match presentation.has_bos() {
        true => Some(tokenizer.frame()?),
        false => None,
    })
}

/// Presents all words, in order.
///
/// # Errors
/// As [`present`], and when a word is longer than the model's context.
pub fn present_all(
    stimuli: &[Stimulus],
    presentation: &Presentation,
    tokenizer: &Tokenizer,
    context: usize,
) -> Result<Vec<Presented>> {
    stimuli
        .iter()
        .map(|stimulus| {
            let presented = present(&stimulus.word, presentation, tokenizer)?;
            if presented.ids.len() > context {
                let start: String = stimulus.word.chars().take(40).collect();
                return Err(Error::new(
                    format!(
                        "the word `{start}` makes {} tokens, more than the model's context of \
                         {context}",
                        presented.ids.len()
                    ),
                    "remove it from the word list",
                ));
            }
            Ok(presented)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use selectron_model::config::Config;
    use std::path::Path;

    fn tokenizer(kind: &str) -> Tokenizer {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference/tokenizers");
        let folder = folder.join(kind);
        // Nothing but a file that says nothing about special tokens.
        let config = Config::load(folder.join("tokenizer_config.json")).unwrap();
        Tokenizer::load(&folder, &config).unwrap()
    }

    fn shown(word: &str, presentation: &Presentation, kind: &str) -> (usize, Range<usize>) {
        let presented = present(word, presentation, &tokenizer(kind)).unwrap();
        (presented.ids.len(), presented.own)
    }

    #[test]
    fn presentations_mean_the_same_in_every_kind_of_tokenizer() {
        use Presentation::{Bare, Bos, BosSpace, Space};
        for kind in ["byte-level", "metaspace", "prepend"] {
            // `the` is one token after a space and two without one.
            assert_eq!(shown("the", &Bare, kind), (2, 0..2), "{kind}");
            assert_eq!(shown("the", &Space, kind), (1, 0..1), "{kind}");
            assert_eq!(shown("the", &Bos, kind), (3, 1..3), "{kind}");
            assert_eq!(shown("the", &BosSpace, kind), (2, 1..2), "{kind}");
            // A space that becomes a token of its own is not the word's.
            assert_eq!(shown("zebra", &BosSpace, kind), (7, 2..7), "{kind}");
            let carrier = Presentation::Carrier("Not the {word}, please.".to_owned());
            let (_, own) = shown("lighthouse", &carrier, kind);
            assert_eq!(own.len(), shown("lighthouse", &Space, kind).0, "{kind}");
        }
        // BERT: the word is between [CLS] and [SEP], which are not its own.
        for presentation in [Bos, BosSpace] {
            assert_eq!(shown("ships", &presentation, "wordpiece"), (3, 1..2));
        }
        assert_eq!(shown("ships", &Bare, "wordpiece"), (1, 0..1));
    }

    #[test]
    fn what_a_presentation_means_is_said_where_its_name_does_not() {
        let said = |presentation, kind: &str| meaning(&presentation, &tokenizer(kind));
        for kind in ["byte-level", "metaspace", "prepend"] {
            assert_eq!(said(Presentation::BosSpace, kind).unwrap(), None);
        }
        let bert = said(Presentation::BosSpace, "wordpiece").unwrap().unwrap();
        assert!(bert.contains("between [CLS] and [SEP]"), "{bert}");
        assert!(bert.contains("no mark for spaces"), "{bert}");
        let refused = said(Presentation::Space, "wordpiece")
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("`space` means nothing to this model"),
            "{refused}"
        );
        assert!(refused.contains("choose `bare`"), "{refused}");
    }
}
