//! PNG of an SVG figure.

use crate::color::Rgb;
use crate::font::{FAMILY, database};
use resvg::{tiny_skia, usvg};
use selectron_run::error::{Error, Result};

/// Pixels of a PNG per pixel of its SVG.
const SCALE: f32 = 2.0;

/// Rasterises an SVG document at twice its size on white. Only the bundled font is used, so the
/// bytes are the same on every machine.
///
/// # Errors
/// A bug, when the document is not SVG or too large to rasterise.
pub fn to_png(svg: &str) -> Result<Vec<u8>> {
    let options = usvg::Options {
        font_family: FAMILY.to_owned(),
        fontdb: database(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(svg, &options)
        .map_err(|error| Error::bug(format!("PNG figure: {error}")))?;
    let size = tree.size();
    let (width, height) = (pixels(size.width()), pixels(size.height()));
    let mut pixmap = tiny_skia::Pixmap::new(width, height)
        .ok_or_else(|| Error::bug(format!("PNG figure: {width} x {height} pixels")))?;
    let Rgb(red, green, blue) = Rgb::WHITE;
    pixmap.fill(tiny_skia::Color::from_rgba8(red, green, blue, u8::MAX));
    let transform = tiny_skia::Transform::from_scale(SCALE, SCALE);
    resvg::render(&tree, transform, &mut pixmap.as_mut());
    pixmap
        .encode_png()
        .map_err(|error| Error::bug(format!("PNG figure: {error}")))
}

/// A length in whole pixels of the PNG.
fn pixels(length: f32) -> u32 {
    // A float beyond u32 saturates, and the pixmap then refuses it.
    (length * SCALE).ceil() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_twice_its_size_and_opaque() {
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"30\" height=\"20\">\
                   <text x=\"2\" y=\"15\" font-family=\"No Such Font, sans-serif\">A</text></svg>";
        let png = to_png(svg).unwrap();
        let pixmap = tiny_skia::Pixmap::decode_png(&png).unwrap();
        assert_eq!((pixmap.width(), pixmap.height()), (60, 40));
        assert!(pixmap.pixels().iter().all(|pixel| pixel.alpha() == u8::MAX));
        assert!(
            pixmap.pixels().iter().any(|pixel| pixel.red() < 128),
            "the text is missing"
        );
        assert_eq!(to_png(svg).unwrap(), png);
    }

    #[test]
    fn what_is_not_svg_is_an_error() {
        assert!(to_png("<svg").is_err());
    }
}
