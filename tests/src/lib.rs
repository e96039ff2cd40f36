//! What the end-to-end tests share: the built binaries, and small experiments to run them on.
#![allow(clippy::expect_used)] // A test helper that cannot go on says so and stops.

use selectron_run::Stage;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The workspace's folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The programs that the tests start besides the stages.
const OTHER_PROGRAMS: [&str; 2] = ["selectron-compare", "selectron-xtask"];

/// The folder of the built programs; builds them first if need be. As in `cargo xtask`, all stages are
/// named, since the packages named decide with which features cargo compiles the libraries: with these,
/// nothing that a run or the tests have compiled is compiled again.
///
/// # Panics
/// When the build fails.
pub fn binaries() -> &'static Path {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .args(["build", "--quiet", "--bins"])
            .current_dir(root());
        let stages = Stage::ALL.iter().map(|stage| format!("selectron-{stage}"));
        for package in stages.chain(OTHER_PROGRAMS.map(str::to_owned)) {
            command.args(["--package", &package]);
        }
        let status = command.status();
        // target/<profile>/deps/<this test>
        let this = std::env::current_exe().ok()?;
        let folder = this.ancestors().nth(2)?.to_owned();
        status
            .is_ok_and(|status| status.success())
            .then_some(folder)
    });
    folder.as_deref().expect("the binaries build")
}

/// A command that starts a stage on a pipeline, into `out`.
pub fn stage_command(stage: Stage, pipeline: &Path, out: &Path) -> Command {
    let mut command = Command::new(binaries().join(stage.program()));
    command.arg(pipeline).arg("--out").arg(out);
    command
}

/// A stage's outcome.
#[derive(Debug)]
pub struct Outcome {
    /// The exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// The standard output.
    pub stdout: String,
    /// The standard error.
    pub stderr: String,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// An experiment in a temporary folder of its own: a pipeline file, word lists, a text, and the run
/// directory `run`.
#[derive(Debug)]
pub struct Experiment {
    folder: tempfile::TempDir,
}

/// A pipeline over the small reference model with a tokenizer of its own.
pub const PIPELINE: &str = r#"
name = "small"
seed = 1
[model]
source = "model"
[record]
site = "mlp.pre"
layers = "all"
presentation = "bos-space"
reduce = "last"
[[category]]
name = "noun"
words = "nouns.txt"
[[category]]
name = "verb"
words = "verbs.txt"
[test]
statistic = "paired-t"
correction = "none"
[text]
source = "text.conllu"
"#;

const TEXT: &str = "# newdoc id = d\n\
    1\tPeople\tpeople\tNOUN\t_\t_\t_\t_\t_\t_\n\
    2\tknow\tknow\tVERB\t_\t_\t_\t_\t_\t_\n\
    3\t<b>\t_\tX\t_\t_\t_\t_\t_\tSpaceAfter=No\n\
    4\t;\t;\tPUNCT\t_\t_\t_\t_\t_\t_\n\n";

impl Default for Experiment {
    fn default() -> Self {
        Self::new()
    }
}

impl Experiment {
    /// A sound experiment on the small reference model.
    ///
    /// # Panics
    /// When the temporary folder cannot be written.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let experiment = Self { folder };
        let reference = root().join("tests/reference/end_to_end");
        for name in ["nouns.txt", "verbs.txt"] {
            experiment.copy(&reference.join(name), name);
        }
        std::fs::create_dir(experiment.path("model")).expect("a model folder");
        for name in [
            "config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json",
        ] {
            experiment.copy(
                &reference.join("model").join(name),
                &format!("model/{name}"),
            );
        }
        experiment.write("pipeline.toml", PIPELINE);
        experiment.write("text.conllu", TEXT);
        experiment
    }

    /// The same experiment in a folder of its own, with what it has been run to so far.
    ///
    /// # Panics
    /// When it cannot be copied.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy_folder(self.folder.path(), folder.path());
        Self { folder }
    }

    fn copy(&self, from: &Path, to: &str) {
        std::fs::copy(from, self.path(to)).expect("a copy");
    }

    /// A path in the experiment's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the experiment.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).expect("a written file");
    }

    /// Replaces a passage of a text file of the experiment.
    ///
    /// # Panics
    /// When the passage is not there.
    pub fn replace(&self, name: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path(name)).expect("a text file");
        assert!(text.contains(from), "{name} does not contain {from}");
        self.write(name, text.replacen(from, to, 1));
    }

    /// Runs a stage on the experiment's pipeline.
    ///
    /// # Panics
    /// When the binary cannot be started.
    pub fn stage(&self, stage: Stage, flags: &[&str]) -> Outcome {
        let out = self.path("run");
        run(stage, &self.path("pipeline.toml"), &out, flags)
    }

    /// Runs all stages; each must succeed.
    ///
    /// # Panics
    /// When one fails.
    pub fn run_all(&self, flags: &[&str]) {
        let out = self.path("run");
        run_all(&self.path("pipeline.toml"), &out, flags);
    }

    /// Runs `cargo xtask`'s program on the experiment's pipeline.
    ///
    /// # Panics
    /// When the binary cannot be started.
    pub fn xtask(&self, task: &str) -> Outcome {
        Command::new(binaries().join("selectron-xtask"))
            .arg(task)
            .arg(self.path("pipeline.toml"))
            .arg("--out")
            .arg(self.path("run"))
            .output()
            .expect("the binary starts")
            .into()
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &to);
        } else {
            std::fs::copy(&path, &to).expect("a copy");
        }
    }
}

/// Runs a stage on a pipeline, into `out`.
///
/// # Panics
/// When the binary cannot be started.
pub fn run(stage: Stage, pipeline: &Path, out: &Path, flags: &[&str]) -> Outcome {
    let mut command = stage_command(stage, pipeline, out);
    let output = command.args(flags).output();
    output.expect("the binary starts").into()
}

/// Runs all stages on a pipeline, into `out`; each must succeed.
///
/// # Panics
/// When one fails.
pub fn run_all(pipeline: &Path, out: &Path, flags: &[&str]) {
    for stage in Stage::ALL {
        let outcome = run(*stage, pipeline, out, flags);
        assert_eq!(outcome.code, Some(0), "{stage}: {}", outcome.stderr);
    }
}

/// The manifest of a run.
///
/// # Panics
/// When it is missing or not JSON.
pub fn manifest(run: &Path) -> serde_json::Value {
    let bytes = std::fs::read(run.join("manifest.json")).expect("a manifest");
    serde_json::from_slice(&bytes).expect("a manifest in JSON")
}

/// Every file of a folder with its content, by relative path, but for the stages' own notes.
///
/// # Panics
/// When the folder cannot be read.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let names = selectron_run::files::files_below(folder).expect("a folder");
    names
        .into_iter()
        .map(|name| {
            let content = std::fs::read(folder.join(&name)).expect("a file");
            (name, content)
        })
        .collect()
}
