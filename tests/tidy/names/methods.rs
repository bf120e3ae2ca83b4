//! A name that the methods of several types have means one thing.

use std::collections::BTreeMap;

use crate::tidy::names::public_methods;
use crate::tidy::source::sources;

/// The names that public methods of several types have. Each name means one thing, whatever
/// the type is: `name` gives the name in the table or the log, `parse` reads a text. Give a
/// method that does something else another name. Add a name here only if it means one thing.
const SHARED: &str = "\
    account as_str at begin bytes channel check check_live code counted expose \
    finished_login_parts fits forgotten_parts from_bytes from_name from_pairs get is_live \
    is_met_by is_of kind list login login_name login_names matches method name named names \
    new new_user now number of of_mfa of_name of_next_step of_nobody of_subject optional \
    parameter parse path post problem random read required secret sent sentence session_id \
    submitted text to_text told_as tried type_code user value with_cookie";

#[test]
fn a_name_that_methods_of_several_types_have_is_in_the_list_of_those_with_one_meaning() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in ["shared/src", "shared/domain/src"] {
        for (path, text) in sources(folder) {
            for name in public_methods(&text) {
                places.entry(name).or_default().push(path.clone());
            }
        }
    }
    assert!(places.len() > 500, "{}", places.len());
    places.retain(|_, places| places.len() > 1);
    let shared: Vec<&str> = SHARED.split_whitespace().collect();
    let new: Vec<_> = places
        .iter()
        .filter(|(name, _)| !shared.contains(&&***name))
        .collect();
    assert!(new.is_empty(), "not in the list: {new:?}");
    let gone: Vec<_> = shared
        .iter()
        .filter(|name| !places.contains_key(**name))
        .collect();
    assert!(gone.is_empty(), "of one type only: {gone:?}");
}
