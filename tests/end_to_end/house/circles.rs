//! The modules of a crate, and circles among them.

use super::source::{Function, Source, WrittenPath};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

/// The source files of a crate that its root leads to, tests apart.
#[derive(Debug)]
pub(crate) struct Modules {
    pub(crate) files: Vec<ModuleFile>,
    /// Which file a module is in.
    places: BTreeMap<Vec<String>, usize>,
}

/// A source file.
#[derive(Debug)]
pub(crate) struct ModuleFile {
    pub(crate) path: PathBuf,
    /// Lines, tests apart.
    pub(crate) lines: usize,
    pub(crate) functions: Vec<Function>,
    /// The module that the file is.
    module: Vec<String>,
    paths: Vec<WrittenPath>,
}

/// A circle: files each of which, by way of others, imports from every other.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Circle {
    /// The files, in order.
    pub(crate) files: Vec<PathBuf>,
    /// The lines that make it: file, line, imported file.
    pub(crate) imports: Vec<(PathBuf, usize, PathBuf)>,
    /// The shortest way round: file, line, imported file.
    pub(crate) shortest: Vec<(PathBuf, usize, PathBuf)>,
}

impl Modules {
    /// The modules that a crate's root (`src/lib.rs` or `src/main.rs`) declares, read by `read`.
    pub(crate) fn of_crate(root: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Self {
        let mut modules = Self {
            files: Vec::new(),
            places: BTreeMap::new(),
        };
        let text = read(root).unwrap_or_else(|| panic!("{} is missing", root.display()));
        let folder = root.parent().unwrap_or(Path::new(""));
        modules.add(root, folder, &[], &text, read);
        modules
    }

    fn add(
        &mut self,
        path: &Path,
        folder: &Path,
        module: &[String],
        text: &str,
        read: &dyn Fn(&Path) -> Option<String>,
    ) {
        let Source {
            declared,
            inline,
            paths,
            functions,
            lines,
        } = Source::parse(text);
        let file = self.files.len();
        self.places.insert(module.to_owned(), file);
        for name in inline {
            self.places.insert([module, &name].concat(), file);
        }
        self.files.push(ModuleFile {
            path: path.to_owned(),
            lines,
            functions,
            module: module.to_owned(),
            paths,
        });
        for name in declared {
            let below: PathBuf = name.iter().collect();
            let beside = folder.join(&below).with_extension("rs");
            let own_folder = folder.join(&below);
            let candidates = [beside, own_folder.join("mod.rs")];
            let found = candidates.iter().find_map(|path| Some((path, read(path)?)));
            let Some((child, text)) = found else {
                panic!(
                    "{} declares {}, which is in no file",
                    path.display(),
                    name.join("::")
                );
            };
            let name = [module, &name].concat();
            self.add(child, &own_folder, &name, &text, read);
        }
    }

    /// The file of the module that the longest beginning of a path names.
    fn target(&self, file: &ModuleFile, path: &WrittenPath) -> Option<usize> {
        let current = [file.module.as_slice(), &path.within].concat();
        let (mut absolute, mut rest) = match path.segments.first()?.as_str() {
            "crate" => (Vec::new(), &path.segments[1..]),
            "self" => (current, &path.segments[1..]),
            "super" => (current, path.segments.as_slice()),
            child => {
                let below = [current.as_slice(), &[child.to_owned()]].concat();
                self.places.get(&below)?;
                (current, path.segments.as_slice())
            }
        };
        while let [first, tail @ ..] = rest
            && first == "super"
        {
            absolute.pop();
            rest = tail;
        }
        let mut found = self.places.get(&absolute)?;
        for segment in rest {
            absolute.push(segment.clone());
            match self.places.get(&absolute) {
                Some(deeper) => found = deeper,
                None => break,
            }
        }
        Some(*found)
    }

    /// Which file imports from which other, and at which lines.
    fn imports(&self) -> Vec<BTreeMap<usize, BTreeSet<usize>>> {
        let of_file = |(index, file): (usize, &ModuleFile)| {
            let mut imports: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
            for path in &file.paths {
                if let Some(target) = self.target(file, path)
                    && target != index
                {
                    imports.entry(target).or_default().insert(path.line);
                }
            }
            imports
        };
        self.files.iter().enumerate().map(of_file).collect()
    }

    /// The circles, in the order of their first files.
    pub(crate) fn circles(&self) -> Vec<Circle> {
        let imports = self.imports();
        let reached: Vec<BTreeSet<usize>> = (0..imports.len())
            .map(|file| reachable(&imports, file))
            .collect();
        let mut seen = BTreeSet::new();
        let mut circles = Vec::new();
        for first in 0..imports.len() {
            if seen.contains(&first) || !reached[first].contains(&first) {
                continue;
            }
            let in_circle = |other: &usize| reached[*other].contains(&first);
            let members: BTreeSet<usize> =
                reached[first].iter().copied().filter(in_circle).collect();
            circles.push(self.circle(&imports, &members));
            seen.extend(members);
        }
        circles
    }

    fn circle(
        &self,
        imports: &[BTreeMap<usize, BTreeSet<usize>>],
        members: &BTreeSet<usize>,
    ) -> Circle {
        let path = |file: usize| self.files[file].path.clone();
        let mut lines = Vec::new();
        for from in members {
            for (to, at) in imports[*from]
                .iter()
                .filter(|(to, _)| members.contains(*to))
            {
                lines.extend(at.iter().map(|line| (path(*from), *line, path(*to))));
            }
        }
        let ways = members.iter().filter_map(|file| way_round(imports, *file));
        let shortest = ways.min_by_key(Vec::len).unwrap_or_default();
        let step = |pair: &[usize]| {
            let line = imports[pair[0]][&pair[1]].first().copied().unwrap_or(0);
            (path(pair[0]), line, path(pair[1]))
        };
        Circle {
            files: members.iter().map(|file| path(*file)).collect(),
            imports: lines,
            shortest: shortest.windows(2).map(step).collect(),
        }
    }
}

/// The files that a file imports from, by way of others too.
fn reachable(imports: &[BTreeMap<usize, BTreeSet<usize>>], from: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        open.extend(imports[file].keys().filter(|next| reached.insert(**next)));
    }
    reached
}

