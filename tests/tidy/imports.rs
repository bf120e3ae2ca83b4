//! Which files of a crate name what other files define. Paths are resolved as the
//! compiler resolves them: from the crate, from the file's own module, or through a name
//! that a `use` brought. A re-export counts as its target, not as the file it stands in.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::source::{code, sources};

/// The parts of a path: `crate::login::prove` has three.
type Path = Vec<String>;

/// A `use` of a file: the path, and the name that it brings.
struct Use {
    path: Path,
    name: String,
}

/// What a file names.
struct File {
    uses: Vec<Use>,
    /// The paths in the rest of the code.
    inline: Vec<Path>,
}

/// The files of a crate by their module.
pub struct Files(BTreeMap<Path, File>);

/// The sources in this folder, as the path inside the folder and the text.
pub fn inner_sources(root: &str) -> Vec<(String, String)> {
    let files = sources(root).into_iter();
    let inner = |path: &str| {
        let inner = path.strip_prefix(root).unwrap();
        inner.trim_start_matches('/').to_owned()
    };
    files.map(|(path, text)| (inner(&path), text)).collect()
}

/// The module of the file at this path inside a crate.
fn module(path: &str) -> Path {
    let inner = path.strip_suffix(".rs").unwrap();
    let mut module = parts(&inner.replace('/', "::"));
    module.pop_if(|last| *last == "mod");
    module.pop_if(|last| *last == "lib");
    module
}

/// The module of the file at this path inside a crate, as one word: `login::prove`.
pub fn module_name(path: &str) -> String {
    module(path).join("::")
}

fn parts(path: &str) -> Path {
    let parts = path.split("::").map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The leaves of a `use` tree: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn leaves(prefix: &str, tree: &str, found: &mut Vec<Use>) {
    let tree = tree.trim();
    let Some((before, group)) = tree.split_once('{') else {
        let (path, renamed) = tree.split_once(" as ").unzip();
        let mut path = parts(&format!("{prefix}{}", path.unwrap_or(tree)));
        path.pop_if(|last| *last == "self" && !prefix.is_empty());
        let name = renamed.map_or_else(|| path.last().unwrap().clone(), str::to_owned);
        found.push(Use { path, name });
        return;
    };
    let group = group.trim_end().strip_suffix('}').unwrap();
    let prefix = format!("{prefix}{before}");
    let (mut depth, mut from) = (0, 0);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                leaves(&prefix, &group[from..at], found);
                from = at + 1;
            }
            _ => {}
        }
    }
    if !group[from..].trim().is_empty() {
        leaves(&prefix, &group[from..], found);
    }
}

/// The tree of a `use` that begins on this line.
fn used(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let private = match line.strip_prefix("pub") {
        Some(public) => public.split_once("use ").map(|(scope, _)| scope.len())?,
        None => return line.strip_prefix("use "),
    };
    let scope = line[3..3 + private].trim();
    let is_scope = scope.is_empty() || scope.starts_with('(') && scope.ends_with(')');
    is_scope.then(|| &line[3 + private + 4..])
}

impl File {
    fn read(text: &str) -> Self {
        let (mut uses, mut inline) = (Vec::new(), Vec::new());
        let text = code(text);
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(tree) = used(line) {
                let mut tree = tree.to_owned();
                while !tree.contains(';') {
                    tree.push_str(lines.next().unwrap().trim());
                }
                leaves("", tree.split(';').next().unwrap(), &mut uses);
                continue;
            }
            let words = line.split(|of: char| !(of.is_alphanumeric() || of == '_' || of == ':'));
            inline.extend(words.map(parts).filter(|path| path.len() > 1));
        }
        Self { uses, inline }
    }
}

impl Files {
    /// The crate of these files, as path and text.
    pub fn from_texts(texts: impl Iterator<Item = (String, String)>) -> Self {
        let files = texts.map(|(path, text)| (module(&path), File::read(&text)));
        Self(files.collect())
    }

    /// A path from the root of the crate, as a file names it. `None` for a path of
    /// another crate.
    fn absolute(&self, own: &[String], path: &[String]) -> Option<Path> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([own, rest].concat()),
            "super" => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                let outer = own.get(..own.len().checked_sub(ups)?)?;
                Some([outer, &path[ups..]].concat())
            }
            child => {
                let child = [own, &[child.to_owned()]].concat();
                self.0.contains_key(&child).then(|| [own, path].concat())
            }
        }
    }

    /// The file that defines what this path from the root names. `None` for a module
    /// alone, and for what another crate defines.
    fn home(&self, path: &[String], steps: usize) -> Option<Path> {
        assert!(steps < 20, "{path:?} is re-exported without end");
        let is_module = |length: &usize| self.0.contains_key(&path[..*length]);
        let length = (0..=path.len()).rev().find(is_module)?;
        let (module, rest) = path.split_at(length);
        let name = rest.first()?;
        match self.0[module].uses.iter().find(|of| of.name == *name) {
            None => Some(module.to_vec()),
            Some(other) => {
                let target = self.absolute(module, &other.path)?;
                self.home(&[&target[..], &rest[1..]].concat(), steps + 1)
            }
        }
    }

    /// The other files whose definitions each file names.
    pub fn imports(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut imports = BTreeMap::new();
        for (own, file) in &self.0 {
            let by_use = file.uses.iter().map(|of| of.path.clone());
            let inline = file.inline.iter().map(|path| {
                let brought = file.uses.iter().find(|of| of.name == path[0]);
                brought.map_or(path.clone(), |of| [&of.path[..], &path[1..]].concat())
            });
            let homes = by_use.chain(inline).filter_map(|path| {
                let absolute = self.absolute(own, &path)?;
                self.home(&absolute, 0)
            });
            let others = homes.filter(|home| home != own);
            imports.insert(own.join("::"), others.map(|home| home.join("::")).collect());
        }
        imports
    }
}
