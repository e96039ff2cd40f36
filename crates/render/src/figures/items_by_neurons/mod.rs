//! The words' activations as an image, words by neurons.

mod image;

use super::{Drawing, WIDTH};
use crate::data::{LayerTests, Measure, Run, SiteTests};
use crate::error::Result;
use crate::font::Metrics;
use crate::numbers::{count, tick};
use crate::svg::{Anchor, Canvas, Paint, Text};
use crate::text::clean;
use crate::theme::Theme;
use image::{LIMIT, diverging, picture, standardise};
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
    let Some(layer) = site.layers.iter().find(|layer| layer.layer == items.layer) else {
        return Ok(None);
    };
    let columns = Columns::of(run.measure, layer);
    let words = |category: &str| -> Vec<usize> {
        let places = run.words.iter().enumerate();
        places
            .filter(|(_, word)| word.category == category)
            .map(|(row, _)| row)
            .collect()
    };
    let (words_a, words_b) = (words(&run.stats.category_a), words(&run.stats.category_b));
    let mut canvas = Canvas::new(WIDTH, TOP + DEPTH + 104.0, theme);
    let grid = Grid::new(
        [words_a.len().min(MOST_WORDS), words_b.len().min(MOST_WORDS)],
        &columns,
    );
    let standard = standardise(items);
    for (rows, down) in [(&words_a, 0), (&words_b, 1)] {
        for (neurons, across) in [(&columns.a, 0), (&columns.b, 1)] {
            let rows = rows.get(..rows.len().min(MOST_WORDS)).unwrap_or(rows);
            let png = picture(&standard, rows, neurons)?;
            let (x, y) = (grid.across(across), grid.down(down));
            if let Some(png) = png {
                canvas.image(x.start, y.start, x.end - x.start, y.end - y.start, &png);
            }
        }
    }
    label_words(&mut canvas, run, metrics, &grid, [&words_a, &words_b]);
    label_neurons(&mut canvas, run, metrics, &grid, &columns, layer);
    draw_key(&mut canvas, metrics);
    let heading = "Words by neurons".to_owned();
    let caption = caption(
        run.measure.symbol,
        site,
        layer,
        &columns,
        [words_a.len(), words_b.len()],
    );
    let svg = canvas.finish(&format!("{heading}: {}, layer {}", site.site, items.layer));
    Ok(Some(Drawing {
        heading,
        caption,
        svg,
    }))
}

/// The neurons that are shown, by their place in the layer, from the largest t to the smallest.
struct Columns {
    a: Vec<usize>,
    b: Vec<usize>,
    all: usize,
}

impl Columns {
    fn of(measure: Measure, layer: &LayerTests) -> Self {
        let mut sorted: Vec<(f64, usize)> = layer
            .neurons
            .iter()
            .filter_map(|row| Some((measure.preference(row)?, usize::try_from(row.neuron).ok()?)))
            .collect();
        sorted.sort_by(|one, two| two.0.total_cmp(&one.0).then(one.1.cmp(&two.1)));
        let positive = sorted.iter().take_while(|(t, _)| *t > 0.0).count();
        let place = |part: &[(f64, usize)]| part.iter().map(|(_, neuron)| *neuron).collect();
        let (a, b) = sorted.split_at(positive);
        Self {
            a: place(a.get(..MOST_NEURONS).unwrap_or(a)),
            b: place(b.get(b.len().saturating_sub(MOST_NEURONS)..).unwrap_or(b)),
            all: sorted.len(),
        }
    }
}

/// Where the four parts of the image lie.
struct Grid {
    rows: [usize; 2],
    columns: [usize; 2],
}

impl Grid {
    fn new(rows: [usize; 2], columns: &Columns) -> Self {
        Self {
            rows,
            columns: [columns.a.len(), columns.b.len()],
        }
    }

    fn across(&self, part: usize) -> Range<f64> {
        part_of(LEFT..WIDTH - RIGHT, self.columns, part)
    }

