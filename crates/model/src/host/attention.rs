//! Multi-head attention without the matrix of all scores.
//!
//! A few queries are scored against all keys that they reach, which fits the first-level cache; the
//! scores become weights there and are spent on the values at once. What a query does not reach is
//! never computed.

use super::lanes::{dot, exp, highest, sum};
use super::vectorised;
use crate::parts::Heads;
use pulp::{Simd, WithSimd};
use rayon::prelude::*;
use std::ops::Range;

/// Queries that are scored together: each key is loaded once for all of them.
const QUERIES: usize = 6;

/// Keys that lie side by side once packed, and values of a head that are summed side by side: with
/// [`QUERIES`] rows as many sums as keep the processor busy.
const SIDE_BY_SIDE: usize = 32;

/// Queries of one task, a multiple of [`QUERIES`]: their keys and values stay in the second-level
/// cache.
const TASK_QUERIES: usize = 60;

/// Sequences shorter than this are attended to pair by pair: packing would mostly pack nothing.
const SHORT: usize = 16;

/// Attention over sequences of equal length.
///
/// # Shapes
/// - `q` and the result: `[batch, length, query heads x width]`
/// - `k`, `v`: `[batch, length, key heads x width]`
pub(crate) fn attend(heads: &Heads, length: usize, q: &[f32], k: &[f32], v: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0; q.len()];
    let row = heads.counts.query_width().max(1);
    let key_row = heads.counts.key_value_width().max(1);
    let length = length.max(1);
    if length < SHORT {
        let sequences = out
            .par_chunks_mut(length * row)
            .zip(q.par_chunks(length * row));
        let keys = k
            .par_chunks(length * key_row)
            .zip(v.par_chunks(length * key_row));
        sequences
            .zip(keys)
            .with_min_len(8)
            .for_each(|((out, q), (k, v))| {
                vectorised(
                    #[inline(always)]
                    || short(heads, out, q, k, v),
                );
            });
        return out;
    }
    let packed = Packed::new(heads, length, k);
    out.par_chunks_mut(length * row)
        .zip(q.par_chunks(length * row))
        .zip(v.par_chunks(length * key_row))
        .enumerate()
        .for_each(|(sequence, ((out, q), v))| {
            out.par_chunks_mut(TASK_QUERIES * row)
                .zip(q.par_chunks(TASK_QUERIES * row))
                .enumerate()
                .for_each(|(task, (out, q))| {
                    pulp::Arch::new().dispatch(Task {
                        heads,
                        length,
                        packed: &packed,
                        sequence,
                        v,
                        first: task * TASK_QUERIES,
                        q,
                        out,
                    });
                });
        });
    out
}

/// The keys that a query at `position` reaches.
#[inline(always)]
fn reach(heads: &Heads, length: usize, position: usize) -> Range<usize> {
    let to = if heads.causal { position + 1 } else { length };
    let from = heads
        .window
        .map_or(0, |window| (position + 1).saturating_sub(window));
    from.min(to)..to
}

/// Turns scores into weights that are still to be divided by their sum, which is returned.
#[inline(always)]
fn weigh(scores: &mut [f32]) -> f32 {
    let highest = highest(scores);
    for score in scores.iter_mut() {
        *score = exp(*score - highest);
    }
    sum(scores, |weight| weight)
}

/// One short sequence, pair by pair.
#[inline(always)]
fn short(heads: &Heads, out: &mut [f32], q: &[f32], k: &[f32], v: &[f32]) {
    let counts = heads.counts;
    let (row, key_row, width) = (counts.query_width(), counts.key_value_width(), counts.width);
    let length = q.len() / row.max(1);
    let group = counts.query / counts.key_value.max(1);
    let mut scores = [0.0_f32; SHORT];
    for position in 0..length {
        let reach = reach(heads, length, position);
        for head in 0..counts.query {
            let at = position * row + head * width;
            let key_at = head / group.max(1) * width;
            let query = &q[at..at + width];
            let scores = &mut scores[..reach.len()];
            for (score, key) in scores.iter_mut().zip(reach.clone()) {
                let key = key * key_row + key_at;
                *score = dot(query, &k[key..key + width]) * heads.scale as f32;
            }
            let total = weigh(scores);
            let out = &mut out[at..at + width];
            for (weight, key) in scores.iter().zip(reach.clone()) {
                let weight = weight / total;
                let key = key * key_row + key_at;
                for (out, value) in out.iter_mut().zip(&v[key..key + width]) {
                    *out = weight.mul_add(*value, *out);
                }
            }
        }
    }
}

