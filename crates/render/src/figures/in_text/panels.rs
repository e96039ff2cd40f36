//! Small charts side by side, which share their axes' names.

use super::super::figure::WIDTH;
use crate::svg::{Anchor, Canvas, Paint, Plot, Text};
use std::ops::Range;

/// Panels in a row, at most.
const MOST_COLUMNS: usize = 4;
/// Room left of the panels for the name and ticks of the y axis, and right of them, in pixels.
const LEFT: f64 = 66.0;
const RIGHT: f64 = 14.0;
/// Room below the panels for the ticks and name of the x axis.
const BOTTOM: f64 = 50.0;
/// Room above a panel for its title.
const TITLE: f64 = 26.0;
/// Between two panels, in pixels.
const GAP: (f64, f64) = (16.0, 10.0);

/// The places of the panels.
#[derive(Debug)]
pub(super) struct Panels {
    count: usize,
    columns: usize,
    top: f64,
    /// Width and height of a panel.
    size: (f64, f64),
    /// Between the panels of a row, in pixels.
    gap: f64,
}

/// An axis that each panel has.
pub(super) struct Scale<'a> {
    /// The values it spans.
    pub range: Range<f64>,
    /// The values that are labelled.
    pub ticks: &'a [f64],
    /// How they are labelled.
    pub label: &'a dyn Fn(f64) -> String,
}

impl Panels {
    /// A number of panels, below `top`.
    pub(super) fn new(count: usize, top: f64) -> Self {
        // No more than are needed for as few rows.
        let rows = count.div_ceil(MOST_COLUMNS).max(1);
        let columns = count.div_ceil(rows).max(1);
        let height = match columns {
            1 => 360.0,
            2 => 280.0,
            3 => 200.0,
            _ => 160.0,
        };
        Self::sized(count, columns, top, height, GAP.0)
    }

    /// Panels whose y axes differ, side by side, and so with room for the ticks of each.
    pub(super) fn apart(count: usize, top: f64, height: f64) -> Self {
        Self::sized(count, count.max(1), top, height, LEFT)
    }

    fn sized(count: usize, columns: usize, top: f64, height: f64, gap: f64) -> Self {
        let gaps = gap * columns.saturating_sub(1) as f64;
        let width = (WIDTH - LEFT - RIGHT - gaps) / columns as f64;
        Self {
            count,
            columns,
            top,
            size: (width, height),
            gap,
        }
    }

    /// The height of the figure.
    pub(super) fn height(&self) -> f64 {
        let rows = self.count.div_ceil(self.columns).max(1) as f64;
        self.top + rows * (TITLE + self.size.1) + (rows - 1.0) * GAP.1 + BOTTOM
    }

    /// Draws the frame of a panel and says where its values lie. Ticks are labelled where no panel
    /// is between them and the figure's edge.
    pub(super) fn frame(
        &self,
        canvas: &mut Canvas<'_>,
        index: usize,
        title: &str,
        x: &Scale<'_>,
        y: &Scale<'_>,
    ) -> Plot {
        let (column, row) = (index % self.columns, index / self.columns);
        let left = LEFT + column as f64 * (self.size.0 + self.gap);
        let top = self.top + TITLE + row as f64 * (TITLE + self.size.1 + GAP.1);
        let (right, bottom) = (left + self.size.0, top + self.size.1);
        let plot = Plot::new(
            (x.range.clone(), left..right),
            (y.range.clone(), top..bottom),
        );
        for value in y.ticks {
            let pixel = plot.y(*value);
            canvas.line((left, pixel), (right, pixel), Paint::Grid, 1.0, "");
            if column == 0 || self.gap > GAP.0 {
                let style = Text {
                    anchor: Anchor::End,
                    ..Text::PLAIN
                };
                canvas.text(left - 7.0, pixel + 5.0, &(y.label)(*value), style);
            }
        }
        for value in x.ticks {
            let pixel = plot.x(*value);
            canvas.line(
                (pixel, bottom),
                (pixel, bottom + 4.0),
                Paint::Muted,
                1.0,
                "",
            );
            if index + self.columns >= self.count {
                canvas.text(pixel, bottom + 20.0, &(x.label)(*value), Text::CENTERED);
            }
        }
        canvas.line((left, top), (left, bottom), Paint::Muted, 1.0, "");
        canvas.line((left, bottom), (right, bottom), Paint::Muted, 1.0, "");
        canvas.text(left + 2.0, top - 8.0, title, Text::PLAIN);
        plot
    }

    /// Writes the names of the axes.
    pub(super) fn names(&self, canvas: &mut Canvas<'_>, x: &str, y: &str) {
        let (middle, height) = ((LEFT + WIDTH - RIGHT) / 2.0, self.height());
        canvas.text(middle, height - 8.0, x, Text::CENTERED);
        let style = Text {
            rotation: 270,
            ..Text::CENTERED
        };
        canvas.text(18.0, (self.top + height - BOTTOM + TITLE) / 2.0, y, style);
    }
}

/// A round number of at most `limit` to label an axis with: 1, 2 or 5 times a power of ten.
pub(super) fn round_below(limit: f64) -> f64 {
    if !(limit.is_finite() && limit > 0.0) {
        return 0.0;
    }
    let power = 10_f64.powf(limit.log10().floor());
    let factors = [5.0, 2.0, 1.0];
    let factor = factors.into_iter().find(|factor| factor * power <= limit);
    factor.unwrap_or(1.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::Rgb;
    use crate::numbers;
    use crate::theme::Theme;
    use selectron_run::Sides;

    #[test]
    fn round_numbers_are_not_beyond_their_limit() {
        let round = [7.3, 4.9, 1.99, 0.03, 250.0].map(round_below);
        assert_eq!(round, [5.0, 2.0, 1.0, 0.02, 200.0]);
        assert_eq!([0.0, -1.0, f64::NAN].map(round_below), [0.0; 3]);
    }

    #[test]
    fn panels_stay_on_the_canvas_and_apart() {
        let theme = Theme::new(Sides {
            a: Rgb(200, 0, 0),
            b: Rgb(0, 0, 200),
        });
        for count in 1..30 {
            let panels = Panels::new(count, 40.0);
            let mut canvas = Canvas::new(WIDTH, panels.height(), &theme);
            let scale = Scale {
                range: 0.0..1.0,
                ticks: &[0.0, 1.0],
                label: &numbers::tick,
            };
            let plots: Vec<_> = (0..count)
                .map(|index| panels.frame(&mut canvas, index, "", &scale, &scale))
                .collect();
            for (index, plot) in plots.iter().enumerate() {
                assert!(plot.columns().end <= WIDTH && plot.rows().end < panels.height());
                for other in &plots[..index] {
                    let beside = other.columns().end < plot.columns().start;
                    assert!(
                        beside
                            || other.rows().end < plot.rows().start
                            || plot.columns().end < other.columns().start
                    );
                }
            }
        }
    }
}
