//! The text painted by the chosen neurons, as a picture.

use super::figure::{Drawing, WIDTH};
use super::text_layout::{Placed, TextLayout, lay_out};
use crate::data::{Chosen, Run, Shown, SiteTests};
use crate::font::Metrics;
use crate::heat::{Heat, bar_color, tooltip};
use crate::svg::{Anchor, Canvas, Paint, Text, Weight};
use crate::theme::{SHADES, Theme};
use selectron_run::Side;

/// Room around the text, in pixels.
const MARGIN: f64 = 24.0;
/// Size of the text, in pixels.
const SIZE: f64 = 15.0;
/// How far the painted ground reaches above and below the baseline, in pixels.
const ABOVE: f64 = 14.0;
const BELOW: f64 = 5.0;
/// How much wider bold text is, at most, than the ordinary text that is measured.
const BOLD_WIDENS: f64 = 1.15;
/// The longest bar above or below a token, in pixels.
const BAR: f64 = 11.0;
/// From baseline to baseline, in pixels.
const PAINTED_LINE: f64 = 26.0;
const BARRED_LINE: f64 = 46.0;
/// A colour key, in pixels.
const KEY_WIDTH: f64 = 192.0;
const KEY_HEIGHT: f64 = 14.0;

/// Draws the text of a site's chosen neurons.
pub(super) struct Painter<'a> {
    /// The run.
    pub run: &'a Run,
    /// The site.
    pub site: &'a SiteTests,
    /// The text.
    pub shown: &'a Shown,
    /// The colours.
    pub theme: &'a Theme,
    /// The font's metrics.
    pub metrics: &'a Metrics,
}

