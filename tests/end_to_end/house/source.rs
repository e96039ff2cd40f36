//! What a source file holds, tests apart: modules that it declares, paths, functions.

use super::tokens::{Token, tokens};

/// A source file, without what is compiled for tests only.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Source {
    /// Modules in files of their own, by their paths below this file's module.
    pub(crate) declared: Vec<Vec<String>>,
    /// Modules in this file, likewise.
    pub(crate) inline: Vec<Vec<String>>,
    /// Paths in its code and its `use` lines.
    pub(crate) paths: Vec<WrittenPath>,
    /// Its functions, from the first line of the signature to the closing brace.
    pub(crate) functions: Vec<Function>,
    /// Its lines.
    pub(crate) lines: usize,
}

/// A path as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WrittenPath {
    /// The module it is written in, below the file's own.
    pub(crate) within: Vec<String>,
    /// Its segments, `crate`, `self` and `super` included.
    pub(crate) segments: Vec<String>,
    /// Its line.
    pub(crate) line: usize,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) lines: usize,
}

impl Source {
    /// Reads a source file.
    pub(crate) fn parse(text: &str) -> Self {
        let tokens = tokens(text);
        let mut reader = Reader {
            tokens: &tokens,
            at: 0,
            depth: 0,
            within: Vec::new(),
            test_lines: 0,
            source: Self::default(),
        };
        reader.read();
        reader.source.lines = text.lines().count() - reader.test_lines;
        reader.source
    }
}

struct Reader<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
    /// Open braces.
    depth: usize,
    /// Inline modules that are open, with the depth within each.
    within: Vec<(String, usize)>,
    test_lines: usize,
    source: Source,
}