/// Keys in blocks of [`SIDE_BY_SIDE`], the n-th values of all keys of a block side by side.
struct Packed {
    /// `[batch, key heads, blocks, width, SIDE_BY_SIDE]`, filled up with zeros.
    values: Vec<f32>,
    /// Values of one head of one sequence.
    of_head: usize,
}

impl Packed {
    fn new(heads: &Heads, length: usize, k: &[f32]) -> Self {
        let counts = heads.counts;
        let key_row = counts.key_value_width();
        let block = counts.width * SIDE_BY_SIDE;
        let of_head = length.div_ceil(SIDE_BY_SIDE) * block;
        let batch = k.len() / (length * key_row).max(1);
        let mut values = vec![0.0; batch * counts.key_value * of_head];
        values
            .par_chunks_mut(of_head.max(1))
            .enumerate()
            .for_each(|(index, packed)| {
                let (sequence, head) = (index / counts.key_value, index % counts.key_value);
                for position in 0..length {
                    let at = (sequence * length + position) * key_row + head * counts.width;
                    let key = &k[at..at + counts.width];
                    let (block_index, place) = (position / SIDE_BY_SIDE, position % SIDE_BY_SIDE);
                    let start = block_index * block + place;
                    for (n, value) in key.iter().enumerate() {
                        packed[start + n * SIDE_BY_SIDE] = *value;
                    }
                }
            });
        Self { values, of_head }
    }

    #[inline(always)]
    fn head(&self, index: usize) -> &[[f32; SIDE_BY_SIDE]] {
        let head = &self.values[index * self.of_head..(index + 1) * self.of_head];
        head.as_chunks().0
    }
}

/// A few neighbouring queries of one head in a long sequence.
struct Few<'a> {
    heads: &'a Heads,
    length: usize,
    /// The keys of the head.
    keys: &'a [[f32; SIDE_BY_SIDE]],
    /// `[length, key heads x width]`, from the head's first value on.
    values: &'a [f32],
    /// The position of each query; where there are fewer than [`QUERIES`] the last stands again.
    positions: [usize; QUERIES],
    /// The head's values of each query.
    rows: [&'a [f32]; QUERIES],
}

/// The queries of one task in a long sequence, all heads of them.
struct Task<'a> {
    heads: &'a Heads,
    length: usize,
    packed: &'a Packed,
    sequence: usize,
    /// `[length, key heads x width]`
    v: &'a [f32],
    /// Position of the first query.
    first: usize,
    /// `[queries, query heads x width]`
    q: &'a [f32],
    /// As `q`.
    out: &'a mut [f32],
}

impl WithSimd for Task<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let counts = self.heads.counts;
        let (row, width) = (counts.query_width(), counts.width);
        let queries = self.q.len() / row;
        let group = (counts.query / counts.key_value.max(1)).max(1);
        let padded = self.length.next_multiple_of(SIDE_BY_SIDE);
        let mut scores = vec![0.0_f32; QUERIES * padded];
        for head in 0..counts.query {
            let key_head = head / group;
            for at in (0..queries).step_by(QUERIES) {
                let last = queries - 1;
                let rows = std::array::from_fn(|i| {
                    let start = (at + i).min(last) * row + head * width;
                    &self.q[start..start + width]
                });
                let few = Few {
                    heads: self.heads,
                    length: self.length,
                    keys: self
                        .packed
                        .head(self.sequence * counts.key_value + key_head),
                    values: &self.v[key_head * width..],
                    positions: std::array::from_fn(|i| self.first + (at + i).min(last)),
                    rows,
                };
                let reach = few.score(simd, padded, &mut scores);
                let factors = few.weigh(reach.clone(), padded, &mut scores);
                for from in (0..width).step_by(SIDE_BY_SIDE) {
                    let to = width.min(from + SIDE_BY_SIDE);
                    let sums = few.mix(simd, reach.clone(), padded, &scores, from..to);
                    for i in 0..QUERIES.min(queries - at) {
                        let start = (at + i) * row + head * width;
                        let out = &mut self.out[start + from..start + to];
                        for (out, sum) in out.iter_mut().zip(&sums[i]) {
                            *out = sum * factors[i];
                        }
                    }
                }
            }
        }
    }
}

