//! Means and variances in two passes, each corrected for its own rounding.

/// Mean and spread of some numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// How many there are.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// What the mean lost when it was rounded to a double: the mean is `mean + rest`.
    pub rest: f64,
    /// Sum of squared deviations from the mean; exactly 0 if and only if all are equal (or there are
    /// fewer than two).
    pub squares: f64,
}

impl Moments {
    /// Two passes, the second with the correction of Chan, Golub and LeVeque (1983) for the rounding
    /// error of the mean.
    ///
    /// Numbers that are all the same have a spread of exactly 0, whatever the rounding of their mean;
    /// numbers that differ at all have one above 0, however small. No threshold decides between the
    /// two.
    pub fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let (n, sum) = values
            .clone()
            .fold((0_usize, 0.0), |(n, sum), x| (n + 1, sum + x));
        let Some(first) = values.clone().next() else {
            return Self {
                n: 0,
                mean: 0.0,
                rest: 0.0,
                squares: 0.0,
            };
        };
        if values.clone().all(|x| x == first) {
            return Self {
                n,
                mean: first,
                rest: 0.0,
                squares: 0.0,
            };
        }
        let count = n as f64;
        let rough = sum / count;
        let (slip, squares) = values.fold((0.0, 0.0), |(slip, squares), x| {
            let deviation: f64 = x - rough;
            (slip + deviation, squares + deviation * deviation)
        });
        // The sum of the rough mean and its correction, and what rounding takes from that (Dekker
        // 1971).
        let correction = slip / count;
        let mean = rough + correction;
        let rest = (rough - mean) + correction;
        Self {
            n,
            mean,
            rest,
            squares: squares - slip * correction,
        }
    }

    /// The difference of two means, with the digits that each lost to rounding.
    pub fn minus(&self, other: &Self) -> f64 {
        (self.mean - other.mean) + (self.rest - other.rest)
    }

    /// Variance with n - 1; of fewer than two numbers there is none.
    pub fn variance(&self) -> Option<f64> {
        (self.n >= 2).then(|| self.squares / (self.n - 1) as f64)
    }
}

/// Degrees of freedom of Welch (1947) and Satterthwaite (1946), from the squared standard errors of
/// both means. Written with their shares, so that tiny variances do not underflow when squared.
pub fn welch_df(of_a: f64, n_a: f64, of_b: f64, n_b: f64) -> f64 {
    let share = of_a / (of_a + of_b);
    let rest = of_b / (of_a + of_b);
    1.0 / (share * share / (n_a - 1.0) + rest * rest / (n_b - 1.0))
}

/// Pearson's correlation of pairs; none where one side does not vary.
pub fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let of_x = Moments::of(pairs.iter().map(|(x, _)| *x));
    let of_y = Moments::of(pairs.iter().map(|(_, y)| *y));
    let products: f64 = pairs
        .iter()
        .map(|(x, y)| (x - of_x.mean) * (y - of_y.mean))
        .sum();
    let scale = (of_x.squares * of_y.squares).sqrt();
    (scale > 0.0).then(|| products / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_have_no_spread_and_others_do() {
        // 0.1 is not a double: ten of them do not sum to 1.
        assert_eq!(Moments::of([0.1; 10].into_iter()).squares, 0.0);
        let close = [1.0, 1.0 + f64::EPSILON, 1.0];
        assert!(Moments::of(close.into_iter()).squares > 0.0);
        assert_eq!(Moments::of(std::iter::empty()).variance(), None);
        assert_eq!(Moments::of([3.0].into_iter()).variance(), None);
    }

    #[test]
    fn a_large_offset_leaves_the_variance() {
        let values = [1e8 + 1.0, 1e8 + 2.0, 1e8 + 3.0, 1e8 + 4.0];
        let moments = Moments::of(values.into_iter());
        assert_eq!(moments.mean, 1e8 + 2.5);
        assert_eq!(moments.variance(), Some(5.0 / 3.0));
    }
}