impl Painter<'_> {
    /// The text on the colours of one neuron; `None` where it has no finite activation.
    pub(super) fn one(&self, chosen: &Chosen) -> Option<Drawing> {
        let heat = Heat::new(self.run, chosen)?;
        let ramp = self.theme.light.ramp(heat.side);
        let layout = self.layout();
        let mut canvas = Canvas::new(WIDTH, 0.0, self.theme);
        let mut y = self.title(&mut canvas, &heat, MARGIN + 12.0);
        y += 14.0;
        let (low, high) = heat.ends();
        let x = self.key_label(&mut canvas, y, &low);
        for (step, shade) in ramp.iter().enumerate() {
            let width = KEY_WIDTH / SHADES as f64;
            canvas.rect(
                x + step as f64 * width,
                y,
                width + 0.3,
                KEY_HEIGHT,
                Paint::Data(*shade),
            );
        }
        canvas.stroke(&frame(x, y), Paint::Neutral, 1.0, "");
        self.key_end(
            &mut canvas,
            (x + KEY_WIDTH + 8.0, y + 12.0),
            &high,
            "activation",
        );
        let first = y + KEY_HEIGHT + 36.0;
        for Placed {
            piece,
            x,
            line,
            width,
        } in &layout.placed
        {
            let baseline = first + *line as f64 * PAINTED_LINE;
            canvas.titled(&tooltip(piece, &[&heat]), |canvas| {
                let paint = match heat.shade(piece) {
                    Some(step) => {
                        let shade = ramp[step];
                        let height = ABOVE + BELOW;
                        canvas.rect(*x, baseline - ABOVE, *width, height, Paint::Data(shade));
                        Paint::Data(shade.ink())
                    }
                    None => Paint::Muted,
                };
                canvas.text(*x, baseline, &piece.body, body(paint, *width));
            });
        }
        Some(self.close(
            canvas,
            &layout,
            first,
            PAINTED_LINE,
            &heat_heading(&heat),
            caption_of_one(&heat),
        ))
    }

    /// The text with a bar of each neuron's colour at every token; `None` where one is missing.
    pub(super) fn both(&self) -> Option<Drawing> {
        let a = Heat::new(self.run, self.site.by_side.a.as_ref()?)?;
        let b = Heat::new(self.run, self.site.by_side.b.as_ref()?)?;
        let layout = self.layout();
        let mut canvas = Canvas::new(WIDTH, 0.0, self.theme);
        let mut y = MARGIN + 12.0;
        for heat in [&a, &b] {
            y = self.title(&mut canvas, heat, y) + 14.0;
            let (low, high) = heat.ends();
            let x = self.key_label(&mut canvas, y, &low);
            for step in 0..SHADES {
                let width = KEY_WIDTH / SHADES as f64;
                let share = step as f64 / (SHADES - 1) as f64;
                let top = match heat.side {
                    Side::A => y + BAR * (1.0 - share),
                    Side::B => y,
                };
                let left = x + step as f64 * width;
                canvas.rect(left, top, width + 0.3, BAR * share, self.bar(heat, share));
            }
            let side = match heat.side {
                Side::A => "above",
                Side::B => "below",
            };
            let label = format!("activation, as the bar {side} a token");
            self.key_end(&mut canvas, (x + KEY_WIDTH + 8.0, y + 12.0), &high, &label);
            y += KEY_HEIGHT + 30.0;
        }
        let first = y + 24.0;
        for Placed {
            piece,
            x,
            line,
            width,
        } in &layout.placed
        {
            let baseline = first + *line as f64 * BARRED_LINE;
            canvas.titled(&tooltip(piece, &[&a, &b]), |canvas| {
                if let Some(up) = a.share(piece) {
                    let top = baseline - ABOVE - BAR * up;
                    canvas.rect(*x, top, *width, BAR * up, self.bar(&a, up));
                }
                if let Some(down) = b.share(piece) {
                    canvas.rect(*x, baseline + BELOW, *width, BAR * down, self.bar(&b, down));
                }
                let paint = if piece.is_bos {
                    Paint::Muted
                } else {
                    Paint::Ink
                };
                canvas.text(*x, baseline, &piece.body, body(paint, *width));
            });
        }
        let caption = format!(
            "Both neurons at once: the bar above a token is the longer and the deeper in colour, \
             the higher the activation of the {} neuron there; the bar below shows the {} neuron \
             likewise, each on its own scale.",
            a.category, b.category
        );
        let heading = format!("Both neurons: {} above, {} below", a.category, b.category);
        Some(self.close(canvas, &layout, first, BARRED_LINE, &heading, caption))
    }

    fn layout(&self) -> TextLayout<'_> {
        lay_out(self.shown, self.metrics, SIZE, MARGIN..WIDTH - MARGIN)
    }

    /// The neuron's name; returns its baseline.
    fn title(&self, canvas: &mut Canvas<'_>, heat: &Heat<'_>, y: f64) -> f64 {
        let room = WIDTH - 2.0 * MARGIN;
        let title = self.metrics.fit(&heat.title(), SIZE * BOLD_WIDENS, room);
        canvas.text(
            MARGIN,
            y,
            &title,
            Text {
                weight: Weight::Bold,
                size: SIZE,
                ..Text::PLAIN
            },
        );
        y
    }

    /// The label left of a key; returns where the key begins.
    fn key_label(&self, canvas: &mut Canvas<'_>, y: f64, label: &str) -> f64 {
        canvas.text(
            MARGIN,
            y + 12.0,
            label,
            Text {
                anchor: Anchor::Start,
                ..Text::PLAIN
            },
        );
        MARGIN + self.metrics.width(label, Text::PLAIN.size) + 8.0
    }

    /// The label right of a key, and what it measures.
    fn key_end(&self, canvas: &mut Canvas<'_>, (x, y): (f64, f64), high: &str, what: &str) {
        canvas.text(x, y, high, Text::PLAIN);
        let x = x + self.metrics.width(high, Text::PLAIN.size) + 14.0;
        canvas.text(
            x,
            y,
            what,
            Text {
                paint: Paint::Muted,
                ..Text::PLAIN
            },
        );
    }

    fn bar(&self, heat: &Heat<'_>, share: f64) -> Paint {
        let colors = self.theme.light;
        let color = *colors.categories.get(heat.side);
        Paint::Data(bar_color(colors.surface, color, share))
    }

    /// Says what is left out, and gives the picture the height of its text.
    fn close(
        &self,
        mut canvas: Canvas<'_>,
        layout: &TextLayout<'_>,
        first: f64,
        line: f64,
        heading: &str,
        caption: String,
    ) -> Drawing {
        let mut bottom = first + layout.lines.saturating_sub(1) as f64 * line + BELOW + BAR;
        if let Some(note) = self.shown.note() {
            bottom += 28.0;
            canvas.text(
                MARGIN,
                bottom,
                &note,
                Text {
                    paint: Paint::Muted,
                    ..Text::PLAIN
                },
            );
        }
        canvas.set_height((bottom + MARGIN).ceil());
        Drawing {
            heading: heading.to_owned(),
            caption,
            svg: canvas.finish(heading),
        }
    }
}

fn heat_heading(heat: &Heat<'_>) -> String {
    format!("The {} neuron: {}", heat.category, heat.neuron())
}

fn caption_of_one(heat: &Heat<'_>) -> String {
    let beyond = if heat.scale.clips() {
        " Values beyond the ends of the key take its end colours."
    } else {
        ""
    };
    format!(
        "The stronger the colour, the higher the activation of {} at that token.{beyond}",
        heat.neuron()
    )
}

fn body(paint: Paint, width: f64) -> Text {
    Text {
        size: SIZE,
        paint,
        width: Some(width),
        ..Text::PLAIN
    }
}

/// The outline of a colour key.
fn frame(x: f64, y: f64) -> String {
    format!("M{x:.2} {y}h{KEY_WIDTH}v{KEY_HEIGHT}h-{KEY_WIDTH}z")
}
