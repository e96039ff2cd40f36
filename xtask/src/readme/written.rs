//! README as it should be: the same text with the run's lines and numbers in the marked places.

use selectron_run::error::{Error, Result};
use std::collections::BTreeMap;

/// The line after which the fenced block is.
const BLOCK: &str = "<!-- cargo xtask readme: the default run -->";
const FENCE: &str = "```";
/// What a number is between.
const START: &str = "<!-- n: ";
const START_ENDS: &str = " -->";
const END: &str = "<!-- /n -->";

/// The text with these lines in its block and these values in its sentences.
///
/// # Errors
/// When there is not exactly one block, a mark is not closed, or a key is not known.
pub(super) fn rewritten(
    text: &str,
    lines: &[String],
    values: &BTreeMap<&str, String>,
) -> Result<String> {
    with_block(&with_values(text, values)?, lines)
}

fn with_block(text: &str, lines: &[String]) -> Result<String> {
    let marked = format!("{BLOCK}\n{FENCE}");
    let blocks = text.matches(BLOCK).count();
    let (Some((before, fenced)), 1) = (text.split_once(&marked), blocks) else {
        return Err(unsound(format!(
            "there are {blocks} lines `{BLOCK}`, and there should be one, just before a fenced block"
        )));
    };
    let closing = format!("\n{FENCE}\n");
    let (Some((kind, _)), Some((_, after))) =
        (fenced.split_once('\n'), fenced.split_once(&closing))
    else {
        return Err(unsound(format!(
            "the fenced block after `{BLOCK}` does not end"
        )));
    };
    let lines = lines.join("\n");
    Ok(format!("{before}{marked}{kind}\n{lines}{closing}{after}"))
}

fn with_values(text: &str, values: &BTreeMap<&str, String>) -> Result<String> {
    let mut written = String::new();
    let mut rest = text;
    while let Some((before, marked)) = rest.split_once(START) {
        let parts = marked
            .split_once(START_ENDS)
            .and_then(|(key, number)| Some((key, number.split_once(END)?)));
        let Some((key, (number, after))) = parts.filter(|(_, (number, _))| !number.contains(START))
        else {
            let read = text.len() - rest.len() + before.len();
            let line = text[..read].matches('\n').count() + 1;
            return Err(unsound(format!(
                "the number that begins with `{START}` in line {line} does not end with `{END}`"
            )));
        };
        let value = values.get(key).ok_or_else(|| {
            let known: Vec<_> = values.keys().copied().collect();
            unsound(format!(
                "`{key}` (now {number}) is no number of the default run: choose among {}",
                known.join(", ")
            ))
        })?;
        for part in [before, START, key, START_ENDS, value, END] {
            written.push_str(part);
        }
        rest = after;
    }
    written.push_str(rest);
    Ok(written)
}

fn unsound(what: String) -> Error {
    Error::input("README.md", what, "correct it; xtask/src/readme says how")
}

/// Where README differs from what it should say, as a sentence.
pub(super) fn first_difference(text: &str, true_text: &str) -> Option<String> {
    if text == true_text {
        return None;
    }
    let pairs = text.lines().zip(true_text.lines());
    let line = pairs.clone().take_while(|(now, then)| now == then).count();
    let said = text.lines().nth(line).unwrap_or_default();
    let found = true_text.lines().nth(line).unwrap_or_default();
    Some(format!(
        "README.md, line {}: it says `{said}`, and by the default run it should say `{found}`",
        line + 1
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = "# T\n\n<!-- cargo xtask readme: the default run -->\n```text\n\
                          old\nlines\n```\n\nOf <!-- n: default.neurons -->12<!-- /n --> neurons \
                          <!-- n: default.t_a -->3.00<!-- /n -->.\n\n```sh\nls\n```\n";

    fn values() -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("default.neurons", "40".to_owned()),
            ("default.t_a", "20.55".to_owned()),
        ])
    }

    fn written(text: &str) -> Result<String> {
        rewritten(text, &["new".to_owned()], &values())
    }

    #[test]
    fn the_block_and_the_numbers_become_the_runs_and_nothing_else_changes() {
        let expected = README
            .replace("old\nlines", "new")
            .replace(">12<", ">40<")
            .replace(">3.00<", ">20.55<");
        let text = written(README).unwrap();
        assert_eq!(text, expected);
        assert_eq!(written(&text).unwrap(), expected);
        assert_eq!(first_difference(&text, &expected), None);
        let difference = first_difference(README, &expected).unwrap();
        assert!(difference.contains("line 5: it says `old`"), "{difference}");
    }

    #[test]
    fn unsound_marks_are_refused() {
        let message = |text: &str| written(text).unwrap_err().to_string();
        let none = message("# T\n");
        assert!(
            none.contains("there are 0 lines `<!-- cargo xtask readme"),
            "{none}"
        );
        let twice = message(&README.repeat(2));
        assert!(twice.contains("there are 2 lines"), "{twice}");
        let open = message(&README.replace("12<!-- /n -->", "12"));
        assert!(open.contains("in line 9 does not end"), "{open}");
        let unknown = message(&README.replace("default.t_a", "default.t"));
        assert!(
            unknown.contains("`default.t` (now 3.00) is no number"),
            "{unknown}"
        );
        let endless = message(&README.replace("\n```\n", "\n"));
        assert!(endless.contains("does not end"), "{endless}");
    }
}
