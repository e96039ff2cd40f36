//! What is put before the source.

use super::unit::Piece;
use crate::record::chunk::Chunk;
use crate::record::{positions, text, words};
use crate::source::kind::{Reading, Source};
use selectron_items::document::Document;
use selectron_items::match_words::match_words;
use selectron_items::present::{Presented, meaning, present_all};
use selectron_items::read::read;
use selectron_items::selection::{Selection, Stimulus, select};
use selectron_items::text::Text;
use selectron_model::tokenizer::{SpaceMark, Tokenizer};
use selectron_run::Pipeline;
use selectron_run::error::Result;
use selectron_run::pipeline::{Presentation, Reduce};
use selectron_run::stage::Console;

/// The sentence that words are put into where the pipeline has none of its own.
const CARRIER: &str = "The {word}";

/// What the files say that a pipeline names.
#[derive(Debug)]
pub(super) struct Read {
    selection: Selection,
    documents: Vec<Document>,
}

impl Read {
    /// Reads the word lists and, if it is wanted, the text.
    pub(super) fn of(pipeline: &Pipeline, with_text: bool) -> Result<Self> {
        Ok(Self {
            selection: select(pipeline)?,
            documents: match &pipeline.text {
                Some(text) if with_text => read(&pipeline.resolve(&text.source))?,
                _ => Vec::new(),
            },
        })
    }
}

/// What is put before the source.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) selection: Selection,
    /// The words of the selection, as the pipeline presents them.
    pub(super) words: Vec<Presented>,
    /// How a word's tokens become one value per neuron.
    pub(super) reduce: Reduce,
    /// Items whose first token is placed at several positions, with that token.
    pub(super) positions: Vec<(usize, u32)>,
    /// The same words in several presentations, to be compared item by item.
    pub(super) presentations: Vec<(Presentation, Vec<Presented>)>,
    pub(super) text: Option<Text>,
}

impl Prepared {
    /// Prepares words and text for a source, and says which words take part.
    pub(super) fn new(
        pipeline: &Pipeline,
        console: &Console,
        source: &dyn Source,
        read: Read,
    ) -> Result<Self> {
        let Read {
            mut selection,
            documents,
        } = read;
        let presentation = &pipeline.record.presentation;
        let reading = source.reading();
        if let Some(reading) = reading
            && let Some(note) = meaning(presentation, reading.tokenizer)?
        {
            console.warn(note);
        }
        let mut words = present(&selection.stimuli, presentation, reading)?;
        if !pipeline.words.r#match.is_empty() {
            match_words(&mut selection, &mut words, &pipeline.words.r#match);
        }
        count_split_words(&mut selection, &words);
        say_words(console, pipeline, &selection);
        let mut prepared = Self {
            reduce: pipeline.record.reduce,
            positions: Vec::new(),
            presentations: Vec::new(),
            text: None,
            selection,
            words,
        };
        match reading {
            Some(reading) => prepared.add_tokens(pipeline, reading, &documents)?,
            None if pipeline.text.is_some() => {
                console.warn("a simulation has no tokens, so the text is left out");
            }
            None => {}
        }
        Ok(prepared)
    }

    /// Adds what is made of tokens.
    fn add_tokens(
        &mut self,
        pipeline: &Pipeline,
        reading: Reading<'_>,
        documents: &[Document],
    ) -> Result<()> {
        let stimuli = &self.selection.stimuli;
        if reading.context >= positions::POSITIONS {
            self.positions = positions::tokens(stimuli, &self.words);
        }
        let Some(section) = &pipeline.text else {
            return Ok(());
        };
        let Reading { tokenizer, context } = reading;
        self.text = Some(Text::new(
            pipeline, section, documents, stimuli, tokenizer, context,
        )?);
        if section.context_gap {
            for presentation in possible(&pipeline.record.presentation, tokenizer) {
                let words = present_all(stimuli, &presentation, tokenizer, context)?;
                self.presentations.push((presentation, words));
            }
        }
        Ok(())
    }

    /// What is recorded together as a piece of the plan.
    pub(super) fn chunk(&self, piece: &Piece) -> Chunk {
        match piece {
            Piece::Words(items) => words::chunk(&self.words, items.clone(), self.reduce),
            Piece::Positions => positions::chunk(&self.positions),
            Piece::Presentation(number, items) => {
                let (_, words) = &self.presentations[*number];
                words::chunk_of_presentation(*number, words, items.clone(), self.reduce)
            }
            Piece::Windows(windows) => {
                let Some(text) = &self.text else {
                    unreachable!("windows of no text");
                };
                text::chunk(&text.windows[windows.clone()])
            }
        }
    }
}

fn present(
    stimuli: &[Stimulus],
    presentation: &Presentation,
    reading: Option<Reading<'_>>,
) -> Result<Vec<Presented>> {
    match reading {
        Some(Reading { tokenizer, context }) => {
            present_all(stimuli, presentation, tokenizer, context)
        }
        None => {
            // Where there are no tokens a word counts as one, of no vocabulary.
            let blank = Presented {
                ids: Vec::new(),
                own: 0..1,
            };
            Ok(vec![blank; stimuli.len()])
        }
    }
}

/// The presentations that mean something to a tokenizer, each in its own way.
fn possible(own: &Presentation, tokenizer: &Tokenizer) -> Vec<Presentation> {
    let spaced = tokenizer.space_mark() != SpaceMark::Absent;
    let framed = tokenizer.frame().is_ok();
    let mut all = vec![Presentation::Bare];
    if spaced {
        all.push(Presentation::Space);
    }
    if framed {
        all.push(Presentation::Bos);
    }
    if framed && spaced {
        all.push(Presentation::BosSpace);
    }
    all.push(match own {
        Presentation::Carrier(carrier) => Presentation::Carrier(carrier.clone()),
        _ => Presentation::Carrier(CARRIER.to_owned()),
    });
    all
}

fn count_split_words(selection: &mut Selection, words: &[Presented]) {
    for (stimulus, word) in selection.stimuli.iter().zip(words) {
        if word.own.len() > 1 {
            selection.categories[stimulus.category].split += 1;
        }
    }
}

/// Says which words take part, and which were left out.
fn say_words(console: &Console, pipeline: &Pipeline, selection: &Selection) {
    for category in &selection.categories {
        console.read(format_args!(
            "{}: {} of {} words of category {}",
            category.list, category.used, category.considered, category.name
        ));
        if !category.dropped.is_empty() {
            let words: Vec<_> = category.dropped.iter().map(|d| d.word.as_str()).collect();
            console.warn(format_args!(
                "left out of {}: {}",
                category.name,
                words.join(" ")
            ));
        }
    }
    if !selection.shared.is_empty() && !pipeline.words.exclude_shared {
        console.warn(format_args!(
            "in more than one category: {}",
            selection.shared.join(" ")
        ));
    }
}
