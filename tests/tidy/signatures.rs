//! How many values a function takes and returns. Values that belong together are a
//! struct, whose fields have names.

use crate::tidy::source::{code, identifier, sources};

/// The part between the name and the body of a function.
struct Signature {
    name: String,
    parameters: Vec<String>,
    returns: String,
}

/// The code without the contents of strings, characters and comments. Arrows become one
/// character, so that each `>` closes a `<`.
fn bare(text: &str) -> String {
    let text: Vec<char> = code(text).chars().collect();
    let starts =
        |at: usize, with: &str| text[at..].iter().copied().take(with.len()).eq(with.chars());
    let after = |from: usize, end: &str| {
        let ends = (from..text.len()).find(|at| starts(*at, end));
        ends.map_or(text.len(), |at| at + end.len())
    };
    let (mut bare, mut at) = (String::new(), 0);
    while let Some(character) = text.get(at) {
        if starts(at, "//") {
            at = after(at, "\n");
            bare.push('\n');
        } else if starts(at, "r\"") {
            at = after(at + 2, "\"");
        } else if starts(at, "r#\"") {
            at = after(at + 3, "\"#");
        } else if starts(at, "\"")
            || starts(at, "'\\")
            || text.get(at + 2) == Some(&'\'') && starts(at, "'")
        {
            let quote = *character;
            at += 1;
            while text.get(at).is_some_and(|inner| *inner != quote) {
                at += if text[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if starts(at, "->") || starts(at, "=>") {
            bare.push('→');
            at += 2;
        } else {
            bare.push(*character);
            at += 1;
        }
    }
    bare
}

/// How much the depth of brackets changes with this character.
fn deeper(character: char) -> i32 {
    match character {
        '(' | '[' | '{' | '<' => 1,
        ')' | ']' | '}' | '>' => -1,
        _ => 0,
    }
}

/// The contents of the brackets that a text starts with, and the text after them.
fn bracketed(text: &str) -> (&str, &str) {
    let mut depth = 0;
    for (at, character) in text.char_indices() {
        depth += deeper(character);
        if depth == 0 {
            return (&text[1..at], &text[at + 1..]);
        }
    }
    panic!("no end: {text:.60}");
}

/// The part before the body of a function, or before the end of a function without a
/// body.
fn before_body(text: &str) -> &str {
    let mut depth = 0;
    let end = text.find(|character| {
        let ends = depth == 0 && matches!(character, '{' | ';');
        depth += deeper(character);
        ends
    });
    &text[..end.unwrap()]
}

/// The parts of a comma-separated list.
fn parts(list: &str) -> Vec<&str> {
    let mut depth = 0;
    let commas = list.split(|character| {
        depth += deeper(character);
        character == ',' && depth == 0
    });
    let parts = commas.map(str::trim);
    parts.filter(|part| !part.is_empty()).collect()
}

/// The text after each place where the word stands alone.
fn after_each<'a>(code: &'a str, word: &str) -> Vec<&'a str> {
    let inside =
        |before: &str| before.ends_with(|last: char| last.is_alphanumeric() || last == '_');
    let found = code.match_indices(word);
    let alone = found.filter(|(at, _)| !inside(&code[..*at]));
    alone.map(|(at, _)| &code[at + word.len()..]).collect()
}

/// How many values a parameter is: the parts of a tuple that is taken apart, else one.
fn values_of(parameter: &str) -> usize {
    match parameter.starts_with('(') {
        true => parts(bracketed(parameter).0).len(),
        false => 1,
    }
}

/// The types of the constants, and the bodies of the structs and enums of a file.
fn declared_types(code: &str) -> Vec<&str> {
    let constants = ["const ", "static "].map(|word| {
        let rests = after_each(code, word).into_iter();
        let typed = rests.filter(|rest| rest[identifier(rest).len()..].starts_with(':'));
        let types = typed.map(|rest| rest.split('=').next().unwrap());
        types.collect::<Vec<_>>()
    });
    let bodies = ["struct ", "enum "].map(|word| {
        let rests = after_each(code, word).into_iter();
        let open = rests.filter_map(|rest| {
            let start = rest.find(['{', '(', ';'])?;
            let holds = !rest[start..].starts_with(';');
            holds.then(|| bracketed(&rest[start..]).0)
        });
        open.collect::<Vec<_>>()
    });
    constants.into_iter().chain(bodies).flatten().collect()
}

/// The variants of enums with more than two fields without names.
fn long_variants(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in after_each(code, "enum ") {
        let start = rest.find('{').unwrap();
        for variant in parts(bracketed(&rest[start..]).0) {
            let fields = variant.find('(').filter(|_| variant.ends_with(')'));
            let fields = fields.map(|at| parts(bracketed(&variant[at..]).0).len());
            if fields.is_some_and(|count| count > 2) {
                found.push(variant.to_owned());
            }
        }
    }
    found
}

/// The names of the variants of the enums of a file.
pub fn variants(text: &str) -> Vec<String> {
    let code = bare(text);
    let mut found = Vec::new();
    for rest in after_each(&code, "enum ") {
        // A macro writes the name of this enum.
        let Some(start) = rest.find('{').filter(|_| !identifier(rest).is_empty()) else {
            continue;
        };
        for variant in parts(bracketed(&rest[start..]).0) {
            let mut variant = variant;
            while variant.starts_with("#[") {
                variant = bracketed(&variant[1..]).1.trim_start();
            }
            found.push(identifier(variant).to_owned());
        }
    }
    found
}

/// The signatures of all functions of a file, except its tests.
fn signatures(text: &str) -> Vec<Signature> {
    let code = bare(text);
    let mut found = Vec::new();
    for rest in after_each(&code, "fn ") {
        let name = identifier(rest);
        // A macro writes the name of this function.
        if name.is_empty() {
            continue;
        }
        let rest = &rest[name.len()..];
        let rest = match rest.starts_with('<') {
            true => bracketed(rest).1,
            false => rest,
        };
        let (parameters, rest) = bracketed(rest);
        found.push(Signature {
            name: name.to_owned(),
            parameters: parts(parameters).into_iter().map(str::to_owned).collect(),
            returns: before_body(rest).to_owned(),
        });
    }
    found
}

/// Whether a type contains a tuple of more than two.
fn has_long_tuple(text: &str) -> bool {
    text.match_indices('(').any(|(at, _)| {
        // `Fn(A, B, C)` is not a tuple.
        let named = text[..at].ends_with(|last: char| last.is_alphanumeric());
        !named && parts(bracketed(&text[at..]).0).len() > 2
    })
}

#[test]
fn a_signature_is_read_with_its_generics_tuples_and_strings() {
    let text = "
        const TEXT: &str = \"fn no(a: A)\"; // fn no()
        const QUOTE: char = '\"';
        pub(crate) async fn first<'a, F: Fn(A, B) -> C>(
            &'a mut self,
            one: BTreeMap<String, (A, B)>,
            two: impl Fn(&str, &str, &str) -> String,
        ) -> Result<(), Failure> {
            let field: fn(A, B, C) -> D = second;
        }
        fn second((a, b, c): (A, B, C)) -> (A, [u8; 2]);
        fn third() -> Option<(A, impl Fn(B) -> C, D)> where A: B {}
    ";
    let found = signatures(text);
    let names: Vec<&str> = found.iter().map(|found| found.name.as_str()).collect();
    assert_eq!(names, ["first", "second", "third"]);
    let counts: Vec<usize> = found.iter().map(|found| found.parameters.len()).collect();
    assert_eq!(counts, [3, 1, 0]);
    let long = |found: &Signature| {
        let takes = found.parameters.iter().any(|one| has_long_tuple(one));
        (takes, has_long_tuple(&found.returns))
    };
    let long: Vec<(bool, bool)> = found.iter().map(long).collect();
    assert_eq!(long, [(false, false), (true, false), (false, true)]);
}

