//! New inputs out of sound ones: by their structure, by their bytes, or out of nothing.

pub(crate) mod json;
pub(crate) mod parquet;
pub(crate) mod text;

use crate::targets::Target;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Draws inputs for a target.
pub(crate) struct Source<'a> {
    target: &'a dyn Target,
    seeds: Vec<Vec<u8>>,
    rng: ChaCha8Rng,
    drawn: usize,
}

impl<'a> Source<'a> {
    pub(crate) fn new(target: &'a dyn Target, rng: ChaCha8Rng, mutations_only: bool) -> Self {
        let seeds = target.seeds();
        assert!(!seeds.is_empty(), "a target without seeds");
        Self {
            target,
            drawn: if mutations_only { seeds.len() } else { 0 },
            seeds,
            rng,
        }
    }

    /// The seeds themselves first; then mostly mutations that keep to the target's structure, some
    /// of bytes, a few of both, and a little noise.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let index = self.drawn;
        self.drawn += 1;
        if let Some(seed) = self.seeds.get(index) {
            return seed.clone();
        }
        let rng = &mut self.rng;
        // The smaller of two: what takes long to read shall not take the place of much else.
        let (one, other) = (pick(rng, &self.seeds), pick(rng, &self.seeds));
        let seed = if one.len() < other.len() { one } else { other };
        let seed = seed.clone();
        let mut input = match rng.random_range(0..20) {
            0 => noise(rng),
            1..=4 => bytes(rng, seed, &self.seeds),
            5 => {
                let mutated = mutated(self.target, rng, &seed);
                bytes(rng, mutated, &self.seeds)
            }
            _ => mutated(self.target, rng, &seed),
        };
        input.truncate(LARGEST);
        input
    }
}

/// What a file costs in proportion to its size shall not fill the memory of the child.
const LARGEST: usize = 4 << 20;

/// A mutation that keeps to the target's structure. A library that is to write nonsense may panic
/// over it, which is not what is tested here.
fn mutated(target: &dyn Target, rng: &mut ChaCha8Rng, seed: &[u8]) -> Vec<u8> {
    let mutated = catch_unwind(AssertUnwindSafe(|| target.mutate(rng, seed)));
    mutated.unwrap_or_else(|_| seed.to_vec())
}

/// One of several.
pub(crate) fn pick<'a, T>(rng: &mut ChaCha8Rng, items: &'a [T]) -> &'a T {
    &items[rng.random_range(0..items.len())]
}

/// A count that is mostly 1 and at times a few.
pub(crate) fn few(rng: &mut ChaCha8Rng) -> usize {
    match rng.random_range(0..10) {
        0..=5 => 1,
        6..=8 => rng.random_range(2..5),
        _ => rng.random_range(5..30),
    }
}

/// Numbers at which arithmetic and memory have their edges.
pub(crate) const NUMBERS: [i64; 30] = [
    0,
    1,
    -1,
    2,
    3,
    7,
    8,
    127,
    128,
    255,
    256,
    257,
    1000,
    32_767,
    65_535,
    65_536,
    1 << 20,
    (1 << 24) - 1,
    1 << 24,
    (1 << 24) + 1,
    i32::MAX as i64,
    1 << 31,
    u32::MAX as i64,
    1 << 32,
    1 << 40,
    1 << 53,
    1 << 62,
    i64::MAX,
    i64::MIN,
    i32::MIN as i64,
];

fn noise(rng: &mut ChaCha8Rng) -> Vec<u8> {
    let length = rng.random_range(0..4096);
    (0..length).map(|_| rng.random()).collect()
}

/// Flips, overwrites, cuts out, doubles and splices bytes, with a liking for the ends, where
/// headers and footers are.
fn bytes(rng: &mut ChaCha8Rng, mut input: Vec<u8>, seeds: &[Vec<u8>]) -> Vec<u8> {
    for _ in 0..few(rng) {
        let at = place(rng, input.len());
        let end = (at + rng.random_range(0..64)).min(input.len());
        match rng.random_range(0..9) {
            0 | 1 if at < input.len() => input[at] ^= 1 << rng.random_range(0..8),
            2 if at < input.len() => input[at] = rng.random(),
            3 => {
                let number = pick(rng, &NUMBERS).to_le_bytes();
                let width = *pick(rng, &[1, 2, 4, 8]);
                for (byte, new) in input.iter_mut().skip(at).zip(number).take(width) {
                    *byte = new;
                }
            }
            4 => {
                // A variable-length integer, as Parquet writes its numbers.
                let mut number = *pick(rng, &NUMBERS) as u64;
                let mut bytes = Vec::new();
                while number >= 0x80 {
                    bytes.push(number as u8 | 0x80);
                    number >>= 7;
                }
                bytes.push(number as u8);
                input.splice(at..(at + bytes.len()).min(input.len()), bytes);
            }
            5 => drop(input.drain(at..end)),
            6 => {
                let copy = input[at..end].to_vec();
                let times = few(rng);
                input.splice(at..at, copy.repeat(times));
            }
            7 => input.truncate(at),
            _ => {
                let other = pick(rng, seeds);
                let from = place(rng, other.len());
                let to = (from + rng.random_range(0..512)).min(other.len());
                input.splice(at..end, other[from..to].iter().copied());
            }
        }
    }
    input
}

fn place(rng: &mut ChaCha8Rng, length: usize) -> usize {
    let edge = length.min(256);
    match rng.random_range(0..4) {
        0 => rng.random_range(0..=edge),
        1 => length - rng.random_range(0..=edge),
        _ => rng.random_range(0..=length),
    }
}
