//! Pipeline files.

/// A pipeline called `test` over categories called `c0`, `c1`, … (any number of them), followed by
/// further lines of TOML.
pub fn pipeline_of(categories: usize, further: &str) -> String {
    let mut text = "name = \"test\"\n[model]\nsource = \"tiny\"\n".to_owned();
    for index in 0..categories {
        text += &format!("[[category]]\nname = \"c{index}\"\nwords = \"c{index}.txt\"\n");
    }
    text + further + "\n"
}