/// The shortest way from a file back to itself, with it at both ends.
fn way_round(imports: &[BTreeMap<usize, BTreeSet<usize>>], start: usize) -> Option<Vec<usize>> {
    let mut before: BTreeMap<usize, usize> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(file) = open.pop_front() {
        for next in imports[file].keys() {
            if *next == start {
                let mut way = vec![start, file];
                while let Some(previous) = before.get(way.last()?) {
                    way.push(*previous);
                }
                way.reverse();
                // A circle of two begins with the file itself.
                return Some(way);
            }
            if !before.contains_key(next) {
                before.insert(*next, file);
                open.push_back(*next);
            }
        }
    }
    None
}

impl std::fmt::Display for Circle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "a circle of {} files; the shortest way round:",
            self.files.len()
        )?;
        let line = |(from, line, to): &(PathBuf, usize, PathBuf)| {
            format!("  {}:{line} imports from {}", from.display(), to.display())
        };
        for import in &self.shortest {
            writeln!(f, "{}", line(import))?;
        }
        if self.imports.len() > self.shortest.len() {
            writeln!(f, " all lines of it:")?;
            for import in &self.imports {
                writeln!(f, "{}", line(import))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The circles of a crate of these files, each as the names of its files and of its lines.
    fn circles(files: &[(&str, &str)]) -> Vec<(String, String)> {
        let read = |path: &Path| {
            let named = files.iter().find(|(name, _)| Path::new(name) == path);
            named.map(|(_, text)| (*text).to_owned())
        };
        let modules = Modules::of_crate(Path::new(files[0].0), &read);
        let names = |circle: &Circle| {
            let names: Vec<_> = circle
                .files
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            names.join(" ")
        };
        let lines = |circle: &Circle| {
            let line =
                |(from, line, _): &(PathBuf, usize, PathBuf)| format!("{}:{line}", from.display());
            circle
                .imports
                .iter()
                .map(line)
                .collect::<Vec<_>>()
                .join(" ")
        };
        let found = modules.circles();
        found
            .iter()
            .map(|circle| (names(circle), lines(circle)))
            .collect()
    }

    #[test]
    fn declaring_a_module_or_importing_from_it_makes_no_circle() {
        let files = [
            ("lib.rs", "mod a;\nmod b;\npub use a::A;\n"),
            ("a.rs", "use crate::b::B;"),
            ("b.rs", "use std::fmt;"),
        ];
        assert!(circles(&files).is_empty());
    }

    #[test]
    fn two_that_import_from_each_other_are_found_with_their_lines() {
        let files = [
            ("lib.rs", "mod a;\nmod b;"),
            ("a.rs", "\nuse super::b::B;"),
            ("b.rs", "fn f() {\n\n  crate::a::g()\n}"),
        ];
        let expected = ("a.rs b.rs".to_owned(), "a.rs:2 b.rs:3".to_owned());
        assert_eq!(circles(&files), [expected]);
    }

    #[test]
    fn importing_through_the_parents_re_export_is_a_circle() {
        let files = [
            ("lib.rs", "mod x;"),
            ("x/mod.rs", "mod a;\nmod b;\npub use a::A;\npub use b::B;"),
            ("x/a.rs", "use super::B;"),
            ("x/b.rs", "pub struct B;"),
        ];
        let expected = (
            "x/mod.rs x/a.rs".to_owned(),
            "x/mod.rs:3 x/a.rs:1".to_owned(),
        );
        assert_eq!(circles(&files), [expected]);
        let defined = [files[0], files[1], ("x/a.rs", "use super::b::B;"), files[3]];
        assert!(circles(&defined).is_empty());
    }

    #[test]
    fn a_long_circle_and_one_apart_from_it_are_two() {
        let files = [
            ("main.rs", "mod a; mod b; mod c; mod d; mod e; mod f;"),
            ("a.rs", "use crate::b;"),
            ("b.rs", "use crate::c::{C, D};"),
            ("c.rs", "use crate::a::A;"),
            ("d.rs", "use crate::e::E; use crate::a::A;"),
            ("e.rs", "pub use super::d::*;"),
            ("f.rs", "use crate::a::A;"),
        ];
        let found = circles(&files);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(
            (found[0].0.as_str(), found[1].0.as_str()),
            ("a.rs b.rs c.rs", "d.rs e.rs")
        );
    }

    #[test]
    fn tests_may_import_as_they_like() {
        let files = [
            ("lib.rs", "mod a;\nmod b;"),
            ("a.rs", "use crate::b::B;"),
            (
                "b.rs",
                "pub struct B;\n#[cfg(test)]\nmod tests {\n  use crate::a::A;\n}",
            ),
        ];
        assert!(circles(&files).is_empty());
    }

    #[test]
    fn modules_within_a_file_belong_to_it() {
        let files = [
            ("lib.rs", "mod a;\nmod b;"),
            ("a.rs", "mod inner { use super::super::b::B; }"),
            ("b.rs", "use crate::a::inner::C;"),
        ];
        let expected = ("a.rs b.rs".to_owned(), "a.rs:1 b.rs:1".to_owned());
        assert_eq!(circles(&files), [expected]);
    }
}
