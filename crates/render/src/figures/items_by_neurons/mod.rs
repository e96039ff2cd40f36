//! The words' activations as an image, words by neurons.

mod image;

use super::figure::{Drawing, WIDTH};
use crate::data::{LayerTests, Measure, Run, SiteTests};
use crate::font::Metrics;
use crate::numbers::{count, tick};
use crate::sanitize::clean;
use crate::svg::{Anchor, Canvas, Paint, Text};
use crate::theme::Theme;
use image::{LIMIT, diverging, picture, standardise};
use selectron_run::error::Result;
use selectron_run::{Side, Sides};
use std::ops::Range;

/// Where the image lies, in pixels.
const LEFT: f64 = 150.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 48.0;
/// Height of the image, in pixels.
const DEPTH: f64 = 520.0;
/// Between A's words and B's, and between A's neurons and B's, in pixels.
const GAP: f64 = 6.0;

/// Neurons shown on either side at most; a column is then about two pixels wide.
const MOST_NEURONS: usize = 150;
/// Words shown of each category at most; a row is then about a pixel high.
const MOST_WORDS: usize = 250;

/// Distance between the named words, in pixels.
const WORD_PITCH: f64 = 17.0;
/// Size of the named words, in pixels.
const WORD_SIZE: f64 = 12.0;

/// Draws the figure; `None` where no t is defined.
pub(super) fn draw(
    run: &Run,
    site: &SiteTests,
    theme: &Theme,
    metrics: &Metrics,
) -> Result<Option<Drawing>> {
    let Some(items) = &site.items else {
        return Ok(None);
    };
    let (_, layer) = site.layer(items.place);
    let columns = Columns::of(run.measure, layer);
    let words = Sides::of(|side| words_of(run, side));
    let mut canvas = Canvas::new(WIDTH, TOP + DEPTH + 104.0, theme);
    let grid = Grid::new(&words, &columns);
    let standard = standardise(items);
    for (down, rows) in words.iter() {
        for (across, neurons) in columns.by_side.iter() {
            let rows = &rows[..rows.len().min(MOST_WORDS)];
            let (x, y) = (grid.across(across), grid.down(down));
            if let Some(png) = picture(&standard, rows, neurons)? {
                canvas.image(x.start, y.start, x.end - x.start, y.end - y.start, &png);
            }
        }
    }
    label_words(&mut canvas, run, metrics, &grid, &words);
    label_neurons(&mut canvas, run, metrics, &grid, &columns, layer);
    draw_key(&mut canvas, metrics);
    let heading = "Words by neurons".to_owned();
    let caption = caption(run.measure.symbol, layer, &columns, &words);
    let svg = canvas.finish(&format!("{heading}: {}", items.place));
    Ok(Some(Drawing {
        heading,
        caption,
        svg,
    }))
}

/// The words of a side's category, by their place among the run's words.
fn words_of(run: &Run, side: Side) -> Vec<usize> {
    let words = run.words.iter().enumerate();
    words
        .filter(|(_, word)| word.category == run.stats.category(side))
        .map(|(row, _)| row)
        .collect()
}

/// The neurons that are shown, by their numbers, from the largest t to the smallest.
struct Columns {
    by_side: Sides<Vec<usize>>,
    all: usize,
}

impl Columns {
    fn of(measure: Measure, layer: &LayerTests) -> Self {
        let mut sorted: Vec<(f64, usize)> = layer
            .neurons
            .iter()
            .filter_map(|row| Some((measure.preference(row)?, row.neuron)))
            .collect();
        sorted.sort_by(|one, two| two.0.total_cmp(&one.0).then(one.1.cmp(&two.1)));
        let positive = sorted.iter().take_while(|(t, _)| *t > 0.0).count();
        let numbers = |part: &[(f64, usize)]| part.iter().map(|(_, neuron)| *neuron).collect();
        let (a, b) = sorted.split_at(positive);
        Self {
            by_side: Sides {
                a: numbers(&a[..a.len().min(MOST_NEURONS)]),
                b: numbers(&b[b.len().saturating_sub(MOST_NEURONS)..]),
            },
            all: sorted.len(),
        }
    }

