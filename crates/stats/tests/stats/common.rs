//! What the tests share.

use selectron_run::pipeline::Statistic;
use selectron_run::stage::Task;
use selectron_run::{Pipeline, Place, Site};
use selectron_stats::design::Design;
use selectron_stats::effect::{Contrast, Contraster};
use selectron_stats::sample::Sample;
use selectron_stats::stage;
use selectron_stats::statistic::{Outcome, Tester};
use selectron_tables::activations::Block;
use selectron_tables::rows::WordRow;
use selectron_testkit::{hashes, numbered_words, pipeline_of};
use serde_json::Value;
use std::path::Path;

/// A fixture of `tests/reference/stats`.
pub(crate) fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/reference/stats")
        .join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// A JSON list of numbers.
pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|x| x.as_f64().unwrap())
        .collect()
}

/// The difference from the expected value relative to it.
pub(crate) fn relative(found: f64, expected: f64) -> f64 {
    if found == expected {
        0.0
    } else {
        ((found - expected) / expected).abs()
    }
}

/// A pipeline over categories called `c0`, `c1`, … with a `[test]` section.
pub(crate) fn pipeline(categories: usize, test: &str) -> Pipeline {
    let text = pipeline_of(categories, &format!("[test]\n{test}"));
    Pipeline::parse(&text, Path::new("test.toml")).unwrap()
}

/// Words of the given numbers in each category; where A and B are as many they are paired.
pub(crate) fn words(sizes: &[usize]) -> Vec<WordRow> {
    numbered_words(sizes)
}

/// A design and a sample of neurons; each neuron's values are those of its words in order.
pub(crate) fn sample(
    pipeline: &Pipeline,
    sizes: &[usize],
    neurons: &[Vec<f64>],
) -> (Design, Sample) {
    let design = Design::new(pipeline, words(sizes)).unwrap();
    let total: usize = sizes.iter().sum();
    let mut values = Vec::with_capacity(total * neurons.len());
    for word in 0..total {
        values.extend(neurons.iter().map(|neuron| neuron[word] as f32));
    }
    let keys = vec![(0..total).collect()];
    let block = Block {
        place: Place::new(Site::MlpPre, 0),
        keys,
        width: neurons.len(),
        values,
    };
    let sample = Sample::new(&design, &block).unwrap();
    (design, sample)
}

/// One neuron's test and effect size; the values must be float32, but for a last digit that reading
/// JSON may cost. The interval is at 95 %.
pub(crate) fn test_groups(statistic: Statistic, groups: &[Vec<f64>]) -> (Outcome, Contrast) {
    let is_f32 = |x: &f64| relative(f64::from(*x as f32), *x) < 1e-14;
    assert!(groups.iter().flatten().all(is_f32), "not float32");
    let pipeline = pipeline(groups.len(), &format!("statistic = \"{statistic}\""));
    let sizes: Vec<_> = groups.iter().map(Vec::len).collect();
    let (design, sample) = sample(&pipeline, &sizes, &[groups.concat()]);
    test_first(statistic, &design, &sample)
}

/// The test and effect size of a sample's first neuron.
fn test_first(statistic: Statistic, design: &Design, sample: &Sample) -> (Outcome, Contrast) {
    let tester = Tester::new(statistic, design).unwrap();
    let contraster = Contraster::new(statistic, tester.arrangement(), 0.05);
    (tester.test(sample)[0], contraster.measure(sample.neuron(0)))
}

/// The same of A and B.
pub(crate) fn test_two(statistic: Statistic, a: &[f64], b: &[f64]) -> (Outcome, Contrast) {
    test_groups(statistic, &[a.to_vec(), b.to_vec()])
}

/// Runs the stage again on one and on five threads, which must change no byte.
pub(crate) fn assert_same_on_any_threads(task: &Task) {
    let first = hashes(&task.run);
    let forced = Task {
        force: true,
        ..task.clone()
    };
    for threads in [1, 5] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| stage::run(&forced)).unwrap();
        assert_eq!(hashes(&task.run), first, "{threads} threads");
    }
}
