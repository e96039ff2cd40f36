//! Times max-T at the size of GPT-Neo 125M: 36,864 neurons x 100 pairs x 10,000 sign flips.
//!
//! `cargo run -p selectron-stats --example max_t [neurons] [pairs] [flips]`

use rand::RngExt;
use selectron_run::pipeline::Statistic;
use selectron_run::{Pipeline, Place, Site};
use selectron_stats::design::Design;
use selectron_stats::permutation::max_t::MaxT;
use selectron_stats::random::{Purpose, stream};
use selectron_stats::sample::Sample;
use selectron_stats::statistic::Tester;
use selectron_tables::activations::Block;
use selectron_tables::rows::WordRow;
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sizes: Vec<usize> = std::env::args()
        .skip(1)
        .map(|size| size.parse())
        .collect::<Result<_, _>>()?;
    let size = |index: usize, default| sizes.get(index).copied().unwrap_or(default);
    let (neurons, pairs, flips) = (size(0, 36_864), size(1, 100), size(2, 10_000));
    let text = "name = \"bench\"\n[model]\nsource = \"none\"\n\
                [[category]]\nname = \"a\"\nwords = \"a\"\n[[category]]\nname = \"b\"\nwords = \"b\"";
    let pipeline = Pipeline::parse(text, Path::new("bench.toml"))?;
    let mut words = Vec::new();
    for item in 0..2 * pairs {
        let rank = item % pairs;
        words.push(WordRow {
            item,
            category: if item < pairs { "a" } else { "b" }.to_owned(),
            rank,
            pair: Some(rank),
            ..WordRow::default()
        });
    }
    let design = Design::new(&pipeline, words)?;
    let mut rng = stream(1, Purpose::MaxT, 0);
    // Sums of uniform numbers are near enough to normal ones for a clock.
    let values = (0..2 * pairs * neurons)
        .map(|_| (0..4).map(|_| rng.random::<f32>() - 0.5).sum())
        .collect();
    let items = (0..2 * pairs).collect();
    let block = Block {
        place: Place::new(Site::MlpPre, 0),
        keys: vec![items],
        width: neurons,
        values,
    };
    let sample = Sample::new(&design, &block)?;
    for statistic in [Statistic::PairedT, Statistic::StudentT, Statistic::WelchT] {
        let tester = Tester::new(statistic, &design)?;
        let outcomes = tester.test(&sample);
        for _ in 0..3 {
            let start = Instant::now();
            let Some(max_t) = MaxT::new(statistic, tester.arrangement(), flips, 1) else {
                continue;
            };
            let heights = max_t.heights(&sample, &outcomes);
            let p = max_t.p_values(&heights);
            let smallest = p.into_iter().flatten().fold(1.0, f64::min);
            println!(
                "{statistic}: {neurons} neurons, {pairs} pairs, {flips} permutations: {:.3} s \
                 (smallest p {smallest:.4})",
                start.elapsed().as_secs_f64()
            );
        }
    }
    Ok(())
}
