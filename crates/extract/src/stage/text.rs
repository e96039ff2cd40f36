//! The text: its tokens, its words, and their activations.

use super::Stage;
use crate::document::{self, Document, Placed};
use crate::error::Result;
use crate::label::{Labels, word_rows};
use crate::record_text::{Keep, Window, chunks, record_text, token_rows};
use crate::word_list::Selection;
use selectron_tables::activations::{ActivationWriter, Block, Content, Subject};
use selectron_run::files::{remove_path, sha256_of_path};
use selectron_run::manifest::{ArtifactFacts, Artifacts, TextFacts};
use selectron_run::pipeline::TextSection;
use selectron_run::stage::{Inputs, Parts};
use selectron_tables::table::{Provenance, write_table};
use selectron_tables::rows::{TextWordRow, TokenRow};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Up to so many bytes of activations a text is small: all of them are held until they are written,
/// and kept in the run directory.
const SMALL_TEXT: usize = 256 << 20;

/// Bytes of activations in a part of a large text, unless a single window has more.
const PART_BYTES: usize = 64 << 20;

impl Stage<'_> {
    /// Writes `tokens.parquet`, `text_words.parquet` and `text_activations.parquet`.
    pub(super) fn text(
        &self,
        text: &TextSection,
        documents: &[Document],
        selection: &Selection,
        inputs: &Inputs,
        artifacts: &mut Artifacts,
    ) -> Result<TextFacts> {
        let run = &self.task.run;
        let windows = self.windows(text, documents)?;
        let tokens = token_rows(documents, &windows)?;
        write_table(run.table(TOKENS), &self.provenance(), &tokens)?;
        self.wrote("tokens.parquet", tokens.len(), artifacts)?;

        let tagged = documents
            .iter()
            .flat_map(|document| &document.words)
            .any(|word| word.upos.is_some());
        let labels = Labels::new(&self.task.pipeline, &selection.stimuli, tagged)?;
        let words = self.text_words(text, documents, &windows, &labels)?;
        write_table(run.table(WORDS), &self.provenance(), &words)?;
        self.wrote("text_words.parquet", words.len(), artifacts)?;

        let parts = self.text_activations(&windows, &tokens, inputs, artifacts)?;
        let mut dropped = BTreeMap::new();
        for reason in words.iter().filter_map(|word| word.dropped.clone()) {
            *dropped.entry(reason).or_insert(0) += 1;
        }
        Ok(TextFacts {
            source: text.source.clone(),
            sha256: sha256_of_path(self.task.pipeline.resolve(&text.source))?,
            tagged,
            documents: documents.len(),
            sentences: documents.iter().map(|document| document.sentences).sum(),
            words: words.len(),
            tokens: tokens.len(),
            windows: windows.len(),
            unaligned_words: count(&words, |word| word.token_rows.is_empty()),
            sharing_words: count(&words, |word| {
                word.tokens == 0 && !word.token_rows.is_empty()
            }),
            scored: count(&words, |word| word.dropped.is_none()),
            dropped,
            labels: labels.source().to_owned(),
            parts,
        })
    }

    fn windows(&self, text: &TextSection, documents: &[Document]) -> Result<Vec<Window>> {
        let tokenizer = &self.model.tokenizer;
        let frame = match self.task.pipeline.record.presentation.has_bos() {
            true => Some(tokenizer.frame()?),
            false => None,
        };
        let context = self.model.network.shape().context;
        let room = context.saturating_sub(frame.map_or(0, |frame| frame.length()));
        if text.min_context >= room {
            let error = self.task.pipeline.key_error(
                "text.min_context",
                format!(
                    "{} tokens before each word leave no room in a window of {room} tokens",
                    text.min_context
                ),
                "choose fewer",
            );
            return Err(error.into());
        }
        let mut all = Vec::new();
        for (index, document) in documents.iter().enumerate() {
            let tokens = tokenizer.encode(&document.text)?;
            let windows = document::windows(document, tokens, context, text.min_context, frame);
            all.extend(
                windows
                    .into_iter()
                    .enumerate()
                    .map(|(window, tokens)| Window {
                        document: index,
                        window,
                        tokens,
                    }),
            );
        }
        Ok(all)
    }

    fn text_words(
        &self,
        text: &TextSection,
        documents: &[Document],
        windows: &[Window],
        labels: &Labels,
    ) -> Result<Vec<TextWordRow>> {
        let mut rows = Vec::new();
        let mut first_row = 0;
        let mut of_documents = windows.chunk_by(|a, b| a.document == b.document).peekable();
        for (number, document) in documents.iter().enumerate() {
            // A document without tokens has no window.
            let own = of_documents.next_if(|windows| {
                let first = windows.first();
                first.is_some_and(|window| window.document == number)
            });
            let own = own.unwrap_or(&[]);
            let tokens: Vec<&[Placed]> = own.iter().map(|one| one.tokens.as_slice()).collect();
            let new = word_rows(number, document, first_row, &tokens, labels, text)?;
            rows.extend(new);
            let counts = own.iter().map(|window| window.new_tokens().count());
            first_row += counts.sum::<usize>();
        }
        Ok(rows)
    }

    /// Records the windows: into one file where they are few, else into parts, of which an
    /// interrupted run with the same inputs has left some. Returns what the parts are.
    fn text_activations(
        &self,
        windows: &[Window],
        tokens: &[TokenRow],
        inputs: &Inputs,
        artifacts: &mut Artifacts,
    ) -> Result<Option<ArtifactFacts>> {
        let run = &self.task.run;
        let table = Subject::Text.table();
        let name = format!("{table}.parquet");
        let bytes_a_token = self.bytes_a_token()?.max(1);
        if tokens.len() * bytes_a_token <= SMALL_TEXT {
            let path = run.table(table);
            if path.is_dir() {
                remove_path(&path)?;
            }
            let mut file = WholeText {
                writer: self.writer(Subject::Text)?,
            };
            let all = 0..windows.len();
            self.record(windows, std::slice::from_ref(&all), &mut file)?;
            let rows = file.writer.close()?;
            self.wrote(&name, rows, artifacts)?;
            return Ok(None);
        }
        let mut parts = TextParts {
            parts: Parts::resume(run, table, inputs)?,
            content: Content::Passing(self.width()?),
            provenance: self.provenance(),
            writer: None,
        };
        let chunks = chunks(windows, PART_BYTES.div_ceil(bytes_a_token));
        let done = parts.parts.count().min(chunks.len());
        if done > 0 {
            self.console.read(format_args!(
                "{name}: {done} of {} parts are there from an interrupted run",
                chunks.len()
            ));
        }
        self.record(windows, chunks.get(done..).unwrap_or(&[]), &mut parts)?;
        self.console.wrote(format_args!(
            "{name}: {} rows in {} parts, until the neurons have been scored",
            tokens.len() * self.request.len(),
            chunks.len()
        ));
        Ok(Some(parts.parts.facts()))
    }

    fn record(
        &self,
        windows: &[Window],
        chunks: &[std::ops::Range<usize>],
        keep: &mut (dyn Keep + Send),
    ) -> Result<()> {
        let bar = self
            .console
            .progress("text", chunks.iter().map(|range| range.len()).sum());
        let network = &self.model.network;
        record_text(network, self.request, windows, chunks, keep, |count| {
            bar.inc(count as u64);
        })?;
        bar.finish_and_clear();
        Ok(())
    }

    fn bytes_a_token(&self) -> Result<usize> {
        let network = &self.model.network;
        let mut bytes = 0;
        for (_, site) in self.request.iter() {
            bytes += network.width(site)? * size_of::<f32>();
        }
        Ok(bytes)
    }
}

