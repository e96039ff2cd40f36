//! Text from the input runs nothing in a browser: a run over hostile words, tokens and categories,
//! its report and figures opened in headless Chromium.
//!
//! These tests need a browser, so an ordinary `cargo test` leaves them out; `.ci/run` runs them with
//! `cargo test --workspace --test end_to_end -- --ignored browser`.

use selectron_tests::{Experiment, files};
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};

/// What a payload that runs appends to the class of the page.
const OWNED: &str = "OWNED";

/// Markup, script, style, templates and ways out of whatever they may have been put into. Where a
/// payload asks for something, it asks the local listener, so that it would be heard. None has a
/// space in it, so that each is one token.
fn payloads(address: &str) -> Vec<String> {
    let run = format!("document.documentElement.className+='{OWNED}'");
    let mut payloads = Vec::new();
    for way_out in [
        "",
        "\">",
        "'>",
        "-->",
        "]]>",
        "</style>",
        "</title>",
        "</svg>",
        "</textarea>",
    ] {
        payloads.push(format!("{way_out}<script>{run}</script>"));
        payloads.push(format!("{way_out}<img/src=\"x\"/onerror=\"{run}\">"));
    }
    payloads.extend([
        format!("<svg/onload=\"{run}\"></svg>"),
        format!("<svg><animate/onbegin=\"{run}\"/attributeName=\"x\"/dur=\"1s\"/></svg>"),
        format!("<svg><script>{run}</script></svg>"),
        format!("<svg><foreignObject><iframe/onload=\"{run}\"></iframe></foreignObject></svg>"),
        format!("<details/open/ontoggle=\"{run}\"></details>"),
        format!("<input/autofocus/onfocus=\"{run}\">"),
        format!("<body/onload=\"{run}\">"),
        format!("<iframe/srcdoc=\"<script>parent.{run}</script>\"></iframe>"),
        format!("<iframe/src=\"javascript:parent.{run}\"></iframe>"),
        format!("javascript:{run}"),
        format!("\"onmouseover=\"{run}"),
        format!("<meta/http-equiv=\"refresh\"/content=\"0;url=http://{address}/meta\">"),
        format!("<base/href=\"http://{address}/base/\">"),
        format!("<link/rel=\"stylesheet\"/href=\"http://{address}/css\">"),
        format!("<script/src=\"http://{address}/script\"></script>"),
        format!("<img/src=\"http://{address}/img\">"),
        format!("<image/href=\"http://{address}/image\"/>"),
        format!("<object/data=\"http://{address}/object\"></object>"),
        format!("<style>@import\"http://{address}/import\";</style>"),
        format!("}}body{{background:url(http://{address}/url)}}"),
        format!("<style>*{{background:url(http://{address}/style)}}</style>"),
        format!("<!DOCTYPE/x[<!ENTITY/e/SYSTEM\"http://{address}/entity\">]>"),
        "&lt;script&gt;&#60;b&#62;".to_owned(),
        "{{7*7}}{%raw%}".to_owned(),
        "${7*7}#{7*7}<%=7*7%>".to_owned(),
        format!("<title>{OWNED}</title>"),
    ]);
    payloads
}

/// A local listener that notes the first line of every request.
fn listener() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (heard, requests) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, heard) = (stream.unwrap(), heard.clone());
            // A browser also opens connections that it then has no use for.
            std::thread::spawn(move || {
                let mut buffer = [0; 1024];
                let count = stream.read(&mut buffer).unwrap_or(0);
                let text = String::from_utf8_lossy(&buffer[..count]).into_owned();
                if let Some(request) = text.lines().next() {
                    // The test may have ended, and with it the interest in requests.
                    let _ = heard.send(request.to_owned());
                }
                let _ = stream.write_all(b"HTTP/1.0 404 Not Found\r\n\r\n");
            });
        }
    });
    (address, requests)
}

/// Opens a file in headless Chromium and returns the document that it has become.
///
/// # Panics
/// When there is no browser.
fn open(path: &Path) -> String {
    let profile = tempfile::tempdir().unwrap();
    for browser in ["chromium", "chromium-browser", "google-chrome"] {
        let output = Command::new(browser)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--virtual-time-budget=3000",
                "--dump-dom",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("file://{}", path.display()))
            .output();
        match output {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => panic!("{browser} does not start: {error}"),
            Ok(output) => {
                let errors = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{browser}: {errors}");
                let page = String::from_utf8(output.stdout).unwrap();
                assert!(!page.trim().is_empty(), "{browser}: {errors}");
                return page;
            }
        }
    }
    panic!("there is no Chromium here; install it (Debian: apt-get install chromium)");
}

/// A tokenizer that knows these words whole, one token each.
fn tokenizer(words: &[String]) -> String {
    let vocabulary: serde_json::Map<_, _> = ["<s>", "[UNK]"]
        .into_iter()
        .chain(words.iter().map(String::as_str))
        .zip(0..)
        .map(|(word, id)| (word.to_owned(), json!(id)))
        .collect();
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": [],
        "normalizer": null,
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": null,
        "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    })
    .to_string()
}

