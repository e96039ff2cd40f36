//! The last lines of a run: where the report is, and what was found.

use crate::about::about;
use crate::error::{Error, Result};
use crate::flags::RunFlags;
use crate::stages::say;
use serde_json::Value;

/// Prints the report's path, the counts, how many neurons generalise, and the two chosen ones, from
/// `manifest.json`.
pub(crate) fn print(flags: &RunFlags) -> Result<()> {
    let run = about(flags)?.run;
    let manifest = read_json(&run.join("manifest.json"))?;
    for line in lines(&manifest) {
        say(&line);
    }
    let report = run.join("report.html");
    let here = std::env::current_dir().unwrap_or_default();
    // As one would type it here.
    let report = report.strip_prefix(here).unwrap_or(&report);
    say(&format!("report     {}", report.display()));
    Ok(())
}

/// Reads a JSON file.
pub(crate) fn read_json(path: &std::path::Path) -> Result<Value> {
    let failed = |what: String| Error::Read {
        path: path.to_owned(),
        what,
    };
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))
}

fn lines(manifest: &Value) -> Vec<String> {
    let stats = &manifest["stats"];
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let statistic = &stats["statistics"][0];
    let layers = stats["layers"].as_array();
    let rows: Vec<_> = layers
        .into_iter()
        .flatten()
        .filter(|row| row["statistic"] == *statistic)
        .collect();
    let sum = |key: &str| rows.iter().filter_map(|row| row[key].as_u64()).sum::<u64>();
    let mut lines = vec![
        String::new(),
        format!(
            "neurons    {} prefer {}, {} prefer {}, {} neither, {} undefined (of {} at {} layers)",
            sum("a"),
            text(&stats["category_a"]),
            sum("b"),
            text(&stats["category_b"]),
            sum("neither"),
            sum("undefined"),
            sum("tests"),
            rows.len(),
        ),
    ];
    lines.extend(in_text(&stats["generalization"]));
    for neuron in stats["selected"].as_array().into_iter().flatten() {
        lines.push(format!(
            "{:<10} {} layer {} neuron {}: t = {:.2}{}",
            text(&neuron["category"]),
            text(&neuron["site"]),
            neuron["layer"],
            neuron["neuron"],
            neuron["t"].as_f64().unwrap_or(f64::NAN),
            if neuron["significant"] == true {
                ""
            } else {
                " (not significant)"
            },
        ));
    }
    lines
}

/// How many of the significant neurons keep their preference in the text; nothing where none was
/// scored on it.
fn in_text(facts: &Value) -> Option<String> {
    let layers = facts["layers"].as_array()?;
    let sum = |key: &str| {
        let counts = layers.iter().filter_map(|layer| layer[key].as_u64());
        counts.sum::<u64>()
    };
    // As `GeneralizationFacts::is_open` has it.
    let least = [("n_a", 1), ("n_b", 1), ("shuffles", 1), ("types", 2)];
    let open = least
        .iter()
        .any(|(key, least)| facts[*key].as_u64() < Some(*least));
    let significant = sum("significant");
    Some(if open {
        format!("in text    open whether any of {significant} significant neurons generalises")
    } else {
        format!(
            "in text    {} of {significant} significant neurons generalise to words never seen",
            sum("generalise"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_text_is_summed_up_if_there_is_one() {
        assert_eq!(in_text(&Value::Null), None);
        let facts = |shuffles: u64| {
            json!({
                "n_a": 5, "n_b": 4, "types": 6, "shuffles": shuffles,
                "layers": [{ "significant": 7, "generalise": 3 }, { "significant": 2, "generalise": 1 }],
            })
        };
        assert_eq!(
            in_text(&facts(200)).unwrap(),
            "in text    4 of 9 significant neurons generalise to words never seen"
        );
        assert_eq!(
            in_text(&facts(0)).unwrap(),
            "in text    open whether any of 9 significant neurons generalises"
        );
    }
}