    fn shown(&self) -> usize {
        self.by_side.a.len() + self.by_side.b.len()
    }
}

/// Where the four parts of the image lie.
struct Grid {
    rows: Sides<usize>,
    columns: Sides<usize>,
}

impl Grid {
    fn new(words: &Sides<Vec<usize>>, columns: &Columns) -> Self {
        Self {
            rows: Sides::of(|side| words.get(side).len().min(MOST_WORDS)),
            columns: Sides::of(|side| columns.by_side.get(side).len()),
        }
    }

    fn across(&self, side: Side) -> Range<f64> {
        part_of(LEFT..WIDTH - RIGHT, self.columns, side)
    }

    fn down(&self, side: Side) -> Range<f64> {
        part_of(TOP..TOP + DEPTH, self.rows, side)
    }
}

/// Divides a length between two sides in proportion to their sizes, with a gap between them.
fn part_of(whole: Range<f64>, sizes: Sides<usize>, side: Side) -> Range<f64> {
    let Sides {
        a: first,
        b: second,
    } = sizes.map(|size| size as f64);
    let gap = if first > 0.0 && second > 0.0 {
        GAP
    } else {
        0.0
    };
    let unit = (whole.end - whole.start - gap) / (first + second).max(1.0);
    match side {
        Side::A => whole.start..whole.start + first * unit,
        Side::B => whole.end - second * unit..whole.end,
    }
}

/// Names the categories, and as many words as have room.
fn label_words(
    canvas: &mut Canvas<'_>,
    run: &Run,
    metrics: &Metrics,
    grid: &Grid,
    words: &Sides<Vec<usize>>,
) {
    for (side, rows) in words.iter() {
        let name = run.stats.category(side);
        let place = grid.down(side);
        let shown = rows.len().min(MOST_WORDS);
        if shown == 0 {
            continue;
        }
        let pitch = (place.end - place.start) / shown as f64;
        let every = (WORD_PITCH / pitch).ceil().max(1.0) as usize;
        for (index, row) in rows.iter().take(shown).enumerate().step_by(every) {
            let middle = place.start + (index as f64 + 0.5) * pitch;
            let room = LEFT - 58.0;
            let word = metrics.fit(&clean(&run.words[*row].word), WORD_SIZE, room);
            canvas.line(
                (LEFT - 5.0, middle),
                (LEFT - 1.0, middle),
                Paint::Muted,
                1.0,
                "",
            );
            let style = Text {
                anchor: Anchor::End,
                size: WORD_SIZE,
                ..Text::PLAIN
            };
            canvas.text(LEFT - 8.0, middle + 4.0, &word, style);
        }
        let middle = (place.start + place.end) / 2.0;
        canvas.line(
            (34.0, place.start),
            (34.0, place.end),
            Paint::Category(side),
            3.0,
            "",
        );
        let label = format!("{name} ({} words)", count(shown));
        let label = metrics.fit(&label, Text::PLAIN.size, place.end - place.start);
        canvas.text(
            24.0,
            middle,
            &label,
            Text {
                rotation: 270,
                ..Text::CENTERED
            },
        );
    }
}

