//! `selectron-fetch`: see `--help`.

use clap::Parser;
use selectron_fetch::{Fetched, Listener, Settings, fetch};
use selectron_run::Result;
use selectron_run::hub::HubModel;
use selectron_run::stage::{Console, finish};
use std::process::ExitCode;

/// Downloads a model of the Hugging Face Hub into the local cache, once; runs then find it there.
///
/// Only the files that a run needs are fetched: config.json, tokenizer.json, tokenizer_config.json,
/// special_tokens_map.json and the safetensors weights. What the cache already holds, from here or
/// from Python, is not fetched again; a download that broke off goes on where it stopped.
///
/// The environment variables of the Hugging Face libraries are honoured: HF_HOME and HF_HUB_CACHE
/// (where the cache is), HF_TOKEN (for private and gated models), HF_ENDPOINT (a mirror),
/// HF_HUB_OFFLINE (1: look into the cache only).
#[derive(Debug, Parser)]
#[command(name = "selectron-fetch", version)]
struct Args {
    /// The model, as in a pipeline file, such as `hub:EleutherAI/gpt-neo-125m`; a branch, a tag or a
    /// commit may follow after an `@`
    #[arg(value_name = "SOURCE[@REVISION]")]
    source: String,
}

fn main() -> ExitCode {
    finish(run(&Args::parse()))
}

fn run(args: &Args) -> Result<()> {
    let model = HubModel::parse(&args.source)?;
    let console = Console::new("fetch");
    let mut listener = Lines { console: &console };
    let Fetched {
        commit,
        folder,
        files,
    } = fetch(&model, &Settings::from_environment(), &mut listener)?;
    console.say(format_args!(
        "{files} files of {} at commit {commit} are in {}",
        model.repo,
        folder.display()
    ));
    console.say(format_args!(
        "use it with `cargo xtask run-all --model {}`",
        model.source()
    ));
    Ok(())
}

/// Says what happens: bars on a terminal, lines in any case.
struct Lines<'a> {
    console: &'a Console,
}

impl Listener for Lines<'_> {
    fn present(&mut self, file: &str) {
        self.console.say(format_args!("have   {file}"));
    }

    fn bar(&mut self, file: &str, bytes: u64) -> indicatif::ProgressBar {
        let bar = self.console.progress(file, 0);
        bar.set_length(bytes);
        if let Ok(style) = indicatif::ProgressStyle::with_template(
            "{msg:>24} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta} left",
        ) {
            bar.set_style(style);
        }
        bar.set_message(file.to_owned());
        bar
    }

    fn fetched(&mut self, file: &str, bytes: u64) {
        self.console
            .wrote(format_args!("{file}: {}", indicatif::HumanBytes(bytes)));
    }
}