    fn down(&self, part: usize) -> Range<f64> {
        part_of(TOP..TOP + DEPTH, self.rows, part)
    }
}

/// Divides a length between two parts in proportion to their sizes, with a gap between them.
fn part_of(whole: Range<f64>, sizes: [usize; 2], part: usize) -> Range<f64> {
    let [first, second] = sizes.map(|size| size as f64);
    let gap = if first > 0.0 && second > 0.0 {
        GAP
    } else {
        0.0
    };
    let unit = (whole.end - whole.start - gap) / (first + second).max(1.0);
    if part == 0 {
        whole.start..whole.start + first * unit
    } else {
        whole.end - second * unit..whole.end
    }
}

/// Names the categories, and as many words as have room.
fn label_words(
    canvas: &mut Canvas<'_>,
    run: &Run,
    metrics: &Metrics,
    grid: &Grid,
    words: [&Vec<usize>; 2],
) {
    let names = [&run.stats.category_a, &run.stats.category_b];
    for (part, (rows, name)) in words.into_iter().zip(names).enumerate() {
        let place = grid.down(part);
        let shown = rows.len().min(MOST_WORDS);
        if shown == 0 {
            continue;
        }
        let pitch = (place.end - place.start) / shown as f64;
        let every = (WORD_PITCH / pitch).ceil().max(1.0) as usize;
        for (index, row) in rows.iter().take(shown).enumerate().step_by(every) {
            let Some(word) = run.words.get(*row) else {
                continue;
            };
            let middle = place.start + (index as f64 + 0.5) * pitch;
            let room = LEFT - 58.0;
            let word = metrics.fit(&clean(&word.word), WORD_SIZE, room);
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
        canvas.line((34.0, place.start), (34.0, place.end), paint(part), 3.0, "");
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
    let t_of = |neuron: &usize| {
        let row = layer
            .neurons
            .iter()
            .find(|row| usize::try_from(row.neuron) == Ok(*neuron));
        row.and_then(|row| row.t)
    };
    let names = [&run.stats.category_a, &run.stats.category_b];
    for (part, (neurons, name)) in [&columns.a, &columns.b].into_iter().zip(names).enumerate() {
        let place = grid.across(part);
        let (Some(first), Some(last)) = (neurons.first(), neurons.last()) else {
            continue;
        };
        canvas.line(
            (place.start, TOP - 8.0),
            (place.end, TOP - 8.0),
            paint(part),
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
        layer.layer, run.measure.symbol
    );
    canvas.text(middle, bottom + 42.0, &label, Text::CENTERED);
}

fn paint(part: usize) -> Paint {
    if part == 0 { Paint::A } else { Paint::B }
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
    site: &SiteTests,
    layer: &LayerTests,
    columns: &Columns,
    words: [usize; 2],
) -> String {
    let all = words.iter().sum::<usize>();
    let shown = words
        .iter()
        .map(|count| (*count).min(MOST_WORDS))
        .sum::<usize>();
    let which = if columns.a.len() + columns.b.len() < columns.all {
        format!(
            "the {} with the highest {symbol} and the {} with the lowest, of {}",
            count(columns.a.len()),
            count(columns.b.len()),
            count(columns.all)
        )
    } else {
        format!("all {}, sorted by {symbol}", count(columns.all))
    };
    let cut = if shown < all {
        format!(
            " Of {} words the first {} are shown.",
            count(all),
            count(shown)
        )
    } else {
        String::new()
    };
    format!(
        "Every row is a word, every column a neuron of {}, layer {} ({which}). Colour \
         is the neuron’s activation, standardised for display about its own mean over all words: \
         green above it, brown below.{cut}",
        site.site, layer.layer
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_without_words_takes_no_room() {
        assert_eq!(part_of(0.0..100.0, [10, 0], 0), 0.0..100.0);
        assert_eq!(part_of(0.0..106.0, [10, 10], 1), 56.0..106.0);
    }
}
