//! Where red is decided: the colours of the two categories, in light and in dark surroundings.

use crate::color::{Rgb, ramp};
use selectron_run::error::Result;
use selectron_run::spelling::suggestion;
use selectron_run::{Pipeline, Side, Sides};

/// The colours that a pipeline can name. Each is dark enough to stand out from white as a marker.
pub const NAMED: [(&str, Rgb); 10] = [
    ("red", Rgb(0xc8, 0x1e, 0x2b)),
    ("blue", Rgb(0x1f, 0x5f, 0xbf)),
    ("green", Rgb(0x1a, 0x7f, 0x45)),
    ("orange", Rgb(0xd9, 0x5f, 0x02)),
    ("purple", Rgb(0x76, 0x3a, 0xb5)),
    ("teal", Rgb(0x0b, 0x7c, 0x86)),
    ("magenta", Rgb(0xc0, 0x22, 0x7c)),
    ("brown", Rgb(0x8c, 0x51, 0x0a)),
    ("gold", Rgb(0xb5, 0x83, 0x00)),
    ("gray", Rgb(0x55, 0x5b, 0x66)),
];

/// Steps of a heatmap's ramp: fine enough that no step is seen.
pub const SHADES: usize = 32;

/// OKLab lightness below which a category's colour is raised on a dark background.
const DARK_LIGHTNESS: f64 = 0.66;

/// The page in dark surroundings.
const DARK_SURFACE: Rgb = Rgb(0x17, 0x19, 0x1d);

/// The colours of a figure or page in one kind of surroundings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colors {
    /// The background.
    pub surface: Rgb,
    /// The two categories.
    pub categories: Sides<Rgb>,
    /// The strongest shade of each category's ramp, behind text.
    pub deepest: Sides<Rgb>,
}

impl Colors {
    /// From the background (low activation) to the strongest shade of a category, [`SHADES`] steps.
    pub fn ramp(&self, side: Side) -> Vec<Rgb> {
        ramp(self.surface, *self.deepest.get(side), SHADES)
    }
}

/// The colours of a run's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// On paper: SVG, PNG, the printed report, and the report in light surroundings.
    pub light: Colors,
    /// The report in dark surroundings.
    pub dark: Colors,
}

impl Theme {
    /// The theme of two categories' colours.
    pub fn new(categories: Sides<Rgb>) -> Self {
        Self {
            light: Colors {
                surface: Rgb::WHITE,
                categories,
                deepest: categories,
            },
            // Markers must stand out from the dark; the ground behind text may stay deep, so
            // that the text on it is white throughout.
            dark: Colors {
                surface: DARK_SURFACE,
                categories: categories.map(|color| color.lightened_to(DARK_LIGHTNESS)),
                deepest: categories,
            },
        }
    }

    /// The theme that a pipeline asks for.
    ///
    /// # Errors
    /// When `[render] palette` holds what is neither a known name nor `#rrggbb`.
    pub fn of(pipeline: &Pipeline) -> Result<Self> {
        let palette = &pipeline.render.palette;
        let read = |key: &str, text: &str| {
            parse(text).map_err(|(what, remedy)| pipeline.key_error(key, what, remedy))
        };
        let a = read("render.palette.a", &palette.a)?;
        let b = read("render.palette.b", &palette.b)?;
        Ok(Self::new(Sides { a, b }))
    }
}

/// A colour by its name or as `#rrggbb`; else what is wrong and what to do.
fn parse(text: &str) -> Result<Rgb, (String, String)> {
    let named = NAMED
        .iter()
        .find(|(name, _)| *name == text)
        .map(|(_, color)| *color);
    named.or_else(|| Rgb::from_hex(text)).ok_or_else(|| {
        let names = NAMED.map(|(name, _)| name);
        let hint = suggestion(text, &names);
        let hint = hint.strip_prefix(": ").unwrap_or(&hint).trim_start();
        (
            format!("`{text}` is not a known colour"),
            format!("{hint}, or write #rrggbb"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::READABLE_CONTRAST;

    #[test]
    fn text_is_readable_on_every_shade_of_every_named_color() {
        for (name, color) in NAMED {
            let theme = Theme::new(Sides::of(|_| color));
            for (surroundings, colors) in [("light", theme.light), ("dark", theme.dark)] {
                for (step, shade) in colors.ramp(Side::A).into_iter().enumerate() {
                    let contrast = shade.contrast(shade.ink());
                    assert!(
                        contrast >= READABLE_CONTRAST,
                        "{name}, {surroundings}, step {step}: {shade} has {contrast:.2}"
                    );
                }
            }
        }
    }

    #[test]
    fn markers_stand_out_from_their_background() {
        // WCAG 2.2, criterion 1.4.11: graphical objects need 3 to 1.
        for (name, color) in NAMED {
            let theme = Theme::new(Sides::of(|_| color));
            for colors in [theme.light, theme.dark] {
                assert!(
                    colors.categories.a.contrast(colors.surface) >= 3.0,
                    "{name}: {colors:?}"
                );
            }
        }
    }

    #[test]
    fn an_unknown_color_gets_the_nearest_name() {
        let (what, remedy) = parse("blu").unwrap_err();
        insta::assert_snapshot!(format!("{what}; {remedy}"), @"`blu` is not a known colour; did you mean `blue`? (known: red, blue, green, orange, purple, teal, magenta, brown, gold, gray), or write #rrggbb");
        assert_eq!(parse("#102030"), Ok(Rgb(0x10, 0x20, 0x30)));
        assert_eq!(parse("red"), Ok(Rgb(0xc8, 0x1e, 0x2b)));
    }
}
