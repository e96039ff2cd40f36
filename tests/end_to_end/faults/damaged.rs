//! Files that change behind a run's back.

use super::{moment, tries};
use selectron_run::Stage;
use selectron_tests::{Experiment, files};

#[test]
fn a_flipped_byte_anywhere_is_noticed_and_rebuilt() {
    let experiment = Experiment::new();
    experiment.run_all(&[]);
    let before = files(&experiment.path("run"));
    let names: Vec<_> = before.keys().collect();
    for attempt in 0..tries() * 2 {
        let name = names[attempt as usize % names.len()];
        let mut bytes = before[name].clone();
        let place = moment(attempt) * bytes.len() as f64;
        bytes[place as usize] ^= 1 << (attempt % 8);
        std::fs::write(experiment.path("run").join(name), bytes).unwrap();
        let outcomes = Stage::ALL.iter().map(|stage| experiment.stage(*stage, &[]));
        let said: String = outcomes
            .map(|outcome| outcome.stdout + &outcome.stderr)
            .collect();
        let after = files(&experiment.path("run"));
        assert!(after == before, "{} at {place}: {said}", name.display());
        assert!(
            said.contains(&*name.to_string_lossy()),
            "{} is not named: {said}",
            name.display()
        );
    }
}
