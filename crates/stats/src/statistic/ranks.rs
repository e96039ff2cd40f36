//! Ranks of numbers, equal ones sharing the mean of theirs.

/// Ranks and what is known of ties.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranks {
    /// Rank of each number, from 1; of equal numbers the mean of the ranks they take up.
    pub ranks: Vec<f64>,
    /// Sum over groups of equal numbers of size^3 - size; 0 where all differ.
    pub ties: f64,
}

/// Ranks some numbers. None if one of them is not finite.
pub fn rank(numbers: &[f64]) -> Option<Ranks> {
    if numbers.iter().any(|x| !x.is_finite()) {
        return None;
    }
    let mut order: Vec<(f64, usize)> = numbers
        .iter()
        .enumerate()
        .map(|(index, x)| (*x, index))
        .collect();
    order.sort_unstable_by(|(x, _), (y, _)| x.total_cmp(y));
    let mut ranks = vec![0.0; numbers.len()];
    let mut ties = 0.0;
    let mut below = 0.0;
    // `==` joins -0 and 0, which `total_cmp` leaves side by side.
    for group in order.chunk_by(|(x, _), (y, _)| x == y) {
        let size = group.len() as f64;
        for (_, index) in group {
            ranks[*index] = below + 0.5 * (size + 1.0);
        }
        below += size;
        ties += size * size * size - size;
    }
    Some(Ranks { ranks, ties })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_share_their_ranks() {
        let found = rank(&[3.0, -1.0, 3.0, 0.0, -0.0, 3.0]).unwrap();
        assert_eq!(found.ranks, [5.0, 1.0, 5.0, 2.5, 2.5, 5.0]);
        assert_eq!(found.ties, 24.0 + 6.0);
        assert_eq!(rank(&[1.0, f64::NAN]), None);
    }
}