impl Few<'_> {
    /// Scores the queries against the keys that any of them reaches, which are returned, from the
    /// beginning of a block.
    #[inline(always)]
    fn score<S: Simd>(&self, simd: S, padded: usize, scores: &mut [f32]) -> Range<usize> {
        let width = self.heads.counts.width;
        let scale = simd.splat_f32s(self.heads.scale as f32);
        let first = reach(self.heads, self.length, self.positions[0]);
        let last = reach(self.heads, self.length, self.positions[QUERIES - 1]);
        let blocks = first.start / SIDE_BY_SIDE..last.end.div_ceil(SIDE_BY_SIDE);
        let rows = self.rows.map(|row| &row[..width]);
        for block in blocks.clone() {
            let keys = &self.keys[block * width..(block + 1) * width];
            for pair in 0..SIDE_BY_SIDE / (2 * S::F32_LANES) {
                let mut sums = [[simd.splat_f32s(0.0); 2]; QUERIES];
                for (n, keys) in keys.iter().enumerate() {
                    let keys = two::<S>(keys, pair);
                    for i in 0..QUERIES {
                        let value = simd.splat_f32s(rows[i][n]);
                        sums[i][0] = simd.mul_add_f32s(value, keys[0], sums[i][0]);
                        sums[i][1] = simd.mul_add_f32s(value, keys[1], sums[i][1]);
                    }
                }
                for (i, sums) in sums.iter().enumerate() {
                    let start = i * padded + block * SIDE_BY_SIDE + pair * 2 * S::F32_LANES;
                    let scores = &mut scores[start..start + 2 * S::F32_LANES];
                    let (scores, _) = S::as_mut_simd_f32s(scores);
                    for (score, sum) in scores.iter_mut().zip(sums) {
                        *score = simd.mul_f32s(*sum, scale);
                    }
                }
            }
        }
        blocks.start * SIDE_BY_SIDE..last.end
    }

    /// Turns each query's scores into weights, 0 for keys that only others reach; returns what each
    /// query's weights are to be multiplied by to sum to 1.
    #[inline(always)]
    fn weigh(&self, reached: Range<usize>, padded: usize, scores: &mut [f32]) -> [f32; QUERIES] {
        let mut factors = [0.0; QUERIES];
        // A closure here would be compiled without the vector instructions.
        for (i, factor) in factors.iter_mut().enumerate() {
            let own = reach(self.heads, self.length, self.positions[i]);
            let scores = &mut scores[i * padded..(i + 1) * padded];
            scores[reached.start..own.start].fill(0.0);
            scores[own.end..reached.end].fill(0.0);
            *factor = 1.0 / weigh(&mut scores[own]);
        }
        factors
    }

    /// Sums a range of each head's values, at most [`SIDE_BY_SIDE`], over the keys by the queries'
    /// weights.
    #[inline(always)]
    fn mix<S: Simd>(
        &self,
        simd: S,
        reached: Range<usize>,
        padded: usize,
        weights: &[f32],
        part: Range<usize>,
    ) -> [[f32; SIDE_BY_SIDE]; QUERIES] {
        let key_row = self.heads.counts.key_value_width();
        let weights: [&[f32]; QUERIES] =
            std::array::from_fn(|i| &weights[i * padded..i * padded + reached.end]);
        let mut out = [[0.0; SIDE_BY_SIDE]; QUERIES];
        for pair in 0..part.len().div_ceil(2 * S::F32_LANES) {
            let mut sums = [[simd.splat_f32s(0.0); 2]; QUERIES];
            for key in reached.clone() {
                let start = key * key_row + part.start;
                let values = &self.values[start..start + part.len()];
                let values = match values.first_chunk() {
                    Some(values) => two::<S>(values, pair),
                    None => partial_two(simd, values, pair),
                };
                for i in 0..QUERIES {
                    let weight = simd.splat_f32s(weights[i][key]);
                    sums[i][0] = simd.mul_add_f32s(weight, values[0], sums[i][0]);
                    sums[i][1] = simd.mul_add_f32s(weight, values[1], sums[i][1]);
                }
            }
            for (out, sums) in out.iter_mut().zip(&sums) {
                let (out, _) = S::as_mut_simd_f32s(out);
                out[2 * pair] = sums[0];
                out[2 * pair + 1] = sums[1];
            }
        }
        out
    }
}

