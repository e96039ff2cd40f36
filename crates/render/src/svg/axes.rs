//! Axes, ticks, grid and their labels, which `plotters` lays out and [`Canvas`] writes.

use super::canvas::{Anchor, Canvas, TEXT_SIZE, Text};
use super::paint::Paint;
use crate::font::{FAMILY, register};
use plotters::chart::ChartBuilder;
use plotters::drawing::IntoDrawingArea;
use plotters::style::{IntoFont, ShapeStyle, TextStyle};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontTransform,
};
use selectron_run::error::{Error, Result};
use std::convert::Infallible;
use std::ops::Range;

/// One axis.
pub struct Axis<'a> {
    /// The values it spans.
    pub range: Range<f64>,
    /// What it measures, with its unit.
    pub name: &'a str,
    /// About how many ticks it has; 0 for none.
    pub ticks: usize,
    /// How a tick is labelled.
    pub label: &'a dyn Fn(f64) -> String,
    /// Whether lines run across the plot from its ticks.
    pub grid: bool,
}

/// The room around a plot, in pixels.
#[derive(Debug, Clone, Copy)]
pub struct Margins {
    /// Above.
    pub top: u32,
    /// To the right.
    pub right: u32,
    /// Below, where the x axis is labelled.
    pub bottom: u32,
    /// To the left, where the y axis is labelled.
    pub left: u32,
}

/// Where the values of a plot lie on its canvas.
#[derive(Debug, Clone)]
pub struct Plot {
    x: (Range<f64>, Range<f64>),
    y: (Range<f64>, Range<f64>),
}

impl Plot {
    /// A plot whose x and y values span these pixels, the upper row first.
    pub fn new(x: (Range<f64>, Range<f64>), y: (Range<f64>, Range<f64>)) -> Self {
        Self { x, y }
    }

    /// The pixel column of a value.
    pub fn x(&self, value: f64) -> f64 {
        let (values, pixels) = &self.x;
        interpolate(value, values, pixels.start, pixels.end)
    }

    /// The pixel row of a value.
    pub fn y(&self, value: f64) -> f64 {
        let (values, pixels) = &self.y;
        interpolate(value, values, pixels.end, pixels.start)
    }

    /// The pixel columns of the plot.
    pub fn columns(&self) -> Range<f64> {
        self.x.1.clone()
    }

    /// The pixel rows of the plot, the upper one first.
    pub fn rows(&self) -> Range<f64> {
        self.y.1.clone()
    }
}

fn interpolate(value: f64, values: &Range<f64>, from: f64, to: f64) -> f64 {
    from + (value - values.start) / (values.end - values.start) * (to - from)
}

/// Draws the axes of a chart and says where its values lie.
///
/// # Errors
/// A bug, when the chart library refuses.
pub fn draw_axes(
    canvas: &mut Canvas<'_>,
    margins: Margins,
    x: &Axis<'_>,
    y: &Axis<'_>,
) -> Result<Plot> {
    register()?;
    draw(canvas, margins, x, y).map_err(|error| Error::bug(format!("axes: {error}")))
}

fn draw(
    canvas: &mut Canvas<'_>,
    margins: Margins,
    x: &Axis<'_>,
    y: &Axis<'_>,
) -> Result<Plot, Box<dyn std::error::Error + Send + Sync>> {
    let root = Backend(canvas).into_drawing_area();
    let mut chart = ChartBuilder::on(&root)
        .margin_top(margins.top)
        .margin_right(margins.right)
        .margin_bottom(4)
        .margin_left(4)
        .x_label_area_size(margins.bottom)
        .y_label_area_size(margins.left)
        .build_cartesian_2d(x.range.clone(), y.range.clone())?;
    let font = || (FAMILY, TEXT_SIZE).into_font();
    let (ink, muted, grid) = (
        Paint::Ink.token(),
        Paint::Muted.token(),
        Paint::Grid.token(),
    );
    let mut mesh = chart.configure_mesh();
    if !x.grid {
        mesh.disable_x_mesh();
    }
    if !y.grid {
        mesh.disable_y_mesh();
    }
    let transparent = ShapeStyle {
        color: plotters::style::TRANSPARENT,
        filled: false,
        stroke_width: 0,
    };
    mesh.axis_style(muted)
        .bold_line_style(grid)
        .light_line_style(transparent)
        .x_labels(x.ticks)
        .y_labels(y.ticks)
        .x_label_formatter(&|value| (x.label)(*value))
        .y_label_formatter(&|value| (y.label)(*value))
        .label_style(TextStyle::from(font()).color(&ink))
        .axis_desc_style(TextStyle::from(font()).color(&ink))
        .x_desc(x.name)
        .y_desc(y.name)
        .draw()?;
    let (columns, rows) = chart.plotting_area().get_pixel_range();
    // The library's last pixel is the last value's.
    let pixels = |range: Range<i32>| f64::from(range.start)..f64::from(range.end - 1);
    let plot = Plot {
        x: (x.range.clone(), pixels(columns)),
        y: (y.range.clone(), pixels(rows)),
    };
    Ok(plot)
}

/// Lets `plotters` draw on a [`Canvas`].
struct Backend<'a, 'b>(&'a mut Canvas<'b>);

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

fn point((x, y): BackendCoord) -> (f64, f64) {
    (f64::from(x), f64::from(y))
}

fn is_visible(color: BackendColor) -> bool {
    color.alpha > 0.0
}

impl DrawingBackend for Backend<'_, '_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        // Figures are a few hundred pixels wide and high.
        (self.0.width() as u32, self.0.height() as u32)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Drawn {
        if is_visible(color) {
            let (x, y) = point(at);
            self.0.rect(x, y, 1.0, 1.0, Paint::from_token(color.rgb));
        }
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let color = style.color();
        let points: Vec<_> = path.into_iter().collect();
        if is_visible(color) {
            for pair in points.windows(2) {
                if let [from, to] = pair {
                    let width = f64::from(style.stroke_width());
                    self.0.line(
                        point(*from),
                        point(*to),
                        Paint::from_token(color.rgb),
                        width,
                        "",
                    );
                }
            }
        }
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, at: BackendCoord) -> Drawn {
        let position = style.anchor();
        let anchor = match position.h_pos {
            HPos::Left => Anchor::Start,
            HPos::Center => Anchor::Middle,
            HPos::Right => Anchor::End,
        };
        let size = style.size();
        // From the named edge to the baseline, in ems: ascent, half the x-height, descent.
        let drop = size
            * match position.v_pos {
                VPos::Top => 0.76,
                VPos::Center => 0.36,
                VPos::Bottom => -0.24,
            };
        let (x, y) = point(at);
        let (x, y, rotation) = match style.transform() {
            FontTransform::None => (x, y + drop, 0),
            FontTransform::Rotate90 => (x - drop, y, 90),
            FontTransform::Rotate180 => (x, y - drop, 180),
            FontTransform::Rotate270 => (x + drop, y, 270),
        };
        let paint = Paint::from_token(style.color().rgb);
        self.0.text(
            x,
            y,
            text,
            Text {
                anchor,
                size,
                paint,
                rotation,
                ..Text::PLAIN
            },
        );
        Ok(())
    }
}