impl Reader<'_> {
    fn read(&mut self) {
        while self.at < self.tokens.len() {
            match self.text(0) {
                "#" => self.attribute(),
                "{" => {
                    self.depth += 1;
                    self.at += 1;
                }
                "}" => {
                    self.depth = self.depth.saturating_sub(1);
                    let open = self.depth;
                    self.within.retain(|(_, depth)| *depth <= open);
                    self.at += 1;
                }
                "use" => {
                    self.at += 1;
                    self.use_tree(&[]);
                }
                "mod" if self.is_word(1) => self.module(),
                _ if self.is_word(0) => self.word(),
                _ => self.at += 1,
            }
        }
    }

    fn text(&self, ahead: usize) -> &str {
        self.tokens
            .get(self.at + ahead)
            .map_or("", |token| token.text)
    }

    fn is_word(&self, ahead: usize) -> bool {
        self.tokens.get(self.at + ahead).is_some_and(Token::is_word)
    }

    fn line(&self) -> usize {
        self.tokens[self.at.min(self.tokens.len() - 1)].line
    }

    fn inside(&self) -> Vec<String> {
        self.within.iter().map(|(name, _)| name.clone()).collect()
    }

    /// An attribute; what `#[cfg(test)]` stands before is skipped, and with `#![cfg(test)]` the rest of
    /// the file.
    fn attribute(&mut self) {
        let start = self.at;
        let inner = self.text(1) == "!";
        self.at += if inner { 2 } else { 1 };
        if self.text(0) != "[" {
            return;
        }
        let end = self.closing(self.at);
        let content: Vec<&str> = self.tokens[self.at..end]
            .iter()
            .map(|token| token.text)
            .collect();
        self.at = end;
        let is_test = content.get(1) == Some(&"cfg")
            && content.contains(&"test")
            && !content.contains(&"not");
        if !is_test {
            return;
        }
        let first = self.tokens[start].line;
        if inner {
            self.at = self.tokens.len();
        } else {
            self.skip_item();
        }
        let last = self.tokens[self.at.saturating_sub(1)].line;
        self.test_lines += last - first + 1;
    }

    /// The place past the bracket that closes the one at `open`.
    fn closing(&self, open: usize) -> usize {
        let mut depth = 0;
        for (at, token) in self.tokens.iter().enumerate().skip(open) {
            match token.text {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return at + 1;
            }
        }
        self.tokens.len()
    }

    /// Goes past an item, a field or a statement.
    fn skip_item(&mut self) {
        const ITEMS: [&str; 12] = [
            "fn",
            "mod",
            "use",
            "impl",
            "struct",
            "enum",
            "const",
            "static",
            "type",
            "trait",
            "let",
            "macro_rules",
        ];
        const WITHOUT_BLOCK: [&str; 5] = ["use", "const", "static", "type", "let"];
        while self.text(0) == "#" {
            self.at = self.closing(self.at + 1);
        }
        if self.text(0) == "pub" {
            self.at += 1;
            if self.text(0) == "(" {
                self.at = self.closing(self.at);
            }
        }
        while ["async", "unsafe"].contains(&self.text(0))
            || (self.text(0) == "const" && self.text(1) == "fn")
        {
            self.at += 1;
        }
        let is_item = ITEMS.contains(&self.text(0));
        let needs_end = WITHOUT_BLOCK.contains(&self.text(0));
        while self.at < self.tokens.len() {
            match self.text(0) {
                ";" => {
                    self.at += 1;
                    return;
                }
                "," if !is_item => {
                    self.at += 1;
                    return;
                }
                "}" => return,
                "{" if !needs_end => {
                    self.at = self.closing(self.at);
                    return;
                }
                "(" | "[" | "{" => self.at = self.closing(self.at),
                _ => self.at += 1,
            }
        }
    }

    /// `mod x;` or `mod x {`.
    fn module(&mut self) {
        let name = self.text(1).to_owned();
        let mut path = self.inside();
        path.push(name.clone());
        match self.text(2) {
            ";" => self.source.declared.push(path),
            "{" => {
                self.source.inline.push(path);
                self.depth += 1;
                self.within.push((name, self.depth));
            }
            _ => {}
        }
        self.at += 3;
    }

    /// A word of code: the beginning of a function or of a path, or neither.
    fn word(&mut self) {
        if self.text(0) == "fn" && self.is_word(1) {
            self.function();
        }
        let starts = self.at == 0 || self.tokens[self.at - 1].text != "::";
        if self.text(1) != "::" || !starts {
            self.at += 1;
            return;
        }
        let line = self.line();
        let mut segments = vec![self.text(0).to_owned()];
        self.at += 1;
        while self.text(0) == "::" && self.is_word(1) {
            segments.push(self.text(1).to_owned());
            self.at += 2;
        }
        self.note(segments, line);
    }

    fn note(&mut self, segments: Vec<String>, line: usize) {
        let within = self.inside();
        self.source.paths.push(WrittenPath {
            within,
            segments,
            line,
        });
    }

    /// Notes a function's length; its body is read like everything else.
    fn function(&mut self) {
        let mut at = self.at;
        while let Some(token) = self.tokens.get(at) {
            match token.text {
                ";" => return,
                "(" | "[" => at = self.closing(at),
                "{" => {
                    let last = self.tokens[self.closing(at) - 1].line;
                    let function = Function {
                        name: self.text(1).to_owned(),
                        line: self.line(),
                        lines: last - self.line() + 1,
                    };
                    self.source.functions.push(function);
                    return;
                }
                _ => at += 1,
            }
        }
    }

    /// A path of a `use` line, or what is in its braces.
    fn use_tree(&mut self, prefix: &[String]) {
        let mut segments = prefix.to_vec();
        let line = self.line();
        loop {
            match self.text(0) {
                "{" => {
                    self.at += 1;
                    while !["}", ";", ""].contains(&self.text(0)) {
                        self.use_tree(&segments);
                        if self.text(0) == "," {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                "::" if segments.is_empty() => {
                    // A crate of others, whatever its name.
                    segments.push("::".to_owned());
                    self.at += 1;
                }
                "::" => self.at += 1,
                "as" => self.at += 2,
                "self" if !prefix.is_empty() && segments.len() == prefix.len() => self.at += 1,
                "," | "}" | ";" | "" => break,
                "*" => self.at += 1,
                "r" if self.text(1) == "#" => self.at += 2,
                word => {
                    segments.push(word.to_owned());
                    self.at += 1;
                }
            }
        }
        if self.text(0) == ";" && prefix.is_empty() {
            self.at += 1;
        }
        self.note(segments, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        let joined = |path: WrittenPath| {
            let within = path.within.iter().map(|name| format!("({name})"));
            format!(
                "{}{} {}",
                within.collect::<String>(),
                path.segments.join("::"),
                path.line
            )
        };
        Source::parse(text).paths.into_iter().map(joined).collect()
    }

    #[test]
    fn use_lines_are_unfolded() {
        let text = "use crate::a::{self, b::{C, D as E},\n    f::*};\npub(crate) use super::g;\n";
        let expected = [
            "crate::a 1",
            "crate::a::b::C 1",
            "crate::a::b::D 1",
            "crate::a::f 2",
            "super::g 3",
        ];
        assert_eq!(paths(text), expected);
        assert_eq!(
            paths("use ::other::x; use child::Y;"),
            ["::::other::x 1", "child::Y 1"]
        );
    }

    #[test]
    fn paths_in_code_are_seen_and_comments_are_not() {
        let text = "/// See [`crate::no`].\nfn f(x: super::T) -> Vec<u8> {\n  // crate::no\n  \
                    let y = \"crate::no\";\n  child::g::<crate::a::B>(x)\n}";
        assert_eq!(paths(text), ["super::T 2", "child::g 5", "crate::a::B 5"]);
        assert_eq!(
            paths("macro_rules! m { () => { $crate::a::b() }; }"),
            ["crate::a::b 1"]
        );
        assert_eq!(
            paths("mod inner { use super::x; } use super::y;"),
            ["(inner)super::x 1", "super::y 1"]
        );
    }

    #[test]
    fn what_is_for_tests_is_left_out() {
        let text = "use crate::a;\n#[cfg(test)]\nuse crate::{b, c};\n#[cfg(test)]\n#[allow(dead_code)]\n\
                    mod tests {\n  use super::*;\n}\n#[cfg(test)]\nmod more;\nstruct S {\n  #[cfg(test)]\n  \
                    field: crate::d::T,\n  other: crate::e::T,\n}\n#[cfg(test)]\nfn f<A, B>(a: A) {\n  crate::g::h()\n}\n\
                    #[cfg(not(test))]\nuse crate::i;\n";
        assert_eq!(paths(text), ["crate::a 1", "crate::e::T 14", "crate::i 21"]);
        let source = Source::parse(text);
        assert!(source.declared.is_empty() && source.inline.is_empty());
        assert_eq!(source.lines, 21 - 2 - 5 - 2 - 2 - 4);
        assert!(paths("#![cfg(test)]\nuse crate::a;").is_empty());
    }

    #[test]
    fn modules_and_functions_are_found() {
        let text = "mod a;\npub mod b { mod c; }\nmod d;\nfn one() {}\nfn two(\n  f: fn(u8) -> [u8; 2],\n) {\n  \
                    fn three() {\n  }\n}\ntrait T { fn four(); }\n";
        let source = Source::parse(text);
        assert_eq!(source.declared.concat(), ["a", "b", "c", "d"]);
        assert_eq!(source.inline, [["b"]]);
        let lengths: Vec<_> = source
            .functions
            .iter()
            .map(|function| (function.name.as_str(), function.line, function.lines))
            .collect();
        assert_eq!(lengths, [("one", 4, 1), ("two", 5, 6), ("three", 8, 2)]);
    }
}
