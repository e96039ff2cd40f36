//! How the rows of a batch make up sequences.

/// Sequences whose tokens follow one another as the rows of a batch.
///
/// All may begin alike: with a beginning-of-sequence token, or the words of a carrier. In a model
/// whose positions see only what comes before them these tokens have the same activations in every
/// sequence; they are then computed once, as the first rows, and the sequences' own tokens follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequences {
    prefix: usize,
    own: Vec<usize>,
    /// The row at which each sequence's own tokens begin.
    starts: Vec<usize>,
    rows: usize,
}

impl Sequences {
    /// Sequences of `own` tokens each after `prefix` tokens that they share.
    ///
    /// # Panics
    /// When there is no sequence.
    pub fn new(own: Vec<usize>, prefix: usize) -> Self {
        assert!(!own.is_empty(), "a batch without sequences");
        let mut rows = prefix;
        let mut starts = Vec::with_capacity(own.len());
        for length in &own {
            starts.push(rows);
            rows += length;
        }
        Self {
            prefix,
            own,
            starts,
            rows,
        }
    }

    /// Number of sequences.
    pub fn count(&self) -> usize {
        self.own.len()
    }

    /// Tokens of each sequence after the shared ones.
    pub fn own(&self) -> &[usize] {
        &self.own
    }

    /// Tokens that all begin with, and that are the first rows, once.
    pub fn prefix(&self) -> usize {
        self.prefix
    }

    /// Rows of the batch.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The length that all sequences have, if it is one and nothing is shared.
    pub fn uniform(&self) -> Option<usize> {
        let first = self.own[0];
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
        self.starts.iter().copied()
    }

    /// The row of one token of one sequence, shared tokens counted.
    ///
    /// # Panics
    /// When there is no such sequence or token.
    pub fn row(&self, sequence: usize, token: usize) -> usize {
        let length = self.prefix + self.own[sequence];
        assert!(
            token < length,
            "token {token} of sequence {sequence}, which has {length}"
        );
        match token.checked_sub(self.prefix) {
            None => token,
            Some(own) => self.starts[sequence] + own,
        }
    }

    /// Length of the longest sequence, what it shares included.
    pub fn longest(&self) -> usize {
        self.prefix + self.own.iter().fold(0, |longest, own| longest.max(*own))
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
        let last: Vec<_> = (0..5).map(|token| sequences.row(2, token)).collect();
        assert_eq!(last, [0, 1, 5, 6, 7]);
        assert_eq!(Sequences::new(vec![3, 3], 0).uniform(), Some(3));
        assert_eq!(Sequences::new(vec![3, 3], 1).uniform(), None);
    }

    #[test]
    #[should_panic(expected = "token 3 of sequence 1, which has 3")]
    fn a_token_of_the_next_sequence_is_not_taken_for_ones_own() {
        Sequences::new(vec![2, 1, 3], 2).row(1, 3);
    }
}