#[test]
fn no_use_case_takes_more_than_four_parameters() {
    let mut read = 0;
    for (path, text) in sources("shared/src/usecase") {
        for Signature {
            name, parameters, ..
        } in signatures(&text)
        {
            read += 1;
            let taken: usize = parameters.iter().map(|one| values_of(one)).sum();
            assert!(taken <= 4, "{path}: {name} takes {parameters:?}");
        }
    }
    assert!(read > 250, "{read}");
}

#[test]
fn no_function_takes_or_gives_a_tuple_of_more_than_two() {
    let (mut read, mut declarations) = (0, 0);
    let all = ["shared/src", "shared/domain/src", "cli/src"];
    for (path, text) in all.iter().flat_map(|folder| sources(folder)) {
        for Signature {
            name,
            parameters,
            returns,
        } in signatures(&text)
        {
            read += 1;
            let long: Vec<&String> = parameters
                .iter()
                .chain([&returns])
                .filter(|one| has_long_tuple(one))
                .collect();
            assert!(long.is_empty(), "{path}: {name}: {long:?}");
        }
        let bare = bare(&text);
        for declared in declared_types(&bare) {
            declarations += 1;
            assert!(!has_long_tuple(declared), "{path}: {declared}");
        }
        let long = long_variants(&bare);
        assert!(long.is_empty(), "{path}: {long:?}");
        // A type alias would leave the parts of a tuple without names.
        for alias in after_each(&bare, "type ") {
            let alias = alias.split(';').next().unwrap();
            assert!(!has_long_tuple(alias), "{path}: type {alias}");
        }
    }
    assert!(read > 1000, "{read}");
    assert!(declarations > 500, "{declarations}");
}

#[test]
fn only_the_domain_and_the_store_name_every_field_of_a_stored_noun() {
    let mut made = 0;
    let all = ["shared/src/usecase", "shared/src/wire", "cli/src"];
    for (path, text) in all.iter().flat_map(|folder| sources(folder)) {
        let bare = bare(&text);
        for noun in ["User", "Client", "Session"] {
            for rest in after_each(&bare, noun) {
                // `-> Session {` is no value.
                let before = &bare[..bare.len() - rest.len() - noun.len()];
                let is_type = before.trim_end().ends_with(['→', '>']);
                // A variant may have the name of a noun.
                let is_other = ["impl", "::"]
                    .iter()
                    .any(|end| before.trim_end().ends_with(end));
                if is_type || is_other || !rest.starts_with(" {") {
                    continue;
                }
                made += 1;
                let fields = bracketed(&rest[1..]).0;
                // The fields of a variant have types in place of values.
                let is_type = |field: &&str| {
                    let value = field.split_once(": ").map(|(_, value)| value);
                    value.is_some_and(|value| value.starts_with(char::is_uppercase))
                };
                if parts(fields).iter().all(is_type) {
                    continue;
                }
                assert!(fields.contains(".."), "{path}: {noun} {{{fields}}}");
            }
        }
    }
    assert!(made > 5, "{made}");
}
