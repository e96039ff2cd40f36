//! The style rules that depend on the run's colours.

use crate::color::Rgb;
use crate::theme::{Colors, Theme};
use selectron_run::Side;
use std::fmt::Write;

/// A class for every shade of both ramps (`a0` … `b31`), each with the ink that is readable on it,
/// and the colours of the categories; in light surroundings and on paper, and in dark ones.
pub(super) fn shades(theme: &Theme) -> String {
    format!(
        "{}@media screen and (prefers-color-scheme: dark) {{\n{}}}\n",
        rules(&theme.light),
        rules(&theme.dark)
    )
}

fn rules(colors: &Colors) -> String {
    let mut css = format!(
        ":root {{ --a: {}; --b: {}; --page: {}; }}\n",
        colors.categories.a, colors.categories.b, colors.surface
    );
    for side in Side::BOTH {
        let letter = side.letter();
        for (step, shade) in colors.ramp(side).into_iter().enumerate() {
            let ink = if shade.ink() == Rgb::BLACK {
                "#000"
            } else {
                "#fff"
            };
            // Writing to a String cannot fail.
            let _ = writeln!(
                css,
                ".{letter}{step} {{ background: {shade}; color: {ink}; }}"
            );
        }
    }
    css
}
