//! Brings what people type and paste into one form. Address books, mail
//! programs and authenticator apps add white space, invisible characters and
//! dashes, and write digits in their own script.

use unicode_normalization::UnicodeNormalization;

/// The longest text in bytes in which a code or a number is looked for.
const LONGEST: usize = 256;

/// The zeros of the scripts whose digits NFKC leaves as they are: Unicode's
/// category Nd, in which the other nine follow each zero.
const ZEROS: [u32; 58] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0,
    0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650,
    0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50,
    0x1E140, 0x1E2F0, 0x1E950,
];

/// Whether a character is invisible. Invisible are Unicode's format characters
/// (bidi marks, zero-width characters, the byte-order mark, tags), variation
/// selectors, and the fillers that look empty.
fn is_invisible(character: char) -> bool {
    matches!(u32::from(character),
        0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x2800 | 0x3164
        | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF9..=0xFFFB
        | 0xE0000..=0xE0FFF)
}

/// Whether a character is white space of any kind or invisible.
pub fn is_blank(character: char) -> bool {
    character.is_whitespace() || is_invisible(character)
}

/// Whether a character is a dash: Unicode's category Pd, the minus signs, the
/// hyphen bullet and Japan's long-vowel mark, which stands for a dash in
/// numbers.
fn is_dash(character: char) -> bool {
    matches!(
        u32::from(character),
        0x2D | 0x58A | 0x5BE | 0x1400 | 0x1806 | 0x2010
            ..=0x2015
                | 0x2043
                | 0x207B
                | 0x208B
                | 0x2212
                | 0x2E17
                | 0x2E1A
                | 0x2E3A
                | 0x2E3B
                | 0x2E40
                | 0x2E5D
                | 0x301C
                | 0x3030
                | 0x30A0
                | 0x30FC
                | 0xFE31
                | 0xFE32
                | 0xFE58
                | 0xFE63
                | 0xFF0D
                | 0xFF70
                | 0x10EAD
    )
}

/// Whether a character separates or quotes a code: a full stop, a middle dot, a
/// bullet, an underscore, or a quotation mark, in NFKC.
fn is_mark(character: char) -> bool {
    matches!(u32::from(character),
        0x22 | 0x27 | 0x2E | 0x5F | 0x60 | 0xAB | 0xB7 | 0xBB | 0x2018..=0x201F | 0x2022
        | 0x2027 | 0x2032..=0x2036 | 0x2039 | 0x203A | 0x2219 | 0x22C5 | 0x300C..=0x300F
        | 0x30FB)
}

/// The ASCII digit for a digit of another script; any other character
/// unchanged.
fn plain_digit(character: char) -> char {
    let code = u32::from(character);
    let value = ZEROS.iter().find_map(|zero| {
        let value = code.checked_sub(*zero).filter(|value| *value < 10)?;
        char::from_digit(value, 10)
    });
    value.unwrap_or(character)
}

/// The text without white space and invisible characters around it.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// The characters of a name: in NFKC and lower case, without invisible
/// characters.
pub fn folded(text: &str) -> impl Iterator<Item = char> {
    text.nfkc()
        .filter(|character| !is_invisible(*character))
        .flat_map(char::to_lowercase)
}

/// The characters of a code or a number: in NFKC, with ASCII digits for the
/// digits of every script, without white space, invisible characters, dashes,
/// dots, underscores and quotation marks. Nothing for a text of more than 256 bytes, because no code and no
/// number is that long.
pub fn characters(text: &str) -> impl Iterator<Item = char> {
    let text = if text.len() > LONGEST { "" } else { text };
    text.nfkc()
        .filter(|one| !is_blank(*one) && !is_dash(*one) && !is_mark(*one))
        .map(plain_digit)
}

#[cfg(test)]
mod tests {
    use super::{characters, trimmed};

    fn read(text: &str) -> String {
        characters(text).collect()
    }

    #[test]
    fn white_space_of_every_kind_and_invisible_characters_are_left_out() {
        for between in [
            ' ',
            '\t',
            '\n',
            '\r',
            '\u{a0}',
            '\u{2009}',
            '\u{202f}',
            '\u{3000}',
            '\u{2028}',
            '\u{200b}',
            '\u{200e}',
            '\u{202a}',
            '\u{202c}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{ad}',
            '\u{61c}',
            '\u{feff}',
            '\u{fe0f}',
            '\u{e0020}',
            '\u{2800}',
            '\u{3164}',
        ] {
            assert_eq!(read(&format!("{between}12{between}3{between}")), "123");
            assert_eq!(trimmed(&format!("{between}a b{between}")), "a b");
        }
    }

    #[test]
    fn dashes_of_every_kind_are_left_out() {
        for dash in "-‐‑‒–—―−⁃﹣－ー〜".chars() {
            assert_eq!(read(&format!("12{dash}3")), "123", "{dash}");
        }
    }

    #[test]
    fn dots_underscores_and_quotes_are_left_out() {
        for mark in "._·•‧∙・．＿\"'`«»‹›“”„‟‘’‚‛″′＂＇".chars()
        {
            assert_eq!(read(&format!("{mark}12{mark}3{mark}")), "123", "{mark}");
        }
        assert_eq!(read("123…"), "123");
    }

    #[test]
    fn digits_of_every_script_are_digits() {
        for digits in ["٠١٢٩", "۰۱۲۹", "०१२९", "０１２９", "𝟎𝟏𝟐𝟗", "₀₁₂₉", "๐๑๒๙"]
        {
            assert_eq!(read(digits), "0129", "{digits}");
        }
    }

    #[test]
    fn what_is_no_digit_stays_to_be_refused() {
        assert_eq!(read("12a½"), "12a1⁄2");
    }

    #[test]
    fn a_text_that_is_too_long_for_a_code_is_not_read() {
        assert_eq!(read(&" ".repeat(256)), "");
        assert_eq!(read(&"1".repeat(257)), "");
    }
}