fn count(words: &[TextWordRow], is: impl Fn(&TextWordRow) -> bool) -> usize {
    words.iter().filter(|word| is(word)).count()
}

const TOKENS: &str = <TokenRow as selectron_tables::table::Row>::TABLE;
const WORDS: &str = <TextWordRow as selectron_tables::table::Row>::TABLE;

/// All activations of a small text.
struct WholeText {
    writer: ActivationWriter,
}

impl Keep for WholeText {
    fn block(&mut self, block: Block) -> Result<()> {
        Ok(self.writer.write(block)?)
    }

    fn end(&mut self) -> Result<()> {
        Ok(())
    }
}

/// The activations of a large text, a part a chunk.
struct TextParts {
    parts: Parts,
    content: Content,
    provenance: Provenance,
    writer: Option<ActivationWriter>,
}

impl TextParts {
    fn writer(&mut self) -> Result<&mut ActivationWriter> {
        if self.writer.is_none() {
            let path: PathBuf = self.parts.next();
            let content = self.content;
            let writer = ActivationWriter::create(path, Subject::Text, &self.provenance, content)?;
            self.writer = Some(writer);
        }
        let missing = || crate::Error::bug("a part without a writer");
        self.writer.as_mut().ok_or_else(missing)
    }
}

impl Keep for TextParts {
    fn block(&mut self, block: Block) -> Result<()> {
        Ok(self.writer()?.write(block)?)
    }

    fn end(&mut self) -> Result<()> {
        if let Some(writer) = self.writer.take() {
            let rows = writer.close()?;
            self.parts.add(rows)?;
        }
        Ok(())
    }
}
