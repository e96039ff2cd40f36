//! `fetch` against a small server of our own that speaks as the Hub does.

// These are tests all through: what fails here fails the test.
#![allow(clippy::unwrap_used)]

mod server;

use selectron_fetch::{Fetched, Listener, Settings, fetch};
use selectron_run::Result;
use selectron_run::hub::HubModel;
use server::{COMMIT, Fault, Server};
use std::path::{Path, PathBuf};

/// Notes what happened.
#[derive(Default)]
struct Notes {
    present: Vec<String>,
    fetched: Vec<String>,
}

impl Listener for Notes {
    fn present(&mut self, file: &str) {
        self.present.push(file.to_owned());
    }

    fn bar(&mut self, _: &str, _: u64) -> indicatif::ProgressBar {
        indicatif::ProgressBar::hidden()
    }

    fn fetched(&mut self, file: &str, _: u64) {
        self.fetched.push(file.to_owned());
    }
}

struct Setup {
    server: Server,
    cache: tempfile::TempDir,
}

impl Setup {
    fn new() -> Self {
        Self {
            server: Server::start(server::single_file()),
            cache: tempfile::tempdir().unwrap(),
        }
    }

    fn settings(&self) -> Settings {
        Settings {
            endpoint: self.server.address(),
            cache: self.cache.path().to_owned(),
            token: None,
            offline: false,
            retries: 2,
        }
    }

    fn fetch(&self, source: &str) -> (Result<Fetched>, Notes) {
        let mut notes = Notes::default();
        let model = HubModel::parse(source).unwrap();
        (fetch(&model, &self.settings(), &mut notes), notes)
    }

    fn error(&self, source: &str) -> String {
        self.fetch(source).0.unwrap_err().to_string()
    }

