//! Multi-head attention without the matrix of all scores.
//!
//! A few queries are scored against all keys that they reach, which fits the first-level cache; the
//! scores become weights there and are spent on the values at once. What a query does not reach is
//! never computed.

use super::lanes::{dot, exp, highest, sum};
use crate::spec::heads::Heads;
use crate::spec::sequences::Sequences;
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

/// Up to how many tokens sequences may have, shared ones included, for [`attend`] to take any that
/// are shared.
pub(crate) const LONGEST_SHARING: usize = SHORT - 1;

/// Attention within each sequence of a batch. Only short sequences can share tokens.
///
/// # Shapes
/// - `q` and the result: `[rows, query heads x width]`
/// - `k`, `v`: `[rows, key heads x width]`
pub(crate) fn attend(
    heads: &Heads,
    sequences: &Sequences,
    q: &[f32],
    k: &[f32],
    v: &[f32],
) -> Vec<f32> {
    let mut out = vec![0.0; q.len()];
    let row = heads.counts.query_width();
    let packed = Packed::new(heads, sequences, k);
    let mut tasks = Vec::new();
    let mut rest = out.as_mut_slice();
    if sequences.prefix() > 0 {
        let (own, others) = rest.split_at_mut(sequences.prefix() * row);
        rest = others;
        let place = Rows {
            start: 0,
            length: sequences.prefix(),
            shared: 0,
        };
        tasks.push(Task::Short(place, own));
    }
    let places = sequences.starts().zip(sequences.own());
    for (index, (start, length)) in places.enumerate() {
        let (own, others) = rest.split_at_mut(length * row);
        rest = others;
        let place = Rows {
            start,
            length: *length,
            shared: sequences.prefix(),
        };
        match &packed.heads[index] {
            Some(keys) => {
                let queries = own.chunks_mut(TASK_QUERIES * row).enumerate();
                tasks.extend(queries.map(|(task, out)| {
                    Task::Long(Long {
                        place,
                        first: task * TASK_QUERIES,
                        keys: keys.clone(),
                        out,
                    })
                }));
            }
            None => tasks.push(Task::Short(place, own)),
        }
    }
    let all = All {
        heads,
        packed: &packed.values,
        q,
        k,
        v,
    };
    tasks.into_par_iter().with_min_len(4).for_each(|task| {
        pulp::Arch::new().dispatch(Work { all: &all, task });
    });
    out
}

/// The rows of a sequence.
#[derive(Debug, Clone, Copy)]
struct Rows {
    /// The first of its own rows.
    start: usize,
    /// Its own rows.
    length: usize,
    /// Rows that it shares with all others: the first of the batch.
    shared: usize,
}

/// What all tasks read.
struct All<'a> {
    heads: &'a Heads,
    packed: &'a [f32],
    /// `[rows, query heads x width]`
    q: &'a [f32],
    /// `[rows, key heads x width]`
    k: &'a [f32],
    /// `[rows, key heads x width]`
    v: &'a [f32],
}

/// A piece of work, with the rows of the result that are its own.
enum Task<'a> {
    /// A short sequence.
    Short(Rows, &'a mut [f32]),
    Long(Long<'a>),
}

/// Some queries of a long sequence, all heads of them.
struct Long<'a> {
    place: Rows,
    /// Position of the first query.
    first: usize,
    /// Where the sequence's packed keys are, all heads of them.
    keys: Range<usize>,
    out: &'a mut [f32],
}

struct Work<'a, 'b> {
    all: &'a All<'a>,
    task: Task<'b>,
}

impl WithSimd for Work<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.task {
            Task::Short(place, out) => self.all.short(place, out),
            Task::Long(mut long) => self.all.long(simd, &mut long),
        }
    }
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

/// Keys in blocks of [`SIDE_BY_SIDE`], the n-th values of all keys of a block side by side.
struct Packed {
    /// For each long sequence `[key heads, blocks, width, SIDE_BY_SIDE]`, filled up with zeros.
    values: Vec<f32>,
    /// Where each sequence's keys are; none of a short one.
    heads: Vec<Option<Range<usize>>>,
}

impl Packed {
    fn new(heads: &Heads, sequences: &Sequences, k: &[f32]) -> Self {
        let counts = heads.counts;
        let block = counts.width * SIDE_BY_SIDE;
        let mut end = 0;
        let mut of_sequences = Vec::with_capacity(sequences.own().len());
        for length in sequences.own() {
            let long = sequences.prefix() == 0 && *length >= SHORT;
            of_sequences.push(long.then(|| {
                let start = end;
                end += counts.key_value * length.div_ceil(SIDE_BY_SIDE) * block;
                start..end
            }));
        }
        let mut values = vec![0.0; end];
        let mut tasks = Vec::new();
        let mut rest = values.as_mut_slice();
        let places = sequences.starts().zip(sequences.own()).zip(&of_sequences);
        for ((start, length), range) in places {
            let Some(range) = range else { continue };
            let (own, others) = rest.split_at_mut(range.len());
            rest = others;
            let of_head = own.len() / counts.key_value;
            let by_head = own.chunks_mut(of_head).enumerate();
            tasks.extend(by_head.map(|(head, packed)| (start, *length, head, packed)));
        }
        let key_row = counts.key_value_width();
        tasks
            .into_par_iter()
            .for_each(|(start, length, head, packed)| {
                for position in 0..length {
                    let at = (start + position) * key_row + head * counts.width;
                    let key = &k[at..at + counts.width];
                    let first = position / SIDE_BY_SIDE * block + position % SIDE_BY_SIDE;
                    for (n, value) in key.iter().enumerate() {
                        packed[first + n * SIDE_BY_SIDE] = *value;
                    }
                }
            });
        Self {
            values,
            heads: of_sequences,
        }
    }
}

