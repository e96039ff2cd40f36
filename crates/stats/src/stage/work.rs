//! The stage's work as units: a site and layer each.

use super::collect::collect;
use super::context::Context;
use super::unit::{TEXT, WORDS, measure};
use selectron_run::Stage;
use selectron_run::error::Result;
use selectron_run::manifest::Section;
use selectron_run::units::{Store, Unit, Work};

impl Work for Context<'_> {
    fn stage(&self) -> Stage {
        Stage::Stats
    }

    fn plan(&self) -> Result<Vec<Unit>> {
        let places = self.places.iter();
        Ok(places
            .map(|place| Unit {
                title: place.to_string(),
            })
            .collect())
    }

    fn units(&self, numbers: &[usize], store: &Store) -> Result<()> {
        self.console.read(format_args!(
            "{} words of {} categories, {} pairs; {} layers of activations",
            self.design.words.len(),
            self.design.groups.len(),
            self.design.pairs.len(),
            self.places.len()
        ));
        let progress = self.console.progress("testing", numbers.len());
        for number in numbers {
            let mut files = store.begin(*number)?;
            let (words, text) = measure(self, self.places[*number])?;
            files.put(WORDS, &words)?;
            if let Some(text) = &text {
                files.put(TEXT, text)?;
            }
            files.finish()?;
            progress.inc(1);
        }
        progress.finish_and_clear();
        Ok(())
    }

    fn collect(&self, units: usize, store: &Store) -> Result<Section> {
        assert_eq!(units, self.places.len(), "a unit of work for each layer");
        let facts = collect(self, store)?;
        Ok(Section::Stats(Box::new(facts)))
    }
}
