//! Which words count as A, B and so on in a test: as observed, or rearranged.

use crate::design::Design;
use crate::permutation::draws::Draws;
use crate::random::Purpose;
use selectron_run::Side;
use selectron_run::pipeline::Statistic;
use selectron_run::vocabulary::Rearrangement;

/// What a statistic compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Each pair's word of A with its word of B.
    Paired,
    /// The words of A with those of B.
    TwoSample,
    /// The words of all categories with one another.
    Several,
}

impl Shape {
    /// The shape of a statistic.
    pub const fn of(statistic: Statistic) -> Self {
        match statistic {
            Statistic::PairedT | Statistic::SignedRank => Self::Paired,
            Statistic::WelchT | Statistic::StudentT | Statistic::RankSum | Statistic::Logit => {
                Self::TwoSample
            }
            Statistic::Anova | Statistic::Kruskal => Self::Several,
        }
    }
}

/// The words of a test, as indices in [`Design::words`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrangement {
    /// What is compared.
    pub shape: Shape,
    /// The words of each category: A and B, or all of them. In a paired arrangement the n-th word
    /// of A belongs to the n-th of B.
    pub groups: Vec<Vec<usize>>,
}

impl Arrangement {
    /// The observed arrangement for a statistic.
    pub fn observed(design: &Design, statistic: Statistic) -> Self {
        let shape = Shape::of(statistic);
        let groups = match shape {
            Shape::Paired => {
                let (a, b) = design.pairs.iter().copied().unzip();
                vec![a, b]
            }
            Shape::TwoSample => Side::BOTH.map(|side| design.side(side).collect()).to_vec(),
            Shape::Several => design
                .groups
                .iter()
                .map(|group| group.range.clone().collect())
                .collect(),
        };
        Self { shape, groups }
    }

    /// The words of a side.
    pub fn side(&self, side: Side) -> &[usize] {
        &self.groups[side.index()]
    }

    /// The words of A.
    pub fn a(&self) -> &[usize] {
        self.side(Side::A)
    }

    /// The words of B.
    pub fn b(&self) -> &[usize] {
        self.side(Side::B)
    }

    /// Number of units: pairs, or words.
    pub fn units(&self) -> usize {
        match self.shape {
            Shape::Paired => self.a().len(),
            _ => self.groups.iter().map(Vec::len).sum(),
        }
    }

    /// Random rearrangements of the units, or all where those are no more than asked for. `purpose`
    /// keeps the random numbers of different uses apart.
    pub fn draws(&self, asked: usize, seed: u64, purpose: Purpose) -> Draws {
        match self.shape {
            Shape::Paired => Draws::flips(self.units(), asked, seed, purpose),
            _ => {
                let sizes: Vec<_> = self.groups.iter().map(Vec::len).collect();
                Draws::labels(&sizes, asked, seed, purpose)
            }
        }
    }

    /// The arrangement that a draw makes.
    #[must_use]
    pub fn rearranged(&self, draws: &Draws, draw: usize) -> Self {
        let sets = draws.bits(draw);
        let mut groups = vec![Vec::new(); self.groups.len()];
        match draws.kind() {
            Rearrangement::SignFlips => {
                for ((a, b), kept) in self.a().iter().zip(self.b()).zip(&sets[0]) {
                    let (first, second) = if *kept { (*a, *b) } else { (*b, *a) };
                    groups[Side::A.index()].push(first);
                    groups[Side::B.index()].push(second);
                }
            }
            Rearrangement::LabelShuffles => {
                for (unit, word) in self.groups.iter().flatten().enumerate() {
                    let chosen = sets.iter().position(|set| set[unit]);
                    // A word in none of the sets is of the last category.
                    groups[chosen.unwrap_or(sets.len())].push(*word);
                }
            }
        }
        Self {
            shape: self.shape,
            groups,
        }
    }

    /// The arrangement without one unit.
    #[must_use]
    pub fn without(&self, unit: usize) -> Self {
        let mut groups = self.groups.clone();
        let mut start = 0;
        for group in &mut groups {
            let place = unit.wrapping_sub(start);
            if self.shape != Shape::Paired {
                start += group.len();
            }
            if place < group.len() {
                group.remove(place);
            }
        }
        Self {
            shape: self.shape,
            groups,
        }
    }

    /// The arrangement of the units that are chosen.
    #[must_use]
    pub fn part(&self, chosen: &[bool]) -> Self {
        let mut start = 0;
        let groups = self.groups.iter().map(|group| {
            let chosen = &chosen[start..];
            if self.shape != Shape::Paired {
                start += group.len();
            }
            group
                .iter()
                .zip(chosen)
                .filter(|(_, chosen)| **chosen)
                .map(|(word, _)| *word)
                .collect()
        });
        Self {
            shape: self.shape,
            groups: groups.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paired() -> Arrangement {
        Arrangement {
            shape: Shape::Paired,
            groups: vec![vec![0, 1, 2], vec![3, 4, 5]],
        }
    }

    fn several() -> Arrangement {
        Arrangement {
            shape: Shape::Several,
            groups: vec![vec![0, 1], vec![2, 3, 4], vec![5]],
        }
    }

    #[test]
    fn every_flip_keeps_the_pairs() {
        let draws = paired().draws(8, 1, Purpose::Nulls);
        assert!(draws.complete());
        for draw in 0..8 {
            let flipped = paired().rearranged(&draws, draw);
            for (a, b) in flipped.a().iter().zip(flipped.b()) {
                assert_eq!(a.abs_diff(*b), 3);
            }
        }
    }

    #[test]
    fn every_shuffle_keeps_the_sizes_and_the_words() {
        for asked in [10, 60] {
            let draws = several().draws(asked, 1, Purpose::Nulls);
            // 6! / (2! 3! 1!) = 60 ways.
            assert_eq!((draws.complete(), draws.count()), (asked == 60, asked));
            let mut seen = Vec::new();
            for draw in 0..draws.count() {
                let shuffled = several().rearranged(&draws, draw);
                let sizes: Vec<_> = shuffled.groups.iter().map(Vec::len).collect();
                assert_eq!(sizes, [2, 3, 1]);
                let mut words = shuffled.groups.concat();
                words.sort_unstable();
                assert_eq!(words, [0, 1, 2, 3, 4, 5]);
                seen.push(shuffled.groups);
            }
            seen.sort();
            seen.dedup();
            assert!(asked < 60 || seen.len() == 60);
        }
    }

    #[test]
    fn units_can_be_left_out() {
        assert_eq!(paired().without(1).groups, [vec![0, 2], vec![3, 5]]);
        assert_eq!(
            several().without(3).groups,
            [vec![0, 1], vec![2, 4], vec![5]]
        );
        assert_eq!(
            paired().part(&[true, false, true]).groups,
            [vec![0, 2], vec![3, 5]]
        );
        let half = several().part(&[false, true, true, false, false, true]);
        assert_eq!(half.groups, [vec![1], vec![2], vec![5]]);
    }
}
