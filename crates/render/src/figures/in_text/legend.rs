//! A legend above a figure, in as many lines as it needs.

use super::super::figure::WIDTH;
use super::super::layout::MARGINS;
use super::super::markers::Markers;
use crate::data::Class;
use crate::font::Metrics;
use crate::svg::{Canvas, Paint, Text};

/// From baseline to baseline, in pixels.
const LINE: f64 = 22.0;
/// Baseline of the first line.
const FIRST: f64 = 22.0;
/// Between an entry's sign and its label, and between entries, in pixels.
const GAPS: (f64, f64) = (8.0, 22.0);
/// Radius of a ring, in pixels.
const RING: f64 = 6.5;

/// What is drawn before a label.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sign {
    /// The marker of a class of neurons.
    Class(Class),
    /// A small dot.
    Dot(Paint),
    /// A short horizontal line.
    Tick(Paint),
    /// A ring.
    Ring,
    /// A piece of a line: colour, width and dashes.
    Line(Paint, f64, &'static str),
    /// A patch of a shaded ground.
    Patch(Paint),
}

impl Sign {
    fn width(self) -> f64 {
        match self {
            Self::Class(_) | Self::Dot(_) | Self::Tick(_) => 9.0,
            Self::Ring => 2.0 * RING,
            Self::Line(..) => 26.0,
            Self::Patch(_) => 16.0,
        }
    }

    fn draw(self, canvas: &mut Canvas<'_>, x: f64, y: f64) {
        let middle = x + self.width() / 2.0;
        match self {
            Self::Class(class) => {
                let mut markers = Markers::default();
                markers.add(class, middle, y);
                markers.draw(canvas);
            }
            Self::Dot(paint) => canvas.stroke(&dot(middle, y), paint, DOT, ""),
            Self::Tick(paint) => canvas.stroke(&tick(middle, y), paint, TICK, ""),
            Self::Ring => ring(canvas, middle, y),
            Self::Line(paint, width, dash) => {
                canvas.line((x, y), (x + self.width(), y), paint, width, dash);
            }
            Self::Patch(paint) => canvas.rect(x, y - 6.0, self.width(), 12.0, paint),
        }
    }
}

/// Diameter of a small dot, in pixels.
pub(super) const DOT: f64 = 2.0;

/// Thickness of a short line, in pixels.
pub(super) const TICK: f64 = 1.0;

/// A path to be stroked as a dot: a line too short to be seen, whose round caps are.
pub(super) fn dot(x: f64, y: f64) -> String {
    format!("M{x:.0} {y:.1}h.01")
}

/// A path to be stroked as a short horizontal line.
pub(super) fn tick(x: f64, y: f64) -> String {
    format!("M{:.1} {y:.1}h3", x - 1.5)
}

/// A ring that sets a marker off from all others.
pub(super) fn ring(canvas: &mut Canvas<'_>, x: f64, y: f64) {
    let diameter = 2.0 * RING;
    let path = format!(
        "M{:.1} {y:.1}a{RING} {RING} 0 1 0 {diameter} 0a{RING} {RING} 0 1 0 -{diameter} 0",
        x - RING
    );
    canvas.stroke(&path, Paint::Paper, 4.0, "");
    canvas.stroke(&path, Paint::Ink, 1.6, "");
}

/// The entries of a legend with their places.
pub(super) struct Legend {
    entries: Vec<(Sign, String, f64, f64)>,
    bottom: f64,
}

impl Legend {
    /// Lays the entries out in lines.
    pub(super) fn new(metrics: &Metrics, entries: Vec<(Sign, String)>) -> Self {
        let left = f64::from(MARGINS.left) + 4.0;
        let room = WIDTH - left - 8.0;
        let (mut x, mut y) = (left, FIRST);
        let mut placed = Vec::new();
        for (sign, label) in entries {
            let label = metrics.fit(&label, Text::PLAIN.size, room - sign.width() - GAPS.0);
            let width = sign.width() + GAPS.0 + metrics.width(&label, Text::PLAIN.size);
            if x > left && x + width > WIDTH - 8.0 {
                (x, y) = (left, y + LINE);
            }
            placed.push((sign, label, x, y));
            x += width + GAPS.1;
        }
        Self {
            entries: placed,
            bottom: y + LINE,
        }
    }

    /// Where the figure may begin.
    pub(super) fn bottom(&self) -> f64 {
        self.bottom
    }

    /// Draws it.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>) {
        for (sign, label, x, y) in &self.entries {
            sign.draw(canvas, *x, y - 5.0);
            canvas.text(x + sign.width() + GAPS.0, *y, label, Text::PLAIN);
        }
    }
}
