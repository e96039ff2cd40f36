//! The first statistic of the run, which the figures show.

use selectron_run::pipeline::Statistic;
use selectron_tables::rows::TValueRow;

/// What the column `t` of the tests holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// The statistic.
    pub statistic: Statistic,
    /// Its letter.
    pub symbol: &'static str,
    /// Whether its sign tells which category is higher.
    pub signed: bool,
    /// Whether it tests pairs of words.
    pub paired: bool,
}

impl Measure {
    /// The measure of a statistic.
    pub fn of(statistic: Statistic) -> Self {
        let (symbol, signed, paired) = match statistic {
            Statistic::PairedT => ("t", true, true),
            Statistic::WelchT | Statistic::StudentT => ("t", true, false),
            Statistic::SignedRank => ("z", true, true),
            Statistic::RankSum | Statistic::Logit => ("z", true, false),
            Statistic::Anova => ("F", false, false),
            Statistic::Kruskal => ("H", false, false),
        };
        Self {
            statistic,
            symbol,
            signed,
            paired,
        }
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
        let preference = |statistic, row| Measure::of(statistic).preference(row);
        assert_eq!(preference(Statistic::Anova, &row), Some(-3.0));
        assert_eq!(preference(Statistic::PairedT, &row), Some(3.0));
        assert_eq!(preference(Statistic::Kruskal, &TValueRow::default()), None);
    }
}
