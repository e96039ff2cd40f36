//! The bundled font, so that a figure has the same bytes on every machine, and its metrics.

use ab_glyph::{Font, FontRef, ScaleFont};
use resvg::usvg::fontdb;
use selectron_run::error::{Error, Result};
use std::sync::{Arc, OnceLock};

/// The family's name inside the font files.
pub const FAMILY: &str = "DejaVu Sans";

/// DejaVu Sans 2.37, Book. Licence in `fonts/LICENSE`.
const BOOK: &[u8] = include_bytes!("../fonts/DejaVuSans.ttf");
/// DejaVu Sans 2.37, Bold.
const BOLD: &[u8] = include_bytes!("../fonts/DejaVuSans-Bold.ttf");

/// Measures text set in the bundled font.
#[derive(Debug)]
pub struct Metrics {
    book: FontRef<'static>,
}

impl Metrics {
    /// Reads the bundled font.
    ///
    /// # Errors
    /// A bug, if the font is damaged.
    pub fn new() -> Result<Self> {
        let book =
            FontRef::try_from_slice(BOOK).map_err(|error| Error::bug(format!("font: {error}")))?;
        Ok(Self { book })
    }

    /// The width in pixels of a line of text at `size` pixels per em.
    pub fn width(&self, text: &str, size: f64) -> f64 {
        // ab_glyph scales by the height from ascent to descent, not by the em.
        let height = self.book.height_unscaled();
        let em = self.book.units_per_em().unwrap_or(height);
        let font = self.book.as_scaled(size as f32 * height / em);
        text.chars()
            .map(|c| f64::from(font.h_advance(font.glyph_id(c))))
            .sum()
    }

    /// The text itself if it is no wider than `room`; else its beginning, with a sign for the cut.
    pub fn fit(&self, text: &str, size: f64, room: f64) -> String {
        if self.width(text, size) <= room {
            return text.to_owned();
        }
        let mut left = room - self.width("…", size);
        let fits = |c: &char| {
            left -= self.width(c.encode_utf8(&mut [0; 4]), size);
            left >= 0.0
        };
        text.chars().take_while(fits).chain(['…']).collect()
    }
}

/// Gives the chart library its font, once per process.
///
/// # Errors
/// A bug, if the font is damaged.
pub fn register() -> Result<()> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let done = *REGISTERED.get_or_init(|| {
        use plotters::style::{FontStyle, register_font};
        register_font(FAMILY, FontStyle::Normal, BOOK).is_ok()
            && register_font(FAMILY, FontStyle::Bold, BOLD).is_ok()
    });
    if done {
        Ok(())
    } else {
        Err(Error::bug("font: the bundled font is damaged"))
    }
}

/// A font database that holds the bundled font and nothing of the machine's.
pub fn database() -> Arc<fontdb::Database> {
    static DATABASE: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    DATABASE
        .get_or_init(|| {
            let mut database = fontdb::Database::new();
            for font in [BOOK, BOLD] {
                database.load_font_source(fontdb::Source::Binary(Arc::new(font)));
            }
            database.set_sans_serif_family(FAMILY);
            Arc::new(database)
        })
        .clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_the_fonts_own() {
        // In DejaVu Sans `e` advances 1260 of 2048 units, `i` 569 (fontTools 4, `hmtx` table).
        let metrics = Metrics::new().unwrap();
        assert!((metrics.width("e", 2048.0) - 1260.0).abs() < 0.5);
        assert!((metrics.width("ii", 2048.0) - 1138.0).abs() < 0.5);
    }

    #[test]
    fn a_label_is_cut_to_its_room() {
        let metrics = Metrics::new().unwrap();
        let whole = metrics.width("adjective", 14.0);
        assert_eq!(metrics.fit("adjective", 14.0, whole), "adjective");
        let cut = metrics.fit("adjective", 14.0, whole - 1.0);
        assert!(cut.starts_with("adj") && cut.ends_with('…'), "{cut}");
        assert!(metrics.width(&cut, 14.0) <= whole - 1.0);
    }
}
