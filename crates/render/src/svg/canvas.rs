//! A drawing surface that writes SVG.

use super::paint::Paint;
use crate::font::FAMILY;
use crate::sanitize::escape;
use crate::theme::Theme;
use base64::Engine;
use std::fmt::Write;

/// Size of a figure's ordinary text, in pixels.
pub(super) const TEXT_SIZE: f64 = 14.0;

/// Which point of a text its position names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The left end.
    Start,
    /// The middle.
    Middle,
    /// The right end.
    End,
}

/// How bold a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Ordinary.
    Normal,
    /// Bold.
    Bold,
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// Which point the position names.
    pub anchor: Anchor,
    /// Em size in pixels.
    pub size: f64,
    /// Ordinary or bold.
    pub weight: Weight,
    /// Colour.
    pub paint: Paint,
    /// Degrees, clockwise, about its position.
    pub rotation: i32,
    /// Surrounded by a rim of background, to be readable among markers.
    pub halo: bool,
    /// The width that the layout has measured, to which a substitute font is fitted.
    pub width: Option<f64>,
}

impl Text {
    /// Ordinary text in ink, from the left.
    pub const PLAIN: Self = Self {
        anchor: Anchor::Start,
        size: TEXT_SIZE,
        weight: Weight::Normal,
        paint: Paint::Ink,
        rotation: 0,
        halo: false,
        width: None,
    };

    /// The same, centred.
    pub const CENTERED: Self = Self {
        anchor: Anchor::Middle,
        ..Self::PLAIN
    };
}

/// An SVG drawing in the making. Coordinates are pixels from the upper left.
#[derive(Debug)]
pub struct Canvas<'a> {
    width: f64,
    height: f64,
    theme: &'a Theme,
    body: String,
}

impl<'a> Canvas<'a> {
    /// An empty drawing.
    pub fn new(width: f64, height: f64, theme: &'a Theme) -> Self {
        Self {
            width,
            height,
            theme,
            body: String::new(),
        }
    }