/// Names the two groups of neurons, with the range of t of each.
fn label_neurons(
    canvas: &mut Canvas<'_>,
    run: &Run,
    metrics: &Metrics,
    grid: &Grid,
    columns: &Columns,
    layer: &LayerTests,
) {
    let bottom = TOP + DEPTH;
    let t_of = |neuron: &usize| layer.test(*neuron).and_then(|row| row.t);
    for (side, neurons) in columns.by_side.iter() {
        let name = run.stats.category(side);
        let place = grid.across(side);
        let (Some(first), Some(last)) = (neurons.first(), neurons.last()) else {
            continue;
        };
        canvas.line(
            (place.start, TOP - 8.0),
            (place.end, TOP - 8.0),
            Paint::Category(side),
            3.0,
            "",
        );
        let label = format!("{} neurons higher for {name}", count(neurons.len()));
        let label = metrics.fit(&label, Text::PLAIN.size, place.end - place.start);
        canvas.text(
            (place.start + place.end) / 2.0,
            TOP - 18.0,
            &label,
            Text::CENTERED,
        );
        let mut tick_at = |x: f64, neuron: &usize, anchor: Anchor| {
            canvas.line((x, bottom + 2.0), (x, bottom + 7.0), Paint::Muted, 1.0, "");
            let label = t_of(neuron).map_or_else(String::new, |t| tick((10.0 * t).round() / 10.0));
            canvas.text(
                x,
                bottom + 22.0,
                &label,
                Text {
                    anchor,
                    ..Text::PLAIN
                },
            );
        };
        tick_at(place.start + 1.0, first, Anchor::Start);
        if neurons.len() > 1 {
            tick_at(place.end - 1.0, last, Anchor::End);
        }
    }
    let middle = (LEFT + WIDTH - RIGHT) / 2.0;
    let label = format!(
        "Neurons of layer {}, sorted by {}",
        layer.place.layer, run.measure.symbol
    );
    canvas.text(middle, bottom + 42.0, &label, Text::CENTERED);
}

/// The colour key below the image.
fn draw_key(canvas: &mut Canvas<'_>, metrics: &Metrics) {
    let y = TOP + DEPTH + 70.0;
    let (width, steps) = (180.0, 45);
    let low = format!("−{}", tick(LIMIT));
    let high = format!(
        "+{} standard deviations about the neuron’s mean",
        tick(LIMIT)
    );
    let left = LEFT + metrics.width(&low, Text::PLAIN.size) + 8.0;
    for step in 0..steps {
        let value = (step as f64 / (steps - 1) as f64 * 2.0 - 1.0) * LIMIT;
        let x = left + step as f64 * width / steps as f64;
        canvas.rect(
            x,
            y,
            width / steps as f64 + 0.3,
            12.0,
            Paint::Data(diverging(value)),
        );
    }
    canvas.text(
        left - 8.0,
        y + 11.0,
        &low,
        Text {
            anchor: Anchor::End,
            ..Text::PLAIN
        },
    );
    canvas.text(left + width + 8.0, y + 11.0, &high, Text::PLAIN);
}

fn caption(
    symbol: &str,
    layer: &LayerTests,
    columns: &Columns,
    words: &Sides<Vec<usize>>,
) -> String {
    let all = words.a.len() + words.b.len();
    let shown = words.a.len().min(MOST_WORDS) + words.b.len().min(MOST_WORDS);
    let which = if columns.shown() < columns.all {
        format!(
            "the {} with the highest {symbol} and the {} with the lowest, of {}",
            count(columns.by_side.a.len()),
            count(columns.by_side.b.len()),
            count(columns.all)
        )
    } else {
        format!("all {}, sorted by {symbol}", count(columns.all))
    };
    let cut = if shown < all {
        format!(
            " The first {} of {} words are shown.",
            count(shown),
            count(all)
        )
    } else {
        String::new()
    };
    format!(
        "Every row is a word, every column a neuron of {} ({which}). Colour \
         is the neuron’s activation, standardised for display about its own mean over all words: \
         green above it, brown below.{cut}",
        layer.place
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_without_words_takes_no_room() {
        let sizes = |a, b| Sides { a, b };
        assert_eq!(part_of(0.0..100.0, sizes(10, 0), Side::A), 0.0..100.0);
        assert_eq!(part_of(0.0..106.0, sizes(10, 10), Side::B), 56.0..106.0);
    }
}
