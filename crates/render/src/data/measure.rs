//! The first statistic of the run, which the figures show.

use selectron_tables::rows::TValueRow;

/// What the column `t` of the tests holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// Its letter.
    pub symbol: &'static str,
    /// Whether its sign tells which category is higher.
    pub signed: bool,
}

impl Measure {
    /// The measure of a statistic, by its name in the pipeline file.
    pub fn of(statistic: &str) -> Self {
        let (symbol, signed) = match statistic {
            "rank-sum" | "signed-rank" | "logit" => ("z", true),
            "anova" => ("F", false),
            "kruskal" => ("H", false),
            _ => ("t", true),
        };
        Self { symbol, signed }
    }

    /// How strongly a neuron prefers A (positive) or B (negative): the measure, with the sign of the
    /// mean difference where it has none of its own. `None` where it is undefined.
    pub fn preference(self, row: &TValueRow) -> Option<f64> {
        let t = row.t?;
        Some(if self.signed {
            t
        } else {
            t.copysign(row.mean_diff)
        })
    }

    /// A value with its letter, such as `t = 8.37`; the spaces do not break.
    pub fn equals(self, value: &str) -> String {
        format!("{}\u{a0}=\u{a0}{value}", self.symbol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unsigned_measure_takes_the_sign_of_the_difference() {
        let row = TValueRow {
            t: Some(3.0),
            mean_diff: -0.5,
            ..TValueRow::default()
        };
        assert_eq!(Measure::of("anova").preference(&row), Some(-3.0));
        assert_eq!(Measure::of("paired-t").preference(&row), Some(3.0));
        assert_eq!(
            Measure::of("kruskal").preference(&TValueRow::default()),
            None
        );
    }
}
