//! Neurons as markers: shape and colour both tell the class, so neither is needed alone.

use super::layout::{LEGEND_Y, MARGINS, THRESHOLD_DASH};
use crate::data::Class;
use crate::font::Metrics;
use crate::svg::{Canvas, Paint, Text};
use selectron_run::Side;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Half the width of a triangle, in pixels: in a chart, and in a small one.
const HALF: i64 = 4;
const SMALL_HALF: i64 = 3;

/// A marker this many pixels off is on no chart.
const FARTHEST: f64 = 1e6;

/// Neurons of a chart, each at a pixel. Neurons of one class at one pixel are one marker, which
/// keeps the figure small whatever the model's size.
#[derive(Debug)]
pub(super) struct Markers {
    places: BTreeSet<(Class, i64, i64)>,
    half: i64,
}

impl Default for Markers {
    fn default() -> Self {
        Self::of_size(HALF)
    }
}

impl Markers {
    /// Markers for one of several small charts.
    pub(super) fn small() -> Self {
        Self::of_size(SMALL_HALF)
    }

    fn of_size(half: i64) -> Self {
        Self {
            places: BTreeSet::new(),
            half,
        }
    }

    /// Adds a neuron.
    pub(super) fn add(&mut self, class: Class, x: f64, y: f64) {
        if x.abs() < FARTHEST && y.abs() < FARTHEST {
            self.places
                .insert((class, x.round() as i64, y.round() as i64));
        }
    }

    /// Draws all neurons, those that prefer a category on top.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>) {
        let path = |wanted: Class| {
            let mut path = String::new();
            for (_, x, y) in self.places.iter().filter(|(class, _, _)| *class == wanted) {
                push(&mut path, wanted, self.half, *x, *y);
            }
            path
        };
        let dot = 0.6 * self.half as f64;
        let classes: BTreeSet<Class> = self.places.iter().map(|(class, _, _)| *class).collect();
        for class in classes {
            match class {
                Class::Neither => canvas.stroke(&path(class), paint(class), dot, ""),
                Class::Other | Class::Prefers(_) => canvas.fill(&path(class), paint(class)),
            }
        }
    }
}

/// The colour of a class.
pub(super) fn paint(class: Class) -> Paint {
    match class {
        Class::Neither => Paint::Neutral,
        Class::Other => Paint::Muted,
        Class::Prefers(side) => Paint::Category(side),
    }
}

/// Appends a marker to a path: a dot to be stroked, or a triangle to be filled.
fn push(path: &mut String, class: Class, half: i64, x: i64, y: i64) {
    let height = 2 * half - 1;
    // Writing to a String cannot fail.
    let _ = match class {
        // A line too short to be seen, whose round caps are.
        Class::Neither => write!(path, "M{x} {y}h.01"),
        Class::Other => write!(
            path,
            "M{} {}h{side}v{side}h-{side}z",
            x - half + 1,
            y - half + 1,
            side = 2 * (half - 1)
        ),
        Class::Prefers(Side::A) => write!(path, "M{x} {}l{half} {height}h-{}z", y - half, 2 * half),
        Class::Prefers(Side::B) => write!(path, "M{x} {}l{half}-{height}h-{}z", y + half, 2 * half),
    };
}

/// A legend above a chart: the classes, and what a dashed line means. What finds no room is left to
/// the caption.
pub(super) fn legend(
    canvas: &mut Canvas<'_>,
    metrics: &Metrics,
    classes: &[(Class, String)],
    dashed: Option<&str>,
) {
    let (mut x, y) = (f64::from(MARGINS.left) + 4.0, LEGEND_Y);
    let width = |label: &str| metrics.width(label, Text::PLAIN.size);
    for (class, label) in classes {
        let mut markers = Markers::default();
        markers.add(*class, x + 5.0, y - 5.0);
        markers.draw(canvas);
        canvas.text(x + 16.0, y, label, Text::PLAIN);
        x += 16.0 + width(label) + 24.0;
    }
    if let Some(label) = dashed.filter(|label| x + 34.0 + width(label) <= canvas.width()) {
        canvas.line(
            (x, y - 5.0),
            (x + 26.0, y - 5.0),
            Paint::Ink,
            1.2,
            THRESHOLD_DASH,
        );
        canvas.text(x + 34.0, y, label, Text::PLAIN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::Rgb;
    use crate::theme::Theme;
    use selectron_run::Sides;

    const A: Class = Class::Prefers(Side::A);
    const B: Class = Class::Prefers(Side::B);

    fn drawn(neurons: &[(Class, f64, f64)]) -> String {
        let theme = Theme::new(Sides {
            a: Rgb(200, 0, 0),
            b: Rgb(0, 0, 200),
        });
        let mut canvas = Canvas::new(100.0, 100.0, &theme);
        let mut markers = Markers::default();
        for (class, x, y) in neurons {
            markers.add(*class, *x, *y);
        }
        markers.draw(&mut canvas);
        canvas.finish("")
    }

    #[test]
    fn neurons_at_one_pixel_are_one_marker_a_class() {
        let one = drawn(&[(A, 5.0, 5.0)]);
        assert_eq!(drawn(&[(A, 5.0, 5.0), (A, 5.2, 4.9)]), one);
        assert_ne!(drawn(&[(A, 5.0, 5.0), (B, 5.0, 5.0)]), one);
    }

    #[test]
    fn what_has_no_place_is_not_drawn() {
        for x in [f64::NAN, f64::INFINITY, -1e300] {
            assert_eq!(drawn(&[(A, x, 5.0)]), drawn(&[]));
        }
    }
}
