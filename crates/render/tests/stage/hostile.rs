//! Text from the input stays text, wherever it is shown.

use crate::fixture::{Content, Fixture};
use crate::in_text::add_in_text;
use crate::trust::add_checks;
use resvg::usvg::roxmltree::Document;
use selectron_run::manifest::DroppedWord;
use std::collections::BTreeSet;

const HOSTILE: [&str; 9] = [
    "<script>alert(1)</script>",
    "\"&'",
    "]]>",
    "--><img src=x onerror=alert(1)>",
    "a\u{0}b\u{1b}[31m\u{202e}c\u{ffff}",
    "שלום",
    "😀",
    "{{ 7 * 7 }}{% raw %}",
    "</style><svg onload=alert(1)>",
];

fn hostile() -> Fixture {
    let words: Vec<String> = HOSTILE.iter().map(|word| (*word).to_owned()).collect();
    let dropped = words
        .iter()
        .map(|word| DroppedWord {
            word: word.clone(),
            rank: 0,
            reason: word.clone(),
        })
        .collect();
    let tokens = words.iter().map(|word| format!(" {word}")).collect();
    // A TOML string cannot hold every control character.
    let categories = [
        "<script>alert('a')</script>".to_owned(),
        "\"&'</title>]]>".to_owned(),
    ];
    let words = [words.clone(), words].concat();
    let content = Content {
        categories,
        words,
        tokens: Some(tokens),
        dropped,
        ..Content::default()
    };
    let fixture = Fixture::new(&content);
    add_checks(&fixture, &content, &HOSTILE.concat());
    add_in_text(&fixture, &content, &HOSTILE.concat());
    fixture.render().unwrap();
    fixture
}

#[test]
fn every_figure_is_well_formed_and_holds_drawing_elements_only() {
    let fixture = hostile();
    let allowed = ["svg", "rect", "path", "text", "g", "title", "image"];
    for name in fixture
        .figures()
        .iter()
        .filter_map(|name| name.strip_suffix(".svg"))
    {
        let svg = fixture.svg(name);
        let document = Document::parse(&svg).unwrap_or_else(|error| panic!("{name}: {error}"));
        for node in document.descendants().filter(|node| node.is_element()) {
            assert!(
                allowed.contains(&node.tag_name().name()),
                "{name}: {node:?}"
            );
            let is_handler = |name: &str| name.starts_with("on");
            assert!(
                !node
                    .attributes()
                    .any(|attribute| is_handler(attribute.name())),
                "{name}"
            );
        }
    }
    let heatmap = fixture.svg("heatmap-a");
    let document = Document::parse(&heatmap).unwrap();
    let texts: Vec<_> = document
        .descendants()
        .filter_map(|node| node.text())
        .collect();
    for expected in ["<script>alert(1)</script>", "\"&'", "]]>", "😀", "שלום"] {
        assert!(texts.contains(&expected), "{expected} is not shown");
    }
}

/// The names of the tags of a page, taken from its text as a browser would.
fn tags(page: &str) -> BTreeSet<String> {
    let mut tags = BTreeSet::new();
    for part in page.split('<').skip(1) {
        let name = part.trim_start_matches('/');
        let name: String = name
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric())
            .collect();
        tags.insert(name.to_ascii_lowercase());
    }
    tags
}

#[test]
fn the_report_has_no_tag_from_the_input() {
    let report = hostile().report();
    let known = [
        "",
        "b",
        "body",
        "caption",
        "code",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "g",
        "h1",
        "h2",
        "h3",
        "h4",
        "head",
        "header",
        "html",
        "i",
        "image",
        "li",
        "main",
        "meta",
        "p",
        "path",
        "rect",
        "section",
        "span",
        "style",
        "summary",
        "svg",
        "table",
        "tbody",
        "td",
        "text",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
    ];
    let unknown: Vec<_> = tags(&report)
        .into_iter()
        .filter(|tag| !known.contains(&tag.as_str()))
        .collect();
    assert_eq!(unknown, Vec::<String>::new());
    assert!(report.contains("&lt;script&gt;"));
    assert!(
        report.contains("{{ 7 * 7 }}{% raw %}"),
        "a template in the input was filled"
    );
    assert!(!report.contains(['\u{0}', '\u{1b}', '\u{202e}', '\u{ffff}']));
}

#[test]
fn the_report_asks_nothing_of_the_network() {
    let report = hostile().report();
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
    assert!(report.contains(&format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">"
    )));
    // The name of the SVG namespace is no address that anything is fetched from.
    let namespace = "xmlns=\"http://www.w3.org/2000/svg\"";
    assert!(!report.replace(namespace, "").contains("://"));
    for part in report
        .split("href=\"")
        .skip(1)
        .chain(report.split("src=\"").skip(1))
    {
        assert!(
            part.starts_with("data:image/png;base64,"),
            "{}",
            &part[..20]
        );
    }
    assert!(!report.contains("@import") && !report.contains("url("));
}
