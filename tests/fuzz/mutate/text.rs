//! Texts of lines and words.

use super::{NUMBERS, few, pick};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Text that has troubled other programs.
const HOSTILE: [&str; 30] = [
    "[",
    "{a=",
    "[[",
    "(",
    "\0",
    "\u{1b}[31m",
    "\u{202e}",
    "\u{2066}\u{2069}",
    "\u{feff}",
    "\u{200d}",
    "\u{ffff}",
    "\u{10ffff}",
    "\u{85}",
    "\u{2028}",
    "\r",
    "\r\n",
    "\t",
    "\u{a0}",
    "\u{3000}",
    "שלום עולם",
    "مرحبا",
    "e\u{301}\u{301}\u{301}\u{327}",
    "👩‍👩‍👧‍👦",
    "🏳️‍🌈",
    "ﷺ",
    "İıſK",
    "<script>alert(1)</script>",
    "{{7*7}}{word}{}",
    "\"'\\",
    "../../etc/passwd",
];

/// Changes lines and words of a text; what is between `separators` is a word.
pub(crate) fn mutate(rng: &mut ChaCha8Rng, seed: &[u8], separators: &[char]) -> Vec<u8> {
    let text = String::from_utf8_lossy(seed).into_owned();
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    for _ in 0..few(rng) {
        let at = rng.random_range(0..lines.len());
        match rng.random_range(0..12) {
            0 => drop(lines.remove(at)),
            1 => {
                let times = *pick(rng, &[1, 1, 2, 100, 5000]);
                let line = lines[at].clone();
                // No more than a megabyte of any line.
                let times = times.min(1 + (1 << 20) / (line.len() + 1));
                lines.splice(at..at, std::iter::repeat_n(line, times));
            }
            2 => {
                let other = rng.random_range(0..lines.len());
                lines.swap(at, other);
            }
            3 => {
                let length = *pick(rng, &[100, 10_000, 1 << 20]);
                let piece = hostile(rng);
                lines.insert(at, piece.repeat(length / piece.len()));
            }
            4 => {
                let piece = hostile(rng);
                let line = &mut lines[at];
                let places: Vec<_> = line.char_indices().map(|(place, _)| place).collect();
                let place = if places.is_empty() {
                    0
                } else {
                    *pick(rng, &places)
                };
                line.insert_str(place, &piece);
            }
            _ => lines[at] = change_word(rng, &lines[at], separators),
        }
        if lines.is_empty() {
            lines.push(String::new());
        }
    }
    lines.join("\n").into_bytes()
}

fn hostile(rng: &mut ChaCha8Rng) -> String {
    match rng.random_range(0..3) {
        0 => "x".to_owned(),
        _ => (*pick(rng, &HOSTILE)).to_owned(),
    }
}

/// Replaces, drops or doubles one word of a line.
fn change_word(rng: &mut ChaCha8Rng, line: &str, separators: &[char]) -> String {
    let mut parts: Vec<String> = line
        .split_inclusive(separators)
        .map(str::to_owned)
        .collect();
    if parts.is_empty() {
        return hostile(rng);
    }
    let at = rng.random_range(0..parts.len());
    let end = parts[at]
        .chars()
        .next_back()
        .filter(|last| separators.contains(last));
    let mut word = match rng.random_range(0..6) {
        0 => String::new(),
        1 => parts[at].repeat(2),
        2 | 3 => pick(rng, &NUMBERS).to_string(),
        4 => format!("{}e{}", pick(rng, &NUMBERS), pick(rng, &NUMBERS)),
        _ => hostile(rng),
    };
    word.extend(end);
    parts[at] = word;
    parts.concat()
}
