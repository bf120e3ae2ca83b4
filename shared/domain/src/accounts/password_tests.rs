//! Passwords and what a wrong one costs.
#![allow(clippy::unwrap_used)]
use super::{Compared, ForeignHash, PasswordHash, PasswordHasher, UnusableHash};
use super::{MOST_KINDS, Work, todays_work, work_of};
use crate::accounts::moving_in::hash_kinds::add_kinds;
use crate::secret::Secret;

#[test]
fn a_password_compares_right_with_its_own_hash_only() {
    let hasher = PasswordHasher::default();
    let hash = hasher.hash(&Secret::new("correct horse"), [1; 16]).unwrap();
    assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    let compare = |shown| hasher.compare(&Secret::new(shown), Some(&hash)).unwrap();
    assert_eq!(compare("correct horse"), Compared::Right);
    assert_eq!(compare("correct horsf"), Compared::Wrong);
}

#[test]
fn no_password_is_truncated() {
    let hasher = PasswordHasher::default();
    let long = "x".repeat(72);
    let hash = hasher
        .hash(&Secret::new(format!("{long}a")), [1; 16])
        .unwrap();
    let other = hasher
        .compare(&Secret::new(format!("{long}b")), Some(&hash))
        .unwrap();
    assert_eq!(other, Compared::Wrong);
}

#[test]
fn a_password_is_the_same_however_its_accents_were_typed() {
    let hasher = PasswordHasher::default();
    let hash = hasher
        .hash(&Secret::new("caf\u{e9} noir"), [1; 16])
        .unwrap();
    let compare = |shown| hasher.compare(&Secret::new(shown), Some(&hash)).unwrap();
    assert_eq!(compare("cafe\u{301} noir"), Compared::Right);
    assert_eq!(compare("cafe noir"), Compared::Wrong);
}

#[test]
fn a_hash_with_weaker_parameters_is_right_but_weak() {
    // The answer of the reference implementation: `argon2 somesalt -id -t 2 -m 8`.
    let weak = PasswordHash::from_stored(
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    );
    let compared = PasswordHasher::default().compare(&Secret::new("password"), Some(&weak));
    assert_eq!(compared, Ok(Compared::RightButWeak));
}

#[test]
fn an_unknown_user_is_wrong_after_the_same_work() {
    let compared = PasswordHasher::default().compare(&Secret::new("pwd"), None);
    assert_eq!(compared, Ok(Compared::Wrong));
}

#[test]
fn once_a_moved_hash_was_met_every_wrong_password_costs_the_same_work() {
    let bcrypt = "$2b$05$cuVrO/gZqRwCr2zHfBbMOeiRM18GwD0IYOOYnZBPVG5QdfRKFiT96";
    let argon2 =
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    let hasher = PasswordHasher::default();
    let pwd = Secret::new("pwd");
    assert_eq!(hasher.met.owed(None, todays_work().unwrap()).len(), 1);
    for moved in [bcrypt, argon2] {
        let moved = PasswordHash::from_stored(moved);
        assert_eq!(hasher.compare(&pwd, Some(&moved)), Ok(Compared::Wrong));
    }
    let Some(Ok(ForeignHash::Own(slow))) = ForeignHash::read(bcrypt) else {
        panic!("no bcrypt");
    };
    let (_, weak) = hasher.compare_argon2(b"pwd", argon2).unwrap();
    let works = [todays_work().unwrap(), Work::Slow(slow.of_nobody()), weak];
    for done in std::iter::once(None).chain(works.iter().map(Some)) {
        let mut all = hasher.met.owed(done, todays_work().unwrap());
        all.extend(done.cloned());
        assert_eq!(all.len(), works.len());
        assert!(works.iter().all(|work| all.contains(work)));
    }
}

#[test]
fn a_wrong_password_does_the_same_work_for_nobody_and_for_each_kind_that_an_import_may_note() {
    let costs = 1000..1000 + MOST_KINDS + 1;
    let hashes: Vec<PasswordHash> = costs
        .map(|rounds| {
            PasswordHash::from_stored(format!(
                "$pbkdf2-sha256$i={rounds},l=32$AAECAwQFBgcICQoLDA0ODw\
                 $yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ"
            ))
        })
        .collect();
    let mut noted = Vec::new();
    add_kinds(&mut noted, &hashes);
    assert_eq!(noted.len(), MOST_KINDS);
    let hasher = PasswordHasher::default();
    // A process bounds its own work too, whatever the note says.
    hasher.learn_kinds(&hashes);
    let today = || todays_work().unwrap();
    let nobodys = hasher.met.owed(None, today());
    assert_eq!(nobodys.len(), 1 + MOST_KINDS);
    for hash in hashes.iter().take(MOST_KINDS) {
        let done = work_of(hash.as_str()).unwrap();
        let mut all = hasher.met.owed(Some(&done), today());
        all.push(done);
        assert_eq!(all.len(), nobodys.len());
        assert!(nobodys.iter().all(|work| all.contains(work)));
    }
}

#[test]
fn a_process_learns_the_kinds_of_hashes_from_hashes_of_nobody() {
    let (salt, hash) = (
        "AAECAwQFBgcICQoLDA0ODw",
        "nfkj3u1fRTHCea+fVr03sWV770kp5wLOLoEakziKhqE",
    );
    for stored in [
        "$2b$05$cuVrO/gZqRwCr2zHfBbMOeiRM18GwD0IYOOYnZBPVG5QdfRKFiT96".to_owned(),
        format!("$pbkdf2-sha256$i=1000,l=32${salt}${hash}"),
        format!("$scrypt$ln=10,r=8,p=1${salt}${hash}"),
        format!("$firebase$ln=10,r=8,p=1${salt}${hash}"),
        format!("$argon2i$v=19$m=1024,t=2,p=1${salt}${hash}"),
    ] {
        let stored = PasswordHash::from_stored(stored);
        let nobodys = stored.of_nobody().unwrap().unwrap();
        assert_ne!(nobodys, stored);
        assert_eq!(nobodys.of_nobody().unwrap().unwrap(), nobodys);
        let hasher = PasswordHasher::default();
        assert_eq!(
            hasher.learn_kinds(&[nobodys.clone(), nobodys.clone()]),
            [nobodys]
        );
        // The hash itself costs nothing that was not known.
        assert_eq!(
            hasher.compare(&Secret::new("pwd"), Some(&stored)),
            Ok(Compared::Wrong)
        );
        assert_eq!(hasher.met.owed(None, todays_work().unwrap()).len(), 2);
    }
    let hasher = PasswordHasher::default();
    let ours = hasher.hash(&Secret::new("pwd"), [1; 16]).unwrap();
    assert_eq!(ours.of_nobody(), Ok(None));
    assert_eq!(
        hasher.learn_kinds(&[ours, PasswordHash::from_stored("x")]),
        []
    );
}

#[test]
fn a_process_asks_for_the_kinds_of_hashes_each_five_minutes() {
    let hasher = PasswordHasher::default();
    let asked = [1000, 1001, 1299, 1300, 1599].map(|now| hasher.asks_for_kinds(now));
    assert_eq!(asked, [true, false, false, true, false]);
}

#[test]
fn a_hash_that_asks_for_too_much_is_not_computed() {
    let greedy = PasswordHash::from_stored(
        "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    );
    let compared = PasswordHasher::default().compare(&Secret::new("pwd"), Some(&greedy));
    assert_eq!(compared, Err(UnusableHash("parameters above the cap")));
}
