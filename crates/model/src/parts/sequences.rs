//! How the rows of a batch make up sequences.

/// Sequences whose tokens stand one after the other as the rows of a batch.
///
/// All may begin alike: with a beginning-of-sequence token, or the words of a carrier. In a model
/// whose positions see only what comes before them these tokens have the same activations in every
/// sequence; they are then computed once, as the first rows, and the sequences' own tokens follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequences {
    own: Vec<usize>,
    prefix: usize,
}

impl Sequences {
    /// Sequences of `own` tokens each after `prefix` tokens that they share.
    pub fn new(own: Vec<usize>, prefix: usize) -> Self {
        Self { own, prefix }
    }

    /// Tokens of each sequence after the shared ones.
    pub fn own(&self) -> &[usize] {
        &self.own
    }

    /// Tokens that all begin with, and that stand once as the first rows.
    pub fn prefix(&self) -> usize {
        self.prefix
    }

    /// Rows of the batch.
    pub fn rows(&self) -> usize {
        self.prefix + self.own.iter().sum::<usize>()
    }

    /// The length that all sequences have, if it is one and nothing is shared.
    pub fn uniform(&self) -> Option<usize> {
        let first = *self.own.first()?;
        let alike = self.prefix == 0 && self.own.iter().all(|own| *own == first);
        alike.then_some(first)
    }

    /// The position of each row in its sequence.
    pub fn positions(&self) -> impl Iterator<Item = usize> + '_ {
        let own = |own: &usize| self.prefix..self.prefix + own;
        (0..self.prefix).chain(self.own.iter().flat_map(own))
    }

    /// The row at which each sequence's own tokens begin.
    pub fn starts(&self) -> impl Iterator<Item = usize> + '_ {
        self.own.iter().scan(self.prefix, |next, own| {
            let start = *next;
            *next += own;
            Some(start)
        })
    }

    /// Length of the longest sequence, what it shares included.
    pub fn longest(&self) -> usize {
        self.prefix + self.own.iter().copied().max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_count_the_shared_tokens_once() {
        let sequences = Sequences::new(vec![2, 1, 3], 2);
        assert_eq!(sequences.rows(), 8);
        assert_eq!(sequences.longest(), 5);
        assert_eq!(sequences.uniform(), None);
        let positions: Vec<_> = sequences.positions().collect();
        assert_eq!(positions, [0, 1, 2, 3, 2, 2, 3, 4]);
        assert_eq!(sequences.starts().collect::<Vec<_>>(), [2, 4, 5]);
        assert_eq!(Sequences::new(vec![3, 3], 0).uniform(), Some(3));
        assert_eq!(Sequences::new(vec![3, 3], 1).uniform(), None);
    }
}
