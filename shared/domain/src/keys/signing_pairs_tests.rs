//! Tables of the pairs: which signs, which is due, which is over.

use super::algorithm::Algorithm;
use super::signing_pairs::{
    PUBLISHED_AFTER, PUBLISHED_BEFORE, SigningPair, SigningPairs, WantedPair,
};
use Algorithm::{Es256, Rs256};

const NOW: i64 = 1_800_000_000;
/// The pairs of a case: the algorithm, and from when on the pair signs.
type Signing<'a> = &'a [(&'a str, i64)];

const DAY: i64 = 86_400;
const PERIOD: i64 = 90 * DAY;

/// Pairs of these algorithms, each made a day before it signs.
fn pairs(signing: Signing<'_>) -> SigningPairs {
    let numbered = (1..).zip(signing);
    SigningPairs(
        numbered
            .map(|(number, (algorithm, signs_from))| SigningPair {
                algorithm: (*algorithm).to_owned(),
                number,
                made_at: signs_from - PUBLISHED_BEFORE,
                signs_from: *signs_from,
            })
            .collect(),
    )
}

#[test]
fn the_newest_pair_of_the_wanted_algorithm_that_may_sign_by_now_signs() {
    let table: [(&str, Signing<'_>, Option<u32>); 7] = [
        ("no pair", &[], None),
        (
            "the only pair, made by a clock ahead of ours",
            &[("RS256", NOW + 5)],
            Some(1),
        ),
        (
            "the next pair does not sign yet",
            &[("RS256", 0), ("RS256", NOW + 1)],
            Some(1),
        ),
        (
            "the next pair signs from now on",
            &[("RS256", 0), ("RS256", NOW)],
            Some(2),
        ),
        (
            "another algorithm signs until then",
            &[("ES256", 0), ("RS256", NOW + 1)],
            Some(1),
        ),
        (
            "a newer pair of another algorithm",
            &[("RS256", 0), ("ES256", 1)],
            Some(1),
        ),
        (
            "an algorithm that is not known",
            &[("XS256", 0), ("RS256", NOW + 1)],
            Some(2),
        ),
    ];
    for (case, signing, signs) in table {
        let pairs = pairs(signing);
        let signer = pairs.signer(Rs256, NOW).map(|pair| pair.number);
        assert_eq!(signer, signs, "{case}");
    }
}

#[test]
fn only_the_very_first_pair_signs_at_once() {
    let wanted = |signs_from| {
        Some(WantedPair {
            number: 1,
            signs_from,
        })
    };
    assert_eq!(pairs(&[]).first(Rs256, NOW), wanted(NOW));
    let other = pairs(&[("RS256", 0)]);
    assert_eq!(other.first(Es256, NOW), wanted(NOW + PUBLISHED_BEFORE));
    assert_eq!(other.first(Rs256, NOW), None);
}

#[test]
fn the_next_pair_is_due_when_all_are_old_or_the_algorithm_has_changed() {
    let old = NOW - PERIOD + PUBLISHED_BEFORE;
    let table: [(&str, Signing<'_>, Option<u32>); 5] = [
        ("a young pair", &[("RS256", old + 1)], None),
        ("an old pair", &[("RS256", old)], Some(2)),
        (
            "the next pair is there",
            &[("RS256", 0), ("RS256", NOW + 1)],
            None,
        ),
        (
            "another algorithm is newer",
            &[("RS256", old + 1), ("ES256", NOW)],
            Some(2),
        ),
        (
            "back from another algorithm",
            &[("ES256", 0), ("RS256", NOW)],
            None,
        ),
    ];
    for (case, signing, number) in table {
        let due = pairs(signing).due(Rs256, PERIOD, NOW);
        let due_from = due.map(|due| due.signs_from);
        assert_eq!(due.map(|due| due.number), number, "{case}");
        assert_eq!(due_from, number.map(|_| NOW + PUBLISHED_BEFORE), "{case}");
    }
}

#[test]
fn a_pair_is_over_when_the_tokens_that_it_signed_last_have_expired() {
    let since = NOW - PUBLISHED_AFTER;
    let table: [(&str, Signing<'_>, &[u32]); 6] = [
        ("the only pair", &[("RS256", 0)], &[]),
        (
            "followed a second too late",
            &[("RS256", 0), ("RS256", since + 1)],
            &[],
        ),
        ("followed in time", &[("RS256", 0), ("RS256", since)], &[1]),
        (
            "another algorithm signs",
            &[("ES256", 0), ("RS256", since)],
            &[1],
        ),
        (
            "another algorithm does not sign yet",
            &[("RS256", 0), ("ES256", NOW + 1)],
            &[],
        ),
        (
            "the newest pair does not sign",
            &[("RS256", 0), ("ES256", since)],
            &[],
        ),
    ];
    for (case, signing, over) in table {
        let pairs = pairs(signing);
        let found: Vec<u32> = pairs.over(Rs256, NOW).map(|pair| pair.number).collect();
        assert_eq!(found, over, "{case}");
    }
}

#[test]
fn an_old_pair_says_when_it_will_be_over_and_the_newest_pair_does_not() {
    let pairs = pairs(&[("RS256", 0), ("ES256", 5), ("RS256", 9)]);
    let over: Vec<_> = pairs.0.iter().map(|pair| pairs.over_at(pair)).collect();
    let at = |signs_from| Some(signs_from + PUBLISHED_AFTER);
    assert_eq!(over, [at(9), at(9), None]);
}