    fn folder(&self) -> PathBuf {
        self.cache.path().join("models--owner--tiny")
    }
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn only_the_needed_files_come_and_the_cache_is_laid_out_as_pythons() {
    let setup = Setup::new();
    let (fetched, notes) = setup.fetch("hub:owner/tiny");
    let fetched = fetched.unwrap();
    assert_eq!((fetched.commit.as_str(), fetched.files), (COMMIT, 4));
    let needed = [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ];
    assert_eq!(names(&fetched.folder), needed);
    assert_eq!(notes.fetched.len(), 4);
    let folder = setup.folder();
    assert_eq!(fetched.folder, folder.join("snapshots").join(COMMIT));
    assert_eq!(
        std::fs::read_to_string(folder.join("refs/main")).unwrap(),
        COMMIT
    );
    assert_eq!(names(&folder.join("refs")), ["main"]);
    // Blobs bear their tags as names; nothing else is left there.
    let mut tags: Vec<_> = needed.map(|name| setup.server.tag(name)).to_vec();
    tags.sort();
    assert_eq!(names(&folder.join("blobs")), tags);
    for name in needed {
        let path = fetched.folder.join(name);
        assert_eq!(std::fs::read(&path).unwrap(), setup.server.content(name));
        #[cfg(unix)]
        assert_eq!(
            std::fs::read_link(&path).unwrap(),
            Path::new("../../blobs").join(setup.server.tag(name))
        );
    }
    // And the model is found there.
    let model = HubModel::parse("hub:owner/tiny").unwrap();
    assert_eq!(
        model.snapshot_in(setup.cache.path()).unwrap().commit,
        COMMIT
    );
}

#[test]
fn what_is_there_is_not_fetched_again() {
    let setup = Setup::new();
    setup.fetch("hub:owner/tiny").0.unwrap();
    let before = setup.server.requests().len();
    let (again, notes) = setup.fetch("hub:owner/tiny");
    again.unwrap();
    assert!(notes.fetched.is_empty() && notes.present.len() == 4);
    // One question: which commit is it now?
    assert_eq!(setup.server.requests().len(), before + 1);
    // The same files under another commit are linked, not fetched.
    setup
        .server
        .set_commit("fedcba9876543210fedcba9876543210fedcba98");
    let (moved, notes) = setup.fetch("hub:owner/tiny");
    assert_ne!(moved.unwrap().commit, COMMIT);
    assert!(notes.fetched.is_empty() && notes.present.len() == 4);
    // A link whose blob is gone is not there.
    let blob = setup
        .folder()
        .join("blobs")
        .join(setup.server.tag("config.json"));
    std::fs::remove_file(blob).unwrap();
    let (mended, notes) = setup.fetch("hub:owner/tiny");
    mended.unwrap();
    assert_eq!(notes.fetched, ["config.json"]);
}

#[test]
fn a_revision_is_kept_under_its_name() {
    let setup = Setup::new();
    setup.fetch("owner/tiny@refs/pr/3").0.unwrap();
    let refs = setup.folder().join("refs");
    assert_eq!(
        std::fs::read_to_string(refs.join("refs/pr/3")).unwrap(),
        COMMIT
    );
    let asked = &setup.server.requests()[0];
    assert_eq!(asked.path, "/api/models/owner/tiny/revision/refs%2Fpr%2F3");
    let other = Setup::new();
    other.fetch(&format!("owner/tiny@{COMMIT}")).0.unwrap();
    assert!(names(&other.folder().join("refs")).is_empty());
}

#[test]
fn shards_are_fetched_by_their_index() {
    let setup = Setup {
        server: Server::start(server::sharded()),
        cache: tempfile::tempdir().unwrap(),
    };
    let (fetched, _) = setup.fetch("hub:owner/tiny");
    let expected = [
        "config.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "tokenizer.json",
    ];
    assert_eq!(names(&fetched.unwrap().folder), expected);
}

#[test]
fn a_download_that_breaks_off_goes_on_where_it_stopped() {
    let setup = Setup::new();
    // Within one call, by itself.
    setup.server.fault(
        "model.safetensors",
        Fault::CutAfter {
            bytes: 1000,
            times: 2,
        },
    );
    setup.fetch("hub:owner/tiny").0.unwrap();
    let ranges = setup.server.ranges("/cdn/model.safetensors");
    assert_eq!(
        ranges[ranges.len() - 3..],
        ["bytes=0-", "bytes=1000-", "bytes=2000-"]
    );
    assert_eq!(
        std::fs::read(
            setup
                .folder()
                .join("snapshots")
                .join(COMMIT)
                .join("model.safetensors")
        )
        .unwrap(),
        setup.server.content("model.safetensors")
    );

    // And from one call to the next.
    let setup = Setup::new();
    setup.server.fault(
        "model.safetensors",
        Fault::CutAfter {
            bytes: 1000,
            times: 4,
        },
    );
    let error = setup.error("hub:owner/tiny");
    assert!(
        error.starts_with("owner/tiny model.safetensors: the connection broke off"),
        "{error}"
    );
    assert!(error.contains("what has come so far is kept"), "{error}");
    assert!(
        !setup
            .folder()
            .join("snapshots")
            .join(COMMIT)
            .join("model.safetensors")
            .exists()
    );
    let (again, notes) = setup.fetch("hub:owner/tiny");
    again.unwrap();
    assert_eq!(notes.fetched, ["model.safetensors"]);
    assert_eq!(
        setup
            .server
            .ranges("/cdn/model.safetensors")
            .last()
            .unwrap(),
        "bytes=4000-"
    );
}

#[test]
fn what_an_earlier_download_left_is_used_or_thrown_away() {
    let config_after = |rest: &[u8]| {
        let setup = Setup::new();
        let blobs = setup.folder().join("blobs");
        std::fs::create_dir_all(&blobs).unwrap();
        let part = blobs
            .join(setup.server.tag("config.json"))
            .with_extension("part");
        std::fs::write(part, rest).unwrap();
        let (fetched, _) = setup.fetch("hub:owner/tiny");
        let config = std::fs::read(fetched.unwrap().folder.join("config.json")).unwrap();
        assert_eq!(config, setup.server.content("config.json"));
        let path = format!("/owner/tiny/resolve/{COMMIT}/config.json");
        let mut ranges = setup.server.ranges(&path);
        // Questions about tag and length.
        ranges.retain(|range| range != "bytes=0-0");
        ranges
    };
    let content = server::single_file()["config.json"].clone();
    assert_eq!(config_after(&content[..5]), ["bytes=5-"]);
    assert!(config_after(&content).is_empty());
    assert_eq!(config_after(&[b'x'; 4096]), ["bytes=0-"]);
}

#[test]
fn what_came_wrong_is_removed_and_said() {
    let setup = Setup::new();
    setup
        .server
        .fault("model.safetensors", Fault::Shorter { by: 7 });
    let error = setup.error("hub:owner/tiny");
    assert!(
        error.contains("4089 bytes came instead of 4096; it was removed"),
        "{error}"
    );
    setup.server.fault("model.safetensors", Fault::Altered);
    let error = setup.error("hub:owner/tiny");
    assert!(
        error.contains("the bytes that came have another SHA-256; it was removed"),
        "{error}"
    );
    let snapshot = setup.folder().join("snapshots").join(COMMIT);
    assert!(!names(&snapshot).contains(&"model.safetensors".to_owned()));
    let tag = setup.server.tag("model.safetensors");
    assert!(!setup.folder().join("blobs").join(tag).exists());
    setup.server.fault("model.safetensors", Fault::None);
    setup.fetch("hub:owner/tiny").0.unwrap();
}

#[test]
fn refusals_are_explained() {
    let setup = Setup::new();
    let explained = [
        (
            401,
            "owner/tiny: the Hub does not let us in (HTTP 401)",
            "set HF_TOKEN",
        ),
        (
            403,
            "owner/tiny: the Hub does not let us in (HTTP 403)",
            "accept its terms",
        ),
        (
            404,
            "owner/tiny: the Hub has no such model, revision or file (HTTP 404)",
            "check the name",
        ),
        (
            429,
            "owner/tiny: the Hub asks to slow down (HTTP 429)",
            "wait some minutes",
        ),
        (
            503,
            "owner/tiny: the Hub has a failure of its own (HTTP 503)",
            "try again later",
        ),
    ];
    for (status, what, remedy) in explained {
        setup.server.refuse("/api/", status);
        let error = setup.error("hub:owner/tiny");
        assert!(error.starts_with(what), "{error}");
        assert!(error.contains(remedy), "{error}");
    }
    setup.server.refuse("/api/", 404);
    let error = setup.error("hub:owner/tiny@v9");
    assert!(
        error.contains("no such model, revision or file at revision v9 (HTTP 404)"),
        "{error}"
    );
    // About one file, also behind the redirection.
    setup.server.refuse("/cdn/model.safetensors", 429);
    let error = setup.error("hub:owner/tiny");
    assert!(
        error.starts_with("owner/tiny model.safetensors: the Hub asks to slow down"),
        "{error}"
    );
    setup.server.allow();
    setup.fetch("hub:owner/tiny").0.unwrap();
}

#[test]
fn a_server_that_is_no_hub_or_none_at_all() {
    let setup = Setup::new();
    setup.server.fault("config.json", Fault::NoTag);
    let error = setup.error("hub:owner/tiny");
    assert!(
        error.contains("has no usable `etag`; check that HF_ENDPOINT is a Hub"),
        "{error}"
    );
    let settings = Settings {
        // Port 9 discards; on a machine of today nothing listens there.
        endpoint: "http://127.0.0.1:9".to_owned(),
        ..setup.settings()
    };
    let model = HubModel::parse("owner/tiny").unwrap();
    let error = fetch(&model, &settings, &mut Notes::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("http://127.0.0.1:9 cannot be reached"),
        "{error}"
    );
}

#[test]
fn offline_only_looks() {
    let setup = Setup::new();
    let offline = Settings {
        offline: true,
        ..setup.settings()
    };
    let model = HubModel::parse("hub:owner/tiny").unwrap();
    let error = fetch(&model, &offline, &mut Notes::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("HF_HUB_OFFLINE forbids the network"),
        "{error}"
    );
    assert!(setup.server.requests().is_empty());
    setup.fetch("hub:owner/tiny").0.unwrap();
    let before = setup.server.requests().len();
    let mut notes = Notes::default();
    let fetched = fetch(&model, &offline, &mut notes).unwrap();
    assert_eq!((fetched.commit.as_str(), notes.present.len()), (COMMIT, 4));
    assert_eq!(setup.server.requests().len(), before);
}

/// Runs the program itself with an environment of its own.
fn program(setup: &Setup, variables: &[(&str, &str)]) -> std::process::Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_selectron-fetch"))
        .arg("hub:owner/tiny")
        .env_clear()
        .env("HF_ENDPOINT", format!("{}/", setup.server.address()))
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

#[test]
fn the_environment_is_honoured() {
    let setup = Setup::new();
    let path = |name: &str| setup.cache.path().join(name).to_str().unwrap().to_owned();
    let succeeds = |variables: &[(&str, &str)], cache: &str| {
        let output = program(&setup, variables);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(said.contains("4 files of owner/tiny at commit"), "{said}");
        assert!(
            Path::new(cache)
                .join("models--owner--tiny/refs/main")
                .exists()
        );
    };
    let (home, hub, xdg, user) = (path("home"), path("hub"), path("xdg"), path("user"));
    succeeds(
        &[("HF_HOME", &home), ("HF_TOKEN", "secret-1")],
        &format!("{home}/hub"),
    );
    assert_eq!(
        setup.server.requests()[0].token.as_deref(),
        Some("Bearer secret-1")
    );
    succeeds(&[("HF_HOME", &home), ("HF_HUB_CACHE", &hub)], &hub);
    succeeds(
        &[("XDG_CACHE_HOME", &xdg)],
        &format!("{xdg}/huggingface/hub"),
    );
    succeeds(
        &[("HOME", &user)],
        &format!("{user}/.cache/huggingface/hub"),
    );
    // A token that `hf auth login` left; it is never shown.
    std::fs::write(format!("{home}/token"), "secret-2\n").unwrap();
    let before = setup.server.requests().len();
    let output = program(&setup, &[("HF_HOME", &home)]);
    assert_eq!(
        setup.server.requests()[before].token.as_deref(),
        Some("Bearer secret-2")
    );
    assert!(!String::from_utf8(output.stdout).unwrap().contains("secret"));

    let offline = program(
        &setup,
        &[("HF_HOME", &path("new")), ("HF_HUB_OFFLINE", "1")],
    );
    assert_eq!(offline.status.code(), Some(1));
    let said = String::from_utf8(offline.stderr).unwrap();
    assert!(said.starts_with("error: owner/tiny: the cache"), "{said}");
}
