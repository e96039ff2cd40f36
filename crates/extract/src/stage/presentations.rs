//! The stimuli in every presentation, to be compared item by item.

use super::Stage;
use crate::error::Result;
use crate::present::{Presented, present_all};
use crate::record_words::record_words;
use crate::word_list::Selection;
use selectron_model::tokenizer::SpaceMark;
use selectron_tables::activations::{ActivationWriter, Block, Subject};
use selectron_run::manifest::Artifacts;
use selectron_run::pipeline::Presentation;

/// The sentence that words are put into where the pipeline has none of its own.
const CARRIER: &str = "The {word}";

impl Stage<'_> {
    /// Writes `presentation_activations.parquet`; returns the names of the presentations, in order.
    pub(super) fn presentations(
        &self,
        selection: &Selection,
        artifacts: &mut Artifacts,
    ) -> Result<Vec<String>> {
        let model = self.model;
        let presentations = self.possible();
        let mut writer = self.writer(Subject::Presentations)?;
        for (number, presentation) in (0_i32..).zip(&presentations) {
            let context = model.network.shape().context;
            let words = present_all(&selection.stimuli, presentation, &model.tokenizer, context)?;
            self.record_presentation(number, &words, &mut writer)?;
        }
        let rows = writer.close()?;
        self.wrote("presentation_activations.parquet", rows, artifacts)?;
        Ok(presentations.iter().map(ToString::to_string).collect())
    }

    /// The presentations that mean something to the model's tokenizer, each in its own way.
    fn possible(&self) -> Vec<Presentation> {
        let tokenizer = &self.model.tokenizer;
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
        all.push(match &self.task.pipeline.record.presentation {
            Presentation::Carrier(carrier) => Presentation::Carrier(carrier.clone()),
            _ => Presentation::Carrier(CARRIER.to_owned()),
        });
        all
    }

    fn record_presentation(
        &self,
        number: i32,
        words: &[Presented],
        writer: &mut ActivationWriter,
    ) -> Result<()> {
        let reduce = self.task.pipeline.record.reduce;
        record_words(
            &self.model.network,
            self.request,
            words,
            reduce,
            &mut |mut block: Block| {
                let items = block.rows();
                block.keys.insert(0, vec![number; items]);
                Ok(writer.write(block)?)
            },
            |_| {},
        )
    }
}
