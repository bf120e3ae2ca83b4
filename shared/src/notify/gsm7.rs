//! Measures the length of a text message in the GSM 7-bit default alphabet.
//!
//! Source: 3GPP TS 23.038 (formerly GSM 03.38), section 6.2.1 (basic table) and 6.2.1.1
//! (extension table). A message with only these characters is packed: eight characters
//! in seven bytes. One other character turns the whole message into UCS-2 with two
//! bytes for each character. A single SMS then holds 70 characters instead of 160.

/// The basic table, one septet each, in the order of the standard. 0x1B is left out,
/// because it is not a character but the escape to the extension table.
const BASIC: &str = concat!(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ",
    " !\"#¤%&'()*+,-./0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§",
    "¿abcdefghijklmnopqrstuvwxyzäöñüà",
);

/// The extension table: each character takes the escape and one more septet. (U+000C is
/// the page break.)
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// The bytes that one SMS holds.
pub const SMS_BYTES: usize = 140;

/// The septets of one character, or `None` if the character is not in the alphabet.
pub fn septets_of(c: char) -> Option<usize> {
    if BASIC.contains(c) {
        Some(1)
    } else if EXTENSION.contains(c) {
        Some(2)
    } else {
        None
    }
}

/// The septets of `text`, or `None` if a character is not in the alphabet.
pub fn septets(text: &str) -> Option<usize> {
    text.chars().map(septets_of).sum()
}

/// The bytes of packed septets: seven bits each, and the last byte is padded.
pub fn packed_bytes(septets: usize) -> usize {
    (septets * 7).div_ceil(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_have_as_many_characters_as_the_standard() {
        assert_eq!(BASIC.chars().count(), 127);
        assert_eq!(EXTENSION.chars().count(), 10);
        let mut all: Vec<char> = BASIC.chars().chain(EXTENSION.chars()).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 137, "a character is there twice");
    }

    #[test]
    fn characters_take_one_septet_two_or_none() {
        for (text, expected) in [
            ("", Some(0)),
            ("123456 is your code", Some(19)),
            ("@#_\n", Some(4)),
            ("ñÇàΔ", Some(4)),
            ("€", Some(2)),
            ("[a]", Some(5)),
            ("ł", None),
            ("ç", None),
            ("á", None),
            ("`", None),
            ("\t", None),
            ("\u{1b}", None),
            ("naïve", None),
            ("a‘b", None),
            ("🔑", None),
        ] {
            assert_eq!(septets(text), expected, "{text:?}");
        }
    }

    #[test]
    fn eight_septets_pack_into_seven_bytes() {
        for (septets, bytes) in [
            (0, 0),
            (1, 1),
            (7, 7),
            (8, 7),
            (9, 8),
            (160, SMS_BYTES),
            (161, 141),
        ] {
            assert_eq!(packed_bytes(septets), bytes);
        }
    }
}
