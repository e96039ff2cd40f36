//! From activations to shades of colour. Nothing is inferred here: it is a matter of drawing.

use crate::theme::SHADES;
use selectron_run::pipeline::Scaling;

/// The percentiles between which the robust scaling spreads its colours.
const ROBUST: (f64, f64) = (0.02, 0.98);

/// Which activations get the weakest and the strongest colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The activation that is painted weakest.
    pub low: f64,
    /// The activation that is painted strongest.
    pub high: f64,
    /// The smallest activation there is.
    pub minimum: f64,
    /// The largest activation there is.
    pub maximum: f64,
}

impl Scale {
    /// The scale of some activations; `None` where none of them is a finite number.
    pub fn new(values: impl IntoIterator<Item = f32>, scaling: Scaling) -> Option<Self> {
        let mut sorted: Vec<f64> = values
            .into_iter()
            .filter(|value| value.is_finite())
            .map(f64::from)
            .collect();
        sorted.sort_by(f64::total_cmp);
        let (minimum, maximum) = (*sorted.first()?, *sorted.last()?);
        let (low, high) = match scaling {
            Scaling::MinMax => (minimum, maximum),
            Scaling::Robust => (quantile(&sorted, ROBUST.0)?, quantile(&sorted, ROBUST.1)?),
        };
        Some(Self {
            low,
            high,
            minimum,
            maximum,
        })
    }

    /// Where an activation lies between low (0) and high (1); what lies beyond takes the end.
    /// `None` for what is not a finite number. Where all values are equal, none stands out: 0.
    pub fn share(&self, value: f32) -> Option<f64> {
        let value = f64::from(value);
        let range = self.high - self.low;
        value.is_finite().then(|| {
            if range > 0.0 {
                ((value - self.low) / range).clamp(0.0, 1.0)
            } else {
                0.0
            }
        })
    }

    /// The step of the ramp for an activation, below [`SHADES`].
    pub fn shade(&self, value: f32) -> Option<usize> {
        // The share is in 0..=1.
        self.share(value)
            .map(|share| (share * (SHADES - 1) as f64).round() as usize)
    }

    /// Whether some activations lie beyond the ends of the colours.
    pub fn clips(&self) -> bool {
        self.minimum < self.low || self.maximum > self.high
    }
}

/// The quantile of sorted values, with linear interpolation between neighbours (Hyndman and Fan's
/// type 7, which is NumPy's default).
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let position = share * sorted.len().saturating_sub(1) as f64;
    let below = *sorted.get(position.floor() as usize)?;
    let above = *sorted.get(position.ceil() as usize)?;
    Some(below + (above - below) * position.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn min_max_spans_what_there_is() {
        let scale = Scale::new([2.0, -1.0, 5.0, f32::NAN], Scaling::MinMax).unwrap();
        assert_eq!((scale.low, scale.high), (-1.0, 5.0));
        assert_eq!(scale.share(2.0), Some(0.5));
        assert_eq!(scale.shade(5.0), Some(SHADES - 1));
        assert_eq!(scale.shade(f32::NAN), None);
        assert!(!scale.clips());
    }

    #[test]
    fn the_robust_scale_ignores_an_outlier() {
        // numpy.quantile(numpy.append(numpy.arange(100), 1e6), [.02, .98]) is [2, 98].
        let values = (0..100).map(|value| value as f32).chain([1e6]);
        let scale = Scale::new(values, Scaling::Robust).unwrap();
        assert!(
            (scale.low - 2.0).abs() < 1e-9 && (scale.high - 98.0).abs() < 1e-9,
            "{scale:?}"
        );
        assert_eq!(scale.share(1e6), Some(1.0));
        assert!(scale.clips());
    }

    #[test]
    fn equal_values_and_no_values_are_no_trouble() {
        let flat = Scale::new([3.0, 3.0], Scaling::MinMax).unwrap();
        assert_eq!(flat.shade(3.0), Some(0));
        assert_eq!(Scale::new([], Scaling::Robust), None);
        assert_eq!(Scale::new([f32::INFINITY], Scaling::MinMax), None);
    }
}
