//! Rotary position embedding, in place.

use super::tasks::vectorised;
use rayon::prelude::*;

/// Turns the i-th value of the rotated part of each head together with the one half the part's width
/// further on.
///
/// # Shapes
/// - `values`: `[rows, row]`, a row being heads of `width` side by side
/// - `positions`: `[rows]`
/// - `cos`, `sin`: `[longest, half]`, with `2 half <= width`
pub(crate) fn rotate(
    values: &mut [f32],
    cos: &[f32],
    sin: &[f32],
    positions: &[usize],
    [row, width, half]: [usize; 3],
) {
    let rows = values.par_chunks_mut(row).zip(positions);
    rows.with_min_len(16).for_each(|(row, position)| {
        let angles = position * half..(position + 1) * half;
        let (cos, sin) = (&cos[angles.clone()], &sin[angles]);
        vectorised(
            #[inline(always)]
            || {
                for head in row.chunks_mut(width) {
                    let (a, rest) = head.split_at_mut(half);
                    for (((a, b), cos), sin) in a.iter_mut().zip(rest).zip(cos).zip(sin) {
                        (*a, *b) = (*a * cos - *b * sin, *b * cos + *a * sin);
                    }
                }
            },
        );
    });
}
