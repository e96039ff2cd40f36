//! A mistake of ours that makes a stage panic, such as a wrong index, ends it with one sentence and
//! exit code 1.
//!
//! This program is both: a stage that panics, and the test that starts it.

use selectron_run::stage::execute;
use std::process::{Command, ExitCode};

const AS_A_STAGE: &str = "SELECTRON_TEST_PANIC";

fn main() -> ExitCode {
    let Ok(token) = std::env::var(AS_A_STAGE) else {
        a_panic_ends_in_a_sentence();
        println!("a panic ends in a sentence: ok");
        return ExitCode::SUCCESS;
    };
    let activations = [0.5_f32, 0.25];
    let read = || {
        let token: usize = token.len();
        let value = activations[token];
        println!("recorded {value}");
        Ok::<_, selectron_run::Error>(())
    };
    execute(read)
}

fn a_panic_ends_in_a_sentence() {
    let run = |token: &str| {
        let this = std::env::current_exe().and_then(|program| {
            let mut command = Command::new(program);
            command
                .env(AS_A_STAGE, token)
                .env("RUST_BACKTRACE", "1")
                .output()
        });
        this.unwrap_or_else(|error| panic!("{error}"))
    };
    let good = run("1");
    assert_eq!(good.status.code(), Some(0));
    let wrong = run("a token that there is not");
    let message = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert_eq!(wrong.status.code(), Some(1), "{message}");
    assert!(wrong.stdout.is_empty(), "a value was recorded");
    assert!(message.starts_with("error: internal error: "), "{message}");
    assert!(message.contains("index out of bounds"), "{message}");
    assert!(
        message
            .trim_end()
            .ends_with("please report it with the pipeline file"),
        "{message}"
    );
    assert_eq!(message.trim_end().lines().count(), 1, "{message}");
}