impl All<'_> {
    /// One short sequence, pair by pair.
    #[inline(always)]
    fn short(&self, place: Rows, out: &mut [f32]) {
        let heads = self.heads;
        let counts = heads.counts;
        let (row, key_row, width) = (counts.query_width(), counts.key_value_width(), counts.width);
        let group = counts.query / counts.key_value;
        let whole = place.shared + place.length;
        let mut scores = [0.0_f32; SHORT];
        for own in 0..place.length {
            let reach = reach(heads, whole, place.shared + own);
            for head in 0..counts.query {
                let key_at = head / group * width;
                let query = (place.start + own) * row + head * width;
                let query = &self.q[query..query + width];
                let scores = &mut scores[..reach.len()];
                for (score, key) in scores.iter_mut().zip(reach.clone()) {
                    let key = place.row(key) * key_row + key_at;
                    *score = dot(query, &self.k[key..key + width]) * heads.scale as f32;
                }
                let total = weigh(scores);
                let out = &mut out[own * row + head * width..own * row + (head + 1) * width];
                for (weight, key) in scores.iter().zip(reach.clone()) {
                    let weight = weight / total;
                    let key = place.row(key) * key_row + key_at;
                    for (out, value) in out.iter_mut().zip(&self.v[key..key + width]) {
                        *out = weight.mul_add(*value, *out);
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn long<S: Simd>(&self, simd: S, long: &mut Long<'_>) {
        let counts = self.heads.counts;
        let (row, width) = (counts.query_width(), counts.width);
        let queries = long.out.len() / row;
        let group = counts.query / counts.key_value;
        let padded = long.place.length.next_multiple_of(SIDE_BY_SIDE);
        let of_head = long.keys.len() / counts.key_value;
        let q = &self.q[(long.place.start + long.first) * row..];
        let v = &self.v[long.place.start * counts.key_value_width()..];
        let mut scores = vec![0.0_f32; QUERIES * padded];
        for head in 0..counts.query {
            let key_head = head / group;
            let keys = long.keys.start + key_head * of_head;
            let (keys, _) = self.packed[keys..keys + of_head].as_chunks();
            for at in (0..queries).step_by(QUERIES) {
                let last = queries - 1;
                let mut few = Few {
                    heads: self.heads,
                    length: long.place.length,
                    keys,
                    values: &v[key_head * width..],
                    positions: [0; QUERIES],
                    rows: [&[]; QUERIES],
                };
                for i in 0..QUERIES {
                    let query = (at + i).min(last);
                    few.positions[i] = long.first + query;
                    few.rows[i] = &q[query * row + head * width..query * row + (head + 1) * width];
                }
                let reach = few.score(simd, padded, &mut scores);
                let factors = few.weigh(reach.clone(), padded, &mut scores);
                for from in (0..width).step_by(SIDE_BY_SIDE) {
                    let to = width.min(from + SIDE_BY_SIDE);
                    let sums = few.mix(simd, reach.clone(), padded, &scores, from..to);
                    for i in 0..QUERIES.min(queries - at) {
                        let start = (at + i) * row + head * width;
                        let out = &mut long.out[start + from..start + to];
                        for (out, sum) in out.iter_mut().zip(&sums[i]) {
                            *out = sum * factors[i];
                        }
                    }
                }
            }
        }
    }
}

impl Rows {
    /// The row of a key.
    #[inline(always)]
    fn row(&self, key: usize) -> usize {
        if key < self.shared {
            key
        } else {
            self.start + key - self.shared
        }
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
    use super::super::numbers::numbers;
    use super::*;
    use crate::spec::heads::HeadCounts;
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
            let found = attend(&heads, &Sequences::new(vec![length; batch], 0), &q, &k, &v);
            for (found, expected) in found.iter().zip(plain(&heads, length, &q, &k, &v)) {
                prop_assert!((f64::from(*found) - expected).abs() < 1e-5, "{found} {expected}");
            }
        }

        #[test]
        fn a_sequence_among_others_is_what_it_is_alone(
            own in proptest::collection::vec(1_usize..40, 1..6),
            shared in 0_usize..6,
            window in proptest::option::of(1_usize..20),
        ) {
            let counts = HeadCounts { query: 2, key_value: 1, width: 8 };
            let heads = Heads { counts, scale: 0.5, causal: true, window };
            // Only short sequences can share.
            let own: Vec<_> = match shared {
                0 => own,
                _ => own.into_iter().map(|own| own.min(LONGEST_SHARING - shared)).collect(),
            };
            let sequences = Sequences::new(own.clone(), shared);
            let q = numbers(sequences.rows() * 16, 1);
            let k = numbers(sequences.rows() * 8, 2);
            let v = numbers(sequences.rows() * 8, 3);
            let found = attend(&heads, &sequences, &q, &k, &v);
            for (start, own) in sequences.starts().zip(&own) {
                let rows = |x: &[f32], width: usize| {
                    [&x[..shared * width], &x[start * width..(start + own) * width]].concat()
                };
                let alone = Sequences::new(vec![shared + own], 0);
                let alone = attend(&heads, &alone, &rows(&q, 16), &rows(&k, 8), &rows(&v, 8));
                prop_assert_eq!(&alone, &rows(&found, 16));
            }
        }
    }
}
