//! Rust source cut into words and signs: enough to see modules, paths and functions.

/// A word or a sign of code. Comments, literals and lifetimes are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// A word, `::`, or one sign.
    pub(crate) text: &'a str,
    /// Its line, from 1.
    pub(crate) line: usize,
}

impl Token<'_> {
    /// Whether it is a word.
    pub(crate) fn is_word(&self) -> bool {
        self.text.starts_with(starts_word)
    }
}

fn starts_word(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn in_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The tokens of a source file.
pub(crate) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => string(rest),
            '\'' => quote(rest),
            _ if starts_word(first) => {
                let word = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
                match literal_with_prefix(rest, word) {
                    Some(length) => length,
                    None => {
                        let text = &rest[..word];
                        tokens.push(Token { text, line });
                        word
                    }
                }
            }
            _ if first.is_numeric() => rest.find(|c| !in_word(c)).unwrap_or(rest.len()),
            _ if first.is_whitespace() => first.len_utf8(),
            _ => {
                let length = if rest.starts_with("::") {
                    2
                } else {
                    first.len_utf8()
                };
                let text = &rest[..length];
                tokens.push(Token { text, line });
                length
            }
        };
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let here = &rest[at..];
        let step = if here.starts_with("/*") {
            depth += 1;
            2
        } else if here.starts_with("*/") {
            depth -= 1;
            2
        } else {
            here.chars().next().map_or(1, char::len_utf8)
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// The length of a string that begins with a quotation mark.
fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a character or of a lifetime.
fn quote(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => {
            // The escaped character itself may be a quote.
            let tail = &rest[3.min(rest.len())..];
            3 + tail.find('\'').map_or(tail.len(), |at| at + 1)
        }
        Some((_, c)) => match chars.next() {
            Some((at, '\'')) => at + 1,
            _ if starts_word(c) => 1 + rest[1..].find(|c| !in_word(c)).unwrap_or(rest.len() - 1),
            _ => 1,
        },
        None => 1,
    }
}

/// The length of a literal such as `b"…"` or `r#"…"#`, of which the first `word` bytes look like a
/// word.
fn literal_with_prefix(rest: &str, word: usize) -> Option<usize> {
    let tail = &rest[word..];
    match &rest[..word] {
        "b" | "c" if tail.starts_with('"') => Some(word + string(tail)),
        "b" if tail.starts_with('\'') => Some(word + quote(tail)),
        "r" | "br" | "cr" => {
            let hashes = tail.len() - tail.trim_start_matches('#').len();
            let text = tail[hashes..].strip_prefix('"')?;
            let end = format!("\"{}", "#".repeat(hashes));
            let length = text.find(&end).map_or(text.len(), |at| at + end.len());
            Some(word + hashes + 1 + length)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<&str> {
        tokens(source).iter().map(|token| token.text).collect()
    }

    #[test]
    fn what_is_no_code_is_left_out() {
        assert_eq!(texts("a // b::c\n/* d /* e */ f */ g"), ["a", "g"]);
        assert_eq!(
            texts(r#"x("crate::a \" ", 'b', '\'', b"c", b'd', 1_f32)"#).concat(),
            "x(,,,,,)"
        );
        assert_eq!(texts("r#\"super::a \"b\" \"# c r\"d\" e"), ["c", "e"]);
        assert_eq!(texts("&'a str; 'l: loop {}").concat(), "&str;:loop{}");
        assert_eq!(texts("r#match.x r"), ["r", "#", "match", ".", "x", "r"]);
    }

    #[test]
    fn paths_keep_their_colons_and_lines_are_counted() {
        let found = tokens("use a::b;\n\"one\ntwo\" /*\n*/ c: d");
        let places: Vec<_> = found.iter().map(|token| (token.text, token.line)).collect();
        let expected = [
            ("use", 1),
            ("a", 1),
            ("::", 1),
            ("b", 1),
            (";", 1),
            ("c", 4),
            (":", 4),
            ("d", 4),
        ];
        assert_eq!(places, expected);
    }
}
