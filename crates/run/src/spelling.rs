//! Misspelt names, and the known ones that are most like them.

/// `: did you mean …?` for a misspelt name, followed by the known ones.
pub fn suggestion(name: &str, known: &[&str]) -> String {
    let near = nearest(name, known).unwrap_or_default();
    format!(": did you mean `{near}`? (known: {})", known.join(", "))
}

/// The known name that looks most like `name`, by Jaro and Winkler's similarity, which favours a
/// common beginning as slips of the pen do.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .copied()
        .max_by(|a, b| strsim::jaro_winkler(name, a).total_cmp(&strsim::jaro_winkler(name, b)))
}