/// A whole run in which every text that a user can choose is hostile.
fn hostile_run(payloads: &[String]) -> Experiment {
    let experiment = Experiment::new();
    let half = payloads.len() / 2;
    let with_words = |list: &str, hostile: &[String]| -> Vec<String> {
        let text = std::fs::read_to_string(experiment.path(list)).unwrap();
        let ordinary = text.lines().take(hostile.len() / 2).map(str::to_owned);
        hostile.iter().cloned().chain(ordinary).collect()
    };
    let nouns = with_words("nouns.txt", &payloads[..half]);
    let verbs = with_words("verbs.txt", &payloads[half..]);
    experiment.write("nouns.txt", nouns.join("\n"));
    experiment.write("verbs.txt", verbs.join("\n"));
    experiment.write("model/tokenizer.json", tokenizer(&[nouns, verbs].concat()));
    let lines = payloads.iter().enumerate().map(|(index, payload)| {
        let tag = if index % 2 == 0 { "NOUN" } else { "VERB" };
        format!("{}\t{payload}\t_\t{tag}\t_\t_\t_\t_\t_\t_\n", index + 1)
    });
    experiment.write("text.conllu", lines.collect::<String>() + "\n");
    // The payloads hold single quotes, but never three in a row, which would end such a string.
    for (name, payload) in ["noun", "verb"].into_iter().zip(payloads) {
        let (name, payload) = (
            format!("name = \"{name}\""),
            format!("name = '''{payload}'''"),
        );
        experiment.replace("pipeline.toml", &name, &payload);
    }
    experiment.run_all(&[]);
    experiment
}

/// The start tags of a serialised document.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    let tags = page
        .split('<')
        .skip(1)
        .filter_map(|part| Some(part.split_once('>')?.0));
    tags.filter(|tag| tag.starts_with(|first: char| first.is_ascii_alphabetic()))
}

/// Elements that run, load or ask for something, none of which a report has a use for.
const ACTIVE: [&str; 12] = [
    "a", "base", "embed", "form", "iframe", "img", "input", "link", "math", "object", "script",
    "template",
];

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[test]
#[ignore = "needs Chromium; .ci/run installs it and runs this"]
fn browser_runs_nothing_that_the_input_says() {
    let (address, requests) = listener();
    let payloads = payloads(&address);
    let experiment = hostile_run(&payloads);
    let run = experiment.path("run");

    let page = open(&run.join("report.html"));
    assert_eq!(ran(&page), 0);
    let policy = "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'";
    assert!(page.contains(policy), "the page has lost its policy");
    for tag in tags(&page) {
        let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(!ACTIVE.contains(&name), "<{tag}> has come to be");
        // A browser writes every attribute as name="value", with quotes in the value escaped.
        while let Some((attribute, after)) = rest.split_once("=\"") {
            assert!(
                !attribute.trim().starts_with("on"),
                "{attribute} of <{tag}>"
            );
            rest = after.split_once('"').map_or("", |(_, rest)| rest);
        }
    }
    for payload in &payloads {
        let shown = escaped(payload);
        assert!(
            page.contains(&shown),
            "{payload} is not shown as it is written"
        );
    }

    for name in files(&run)
        .keys()
        .filter(|name| name.extension().is_some_and(|e| e == "svg"))
    {
        let figure = open(&run.join(name));
        assert!(
            !figure.contains("<script") && !figure.contains("<iframe"),
            "{}",
            name.display()
        );
    }
    let heard: Vec<_> = requests.try_iter().collect();
    assert_eq!(heard, Vec::<String>::new(), "something was asked for");
}

/// The test above can fail: the same payloads, written into a page as they are, run and are heard.
#[test]
#[ignore = "needs Chromium; .ci/run installs it and runs this"]
fn browser_would_run_the_payloads_if_they_were_let() {
    let (address, requests) = listener();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.html");
    let markup = without_refresh(&payloads(&address)).concat();
    std::fs::write(&path, format!("<!DOCTYPE html><html><body>{markup}")).unwrap();
    let count = ran(&open(&path));
    assert!(count >= 20, "only {count} payloads ran");
    let heard: Vec<_> = requests.try_iter().collect();
    assert!(heard.len() >= 6, "only {heard:?} were asked for");
}

/// The policy is the second fence: with it in force, even markup that got in runs nothing.
#[test]
#[ignore = "needs Chromium; .ci/run installs it and runs this"]
fn browser_obeys_the_reports_policy() {
    let (address, requests) = listener();
    let experiment = Experiment::new();
    experiment.run_all(&[]);
    let report = std::fs::read_to_string(experiment.path("run/report.html")).unwrap();
    let markup = without_refresh(&payloads(&address)).concat();
    let broken = report.replacen("<main>", &format!("<main>{markup}"), 1);
    assert!(broken.len() > report.len());
    experiment.write("broken.html", broken);
    let page = open(&experiment.path("broken.html"));
    assert!(page.contains("<script>"), "the markup did not get in");
    assert_eq!(ran(&page), 0);
    let heard: Vec<_> = requests.try_iter().collect();
    assert_eq!(heard, Vec::<String>::new(), "something was asked for");
}

/// How many payloads ran in a page, by what they appended to its class.
fn ran(page: &str) -> usize {
    let html = tags(page).find(|tag| tag.starts_with("html"));
    html.unwrap().matches(OWNED).count()
}

/// No policy keeps a page from being led elsewhere by a refresh.
fn without_refresh(payloads: &[String]) -> Vec<&str> {
    let payloads = payloads.iter().map(String::as_str);
    payloads
        .filter(|payload| !payload.contains("refresh"))
        .collect()
}
