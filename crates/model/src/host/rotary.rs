//! Rotary position embedding, in place.

use super::vectorised;
use rayon::prelude::*;

/// Turns the i-th value of the rotated part of each head together with the one half the part's width
/// further on.
///
/// # Shapes
/// - `values`: `[batch, length, row]`, a row being heads of `width` side by side
/// - `cos`, `sin`: `[length, half]`, with `2 half <= width`
pub(crate) fn rotate(
    values: &mut [f32],
    cos: &[f32],
    sin: &[f32],
    [length, row, width]: [usize; 3],
) {
    let half = cos.len() / length.max(1);
    let (row, width) = (row.max(1), width.max(1));
    values
        .par_chunks_mut(row)
        .enumerate()
        .for_each(|(index, row)| {
            let position = index % length.max(1);
            let angles = position * half..(position + 1) * half;
            let (Some(cos), Some(sin)) = (cos.get(angles.clone()), sin.get(angles)) else {
                return;
            };
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
