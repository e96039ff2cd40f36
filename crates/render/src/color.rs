//! Colours: sRGB and OKLab, contrast, and the ramps that heatmaps are painted with.

use std::fmt;

/// A colour in sRGB, 8 bits per channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// The smallest contrast of text with its background that WCAG 2.2 accepts (criterion 1.4.3, AA).
pub const READABLE_CONTRAST: f64 = 4.5;

impl Rgb {
    /// White.
    pub const WHITE: Self = Self(255, 255, 255);
    /// Black.
    pub const BLACK: Self = Self(0, 0, 0);

    /// Reads `#rrggbb`.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let number = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = number.to_be_bytes();
        digits
            .chars()
            .all(|c| c.is_ascii_hexdigit())
            .then_some(Self(red, green, blue))
    }

    /// Relative luminance, 0 for black to 1 for white (WCAG 2.2, "relative luminance").
    pub fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Contrast ratio, 1 to 21 (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Black or white, whichever stands out more from this background. The better of the two has a
    /// contrast of at least sqrt(21) = 4.58 with any colour whatever, so it is always readable.
    pub fn ink(self) -> Self {
        if self.contrast(Self::BLACK) >= self.contrast(Self::WHITE) {
            Self::BLACK
        } else {
            Self::WHITE
        }
    }

    /// The colour at `share` (0 to 1) of the way to `other`, in OKLab, where equal steps look equal.
    #[must_use]
    pub fn mix(self, other: Self, share: f64) -> Self {
        let (from, to) = (self.oklab(), other.oklab());
        let between = |from: f64, to: f64| from + (to - from) * share.clamp(0.0, 1.0);
        Self::from_oklab([
            between(from[0], to[0]),
            between(from[1], to[1]),
            between(from[2], to[2]),
        ])
    }

    /// The same hue at no less than this OKLab lightness, for use on a dark background.
    #[must_use]
    pub fn lightened_to(self, lightness: f64) -> Self {
        let [current, green_red, blue_yellow] = self.oklab();
        Self::from_oklab([current.max(lightness), green_red, blue_yellow])
    }

    /// Linear light, 0 to 1 per channel (IEC 61966-2-1).
    fn linear(self) -> [f64; 3] {
        [self.0, self.1, self.2].map(|channel| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        })
    }

    /// Lightness, green-red and blue-yellow (B. Ottosson, "A perceptual color space for image
    /// processing", 2020, whose matrices these are).
    fn oklab(self) -> [f64; 3] {
        let [red, green, blue] = self.linear();
        let long =
            (0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue).cbrt();
        let medium =
            (0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue).cbrt();
        let short =
            (0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue).cbrt();
        [
            0.210_454_255_3 * long + 0.793_617_785_0 * medium - 0.004_072_046_8 * short,
            1.977_998_495_1 * long - 2.428_592_205_0 * medium + 0.450_593_709_9 * short,
            0.025_904_037_1 * long + 0.782_771_766_2 * medium - 0.808_675_766_0 * short,
        ]
    }

    /// The nearest sRGB colour, each channel clipped to its range.
    fn from_oklab([lightness, green_red, blue_yellow]: [f64; 3]) -> Self {
        let long =
            (lightness + 0.396_337_777_4 * green_red + 0.215_803_757_3 * blue_yellow).powi(3);
        let medium =
            (lightness - 0.105_561_345_8 * green_red - 0.063_854_172_8 * blue_yellow).powi(3);
        let short =
            (lightness - 0.089_484_177_5 * green_red - 1.291_485_548_0 * blue_yellow).powi(3);
        let [red, green, blue] = [
            4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short,
            -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short,
            -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701_0 * short,
        ]
        .map(|value: f64| {
            let value = value.clamp(0.0, 1.0);
            let value = if value <= 0.003_130_8 {
                12.92 * value
            } else {
                1.055 * value.powf(1.0 / 2.4) - 0.055
            };
            // In 0..=255 by the clamp above.
            (value * 255.0).round() as u8
        });
        Self(red, green, blue)
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// `steps` colours from `from` to `to`, both included.
pub fn ramp(from: Rgb, to: Rgb, steps: usize) -> Vec<Rgb> {
    let last = steps.saturating_sub(1).max(1) as f64;
    (0..steps)
        .map(|step| from.mix(to, step as f64 / last))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn contrast_agrees_with_published_values() {
        // The extremes are the definition's; #767676 is the well-known lightest grey that passes AA
        // on white, at 4.54.
        assert!((Rgb::WHITE.contrast(Rgb::BLACK) - 21.0).abs() < 1e-9);
        assert!((Rgb(0x76, 0x76, 0x76).contrast(Rgb::WHITE) - 4.54).abs() < 5e-3);
    }

    #[test]
    fn oklab_agrees_with_published_values() {
        // CSS Color 4 gives sRGB red as oklab(0.6280 0.2249 0.1258).
        let lab = Rgb(255, 0, 0).oklab();
        for (found, expected) in lab.iter().zip([0.6280, 0.2249, 0.1258]) {
            assert!((found - expected).abs() < 1e-4, "{lab:?}");
        }
    }

    #[test]
    fn hexadecimal_is_read_strictly() {
        assert_eq!(Rgb::from_hex("#0a0B0c"), Some(Rgb(10, 11, 12)));
        for bad in ["0a0b0c", "#0a0b0", "#0a0b0g", "#+a0b0c", "#ééé", ""] {
            assert_eq!(Rgb::from_hex(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_ramp_begins_and_ends_where_it_should() {
        let colors = ramp(Rgb::WHITE, Rgb(33, 102, 172), 32);
        assert_eq!(colors.len(), 32);
        assert_eq!((colors[0], colors[31]), (Rgb::WHITE, Rgb(33, 102, 172)));
        assert!(
            colors
                .windows(2)
                .all(|pair| pair[0].luminance() > pair[1].luminance())
        );
    }

    proptest! {
        #[test]
        fn ink_is_readable_on_any_color(red: u8, green: u8, blue: u8) {
            let background = Rgb(red, green, blue);
            prop_assert!(background.contrast(background.ink()) >= READABLE_CONTRAST);
        }

        #[test]
        fn oklab_round_trips(red: u8, green: u8, blue: u8) {
            prop_assert_eq!(Rgb::from_oklab(Rgb(red, green, blue).oklab()), Rgb(red, green, blue));
        }
    }
}