    /// Width in pixels.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> f64 {
        self.height
    }

    /// Gives the drawing another height, once its content is known.
    pub fn set_height(&mut self, height: f64) {
        self.height = height;
    }

    /// A straight line; `dash` as in SVG's `stroke-dasharray`, or empty.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), paint: Paint, width: f64, dash: &str) {
        let path = format!("M{} {}L{} {}", n(from.0), n(from.1), n(to.0), n(to.1));
        self.stroke(&path, paint, width, dash);
    }

    /// Strokes a path given in SVG's path syntax.
    pub fn stroke(&mut self, path: &str, paint: Paint, width: f64, dash: &str) {
        if path.is_empty() {
            return;
        }
        self.put(format_args!("<path d=\"{path}\" fill=\"none\""));
        self.color("stroke", 's', paint);
        self.put(format_args!(
            " stroke-width=\"{}\" stroke-linecap=\"round\"",
            n(width)
        ));
        if !dash.is_empty() {
            self.put(format_args!(" stroke-dasharray=\"{dash}\""));
        }
        self.put(format_args!("/>\n"));
    }

    /// Fills a path given in SVG's path syntax.
    pub fn fill(&mut self, path: &str, paint: Paint) {
        if path.is_empty() {
            return;
        }
        self.put(format_args!("<path d=\"{path}\""));
        self.color("fill", 'f', paint);
        self.put(format_args!("/>\n"));
    }

    /// A filled rectangle.
    pub fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, paint: Paint) {
        let (width, height) = (width.max(0.0), height.max(0.0));
        self.put(format_args!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
            n(x),
            n(y),
            n(width),
            n(height)
        ));
        self.color("fill", 'f', paint);
        self.put(format_args!("/>\n"));
    }

    /// A line of text whose baseline is at `y`.
    pub fn text(&mut self, x: f64, y: f64, content: &str, style: Text) {
        self.put(format_args!("<text x=\"{}\" y=\"{}\"", n(x), n(y)));
        match style.anchor {
            Anchor::Start => {}
            Anchor::Middle => self.put(format_args!(" text-anchor=\"middle\"")),
            Anchor::End => self.put(format_args!(" text-anchor=\"end\"")),
        }
        if (style.size - TEXT_SIZE).abs() > f64::EPSILON {
            self.put(format_args!(" font-size=\"{}\"", n(style.size)));
        }
        if style.weight == Weight::Bold {
            self.put(format_args!(" font-weight=\"bold\""));
        }
        if style.rotation != 0 {
            self.put(format_args!(
                " transform=\"rotate({} {} {})\"",
                style.rotation,
                n(x),
                n(y)
            ));
        }
        if let Some(width) = style.width.filter(|width| *width > 0.0) {
            let width = n(width);
            self.put(format_args!(
                " textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\""
            ));
        }
        if style.halo {
            let paper = Paint::Paper.on_paper(self.theme);
            self.put(format_args!(
                " stroke=\"{paper}\" stroke-width=\"4\" stroke-linejoin=\"round\" \
                 paint-order=\"stroke\""
            ));
            self.paint(
                "fill",
                style.paint,
                &[('f', style.paint), ('s', Paint::Paper)],
            );
        } else {
            self.color("fill", 'f', style.paint);
        }
        self.put(format_args!(">{}</text>\n", escape(content)));
    }

    /// A PNG picture, its pixels kept as they are.
    pub fn image(&mut self, x: f64, y: f64, width: f64, height: f64, png: &[u8]) {
        let data = base64::engine::general_purpose::STANDARD.encode(png);
        self.put(format_args!(
            "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" \
             image-rendering=\"optimizeSpeed\" style=\"image-rendering:pixelated\" \
             href=\"data:image/png;base64,{data}\"/>\n",
            n(x),
            n(y),
            n(width),
            n(height)
        ));
    }

    /// Puts what `draw` draws into a group that shows `title` when pointed at.
    pub fn titled(&mut self, title: &str, draw: impl FnOnce(&mut Self)) {
        self.put(format_args!("<g><title>{}</title>", escape(title)));
        draw(self);
        self.put(format_args!("</g>\n"));
    }

    /// The whole drawing as an SVG document; `label` says in a sentence what it shows.
    pub fn finish(self, label: &str) -> String {
        let Self {
            width,
            height,
            theme,
            body,
        } = self;
        let (width, height) = (n(width), n(height));
        let paper = Paint::Paper.on_paper(theme);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\" \
             font-family=\"{FAMILY}, Verdana, sans-serif\" font-size=\"{TEXT_SIZE}\">\n\
             <rect class=\"paper\" width=\"{width}\" height=\"{height}\" fill=\"{paper}\"/>\n\
             {body}</svg>\n",
            escape(label)
        )
    }

    /// `fill` or `stroke` with its class.
    fn color(&mut self, attribute: &str, class: char, paint: Paint) {
        self.paint(attribute, paint, &[(class, paint)]);
    }

    fn paint(&mut self, attribute: &str, paint: Paint, classes: &[(char, Paint)]) {
        let color = paint.on_paper(self.theme);
        self.put(format_args!(" {attribute}=\"{color}\""));
        let classes: Vec<_> = classes
            .iter()
            .filter_map(|(kind, paint)| paint.class().map(|letter| format!("{kind}{letter}")))
            .collect();
        if !classes.is_empty() {
            self.put(format_args!(" class=\"{}\"", classes.join(" ")));
        }
    }

    fn put(&mut self, markup: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.body.write_fmt(markup);
    }
}

/// A coordinate with at most two decimals, and none that it does not need.
pub(super) fn n(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::Rgb;
    use selectron_run::Sides;

    #[test]
    fn a_drawing_is_well_formed_whatever_its_text() {
        let theme = Theme::new(Sides {
            a: Rgb(200, 0, 0),
            b: Rgb(0, 0, 200),
        });
        let mut canvas = Canvas::new(100.0, 50.0, &theme);
        for text in [
            "<script>alert(1)</script>",
            "\"&'",
            "]]>",
            "\u{0}\u{1b}",
            "שלום",
            "😀",
        ] {
            canvas.titled(text, |canvas| {
                canvas.text(
                    1.0,
                    2.0,
                    text,
                    Text {
                        halo: true,
                        ..Text::CENTERED
                    },
                );
            });
        }
        let svg = canvas.finish("<script>\"");
        let document = resvg::usvg::roxmltree::Document::parse(&svg).unwrap();
        assert!(
            document
                .descendants()
                .all(|node| node.tag_name().name() != "script")
        );
        assert!(svg.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    }

    #[test]
    fn coordinates_are_short() {
        assert_eq!(
            [n(1.0), n(-0.001), n(2.504), n(1000.0)],
            ["1", "0", "2.5", "1000"]
        );
    }
}