/// The `pair`-th two vectors of a full row.
#[inline(always)]
fn two<S: Simd>(row: &[f32; SIDE_BY_SIDE], pair: usize) -> [S::f32s; 2] {
    let (vectors, _) = S::as_simd_f32s(row);
    [vectors[2 * pair], vectors[2 * pair + 1]]
}

/// The `pair`-th two vectors of a row that ends early, filled up with zeros.
#[inline(always)]
fn partial_two<S: Simd>(simd: S, row: &[f32], pair: usize) -> [S::f32s; 2] {
    [2 * pair, 2 * pair + 1].map(|vector| {
        let start = (vector * S::F32_LANES).min(row.len());
        let end = (start + S::F32_LANES).min(row.len());
        simd.partial_load_f32s(&row[start..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::HeadCounts;
    use proptest::prelude::*;

    /// Softmax attention, score by score, in double precision.
    fn plain(heads: &Heads, length: usize, q: &[f32], k: &[f32], v: &[f32]) -> Vec<f64> {
        let counts = heads.counts;
        let (row, key_row) = (counts.query_width(), counts.key_value_width());
        let mut out = vec![0.0; q.len()];
        for at in 0..q.len() / row {
            let (sequence, position) = (at / length, at % length);
            for head in 0..counts.query {
                let place = at * row + head * counts.width;
                let key_place = |key: usize| {
                    (sequence * length + key) * key_row
                        + head / (counts.query / counts.key_value) * counts.width
                };
                let reaches = |key: &usize| {
                    (!heads.causal || *key <= position)
                        && heads.window.is_none_or(|window| key + window > position)
                };
                let scores: Vec<(usize, f64)> = (0..length)
                    .filter(reaches)
                    .map(|key| {
                        let pairs = (0..counts.width)
                            .map(|n| f64::from(q[place + n]) * f64::from(k[key_place(key) + n]));
                        (key, (pairs.sum::<f64>() * heads.scale).exp())
                    })
                    .collect();
                let total: f64 = scores.iter().map(|(_, weight)| weight).sum();
                for (key, weight) in scores {
                    for n in 0..counts.width {
                        out[place + n] += weight / total * f64::from(v[key_place(key) + n]);
                    }
                }
            }
        }
        out
    }

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * 7919 + seed * 104_729) % 2003) as f32 / 1001.5 - 1.0)
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_length_reach_and_width_gives_what_the_definition_gives(
            batch in 1_usize..3,
            length in 1_usize..150,
            key_value in 1_usize..3,
            group in 1_usize..3,
            width in 1_usize..70,
            causal: bool,
            window in proptest::option::of(1_usize..80),
        ) {
            let heads = Heads {
                counts: HeadCounts { query: key_value * group, key_value, width },
                scale: 0.7,
                causal,
                // Only causal models have a window.
                window: window.filter(|_| causal),
            };
            let q = numbers(batch * length * heads.counts.query_width(), 1);
            let k = numbers(batch * length * heads.counts.key_value_width(), 2);
            let v = numbers(batch * length * heads.counts.key_value_width(), 3);
            let found = attend(&heads, length, &q, &k, &v);
            for (found, expected) in found.iter().zip(plain(&heads, length, &q, &k, &v)) {
                prop_assert!((f64::from(*found) - expected).abs() < 1e-5, "{found} {expected}");
            }
        }
    }
}
