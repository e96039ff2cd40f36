//! The image itself: one pixel per value, in colours that diverge from a neuron's mean.

use crate::color::Rgb;
use crate::data::Items;
use selectron_run::error::{Error, Result};

/// Standard deviations from a neuron's mean at which the colours end.
pub(super) const LIMIT: f64 = 3.0;

/// Colours of the highest and the lowest activation. They are not the categories' colours, since
/// a verb neuron is high on verbs. The pair is ColorBrewer's BrBG, safe for the colour-blind.
const HIGH: Rgb = Rgb(0x01, 0x66, 0x5e);
const LOW: Rgb = Rgb(0x8c, 0x51, 0x0a);

/// Each neuron's activations about their mean, in standard deviations, over all words: a matter of
/// contrast in the image, from which nothing is concluded.
pub(super) fn standardise(items: &Items) -> Vec<Vec<f64>> {
    let width = items.rows.first().map_or(0, Vec::len);
    let count = items.rows.len().max(1) as f64;
    let column = |neuron: usize| items.rows.iter().map(move |row| f64::from(row[neuron]));
    let moments: Vec<(f64, f64)> = (0..width)
        .map(|neuron| {
            let mean = column(neuron).sum::<f64>() / count;
            let variance = column(neuron)
                .map(|value| (value - mean).powi(2))
                .sum::<f64>()
                / count;
            (mean, variance.sqrt())
        })
        .collect();
    let scale = |(value, (mean, deviation)): (&f32, &(f64, f64))| {
        if *deviation > 0.0 {
            (f64::from(*value) - mean) / deviation
        } else {
            0.0
        }
    };
    items
        .rows
        .iter()
        .map(|row| row.iter().zip(&moments).map(scale).collect())
        .collect()
}

/// A part of the image as PNG, one pixel per value; `None` where it has no values.
pub(super) fn picture(
    standard: &[Vec<f64>],
    rows: &[usize],
    columns: &[usize],
) -> Result<Option<Vec<u8>>> {
    let mut pixels = Vec::with_capacity(rows.len() * columns.len());
    for row in rows {
        for column in columns {
            pixels.push(level(standard[*row][*column]));
        }
    }
    if pixels.is_empty() {
        return Ok(None);
    }
    let palette: Vec<u8> = (0..=u8::MAX)
        .flat_map(|level| {
            let Rgb(red, green, blue) = diverging(from_level(level));
            [red, green, blue]
        })
        .collect();
    let size = |length: usize| {
        u32::try_from(length).map_err(|error| Error::bug(format!("image of the words: {error}")))
    };
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, size(columns.len())?, size(rows.len())?);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&pixels))
        .map_err(|error| Error::bug(format!("image of the words: {error}")))?;
    Ok(Some(png))
}

/// The palette's entry for a standardised value; 128 is the mean.
fn level(value: f64) -> u8 {
    // In 1..=255 by the clamp.
    (128.0 + 127.0 * (value / LIMIT).clamp(-1.0, 1.0)).round() as u8
}

fn from_level(level: u8) -> f64 {
    (f64::from(level) - 128.0) / 127.0 * LIMIT
}

/// One colour for high activation, another for low, white for the mean.
pub(super) fn diverging(value: f64) -> Rgb {
    Rgb::WHITE.mix(if value > 0.0 { HIGH } else { LOW }, value.abs() / LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use selectron_run::{Place, Site};

    #[test]
    fn values_are_standardised_a_neuron_at_a_time() {
        let rows = vec![vec![1.0, 5.0], vec![3.0, 5.0]];
        let place = Place::new(Site::MlpPre, 0);
        let standard = standardise(&Items { place, rows });
        assert_eq!(standard, [[-1.0, 0.0], [1.0, 0.0]]);
    }

    #[test]
    fn the_mean_is_white_and_the_ends_are_the_ends_of_the_key() {
        assert_eq!(diverging(from_level(level(0.0))), Rgb::WHITE);
        assert_eq!(diverging(from_level(level(9.0))), HIGH);
        assert_eq!(diverging(from_level(level(-9.0))), LOW);
    }
}
