//! Converts a file of UTF-16 to UTF-8. Programs of Windows write such files: SQL Server's `bcp`
//! and `sqlcmd`, and *Unicode text* of Excel.

use std::io::{BufRead, Read};

/// Which byte of a unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    LittleEndian,
    BigEndian,
}

impl ByteOrder {
    /// The order of a file of UTF-16 that begins with these bytes. `None` if the file is not
    /// UTF-16. A file of rows begins with a byte order mark or with a character of ASCII.
    pub fn of(first: &[u8]) -> Option<Self> {
        match first {
            [0xff, 0xfe, ..] => Some(Self::LittleEndian),
            [0xfe, 0xff, ..] => Some(Self::BigEndian),
            [character, 0, ..] if *character != 0 => Some(Self::LittleEndian),
            [0, character, ..] if *character != 0 => Some(Self::BigEndian),
            _ => None,
        }
    }
}

/// A byte that no text in UTF-8 has. It stands for what is no character, so the reader of rows
/// refuses the row.
const NO_CHARACTER: u8 = 0xff;

/// Reads UTF-16 as UTF-8. The byte order mark is left to the reader of rows.
pub struct Utf16Reader<R> {
    from: R,
    order: ByteOrder,
    /// The first half of a character.
    high: Option<u16>,
    /// What is converted and not read yet, in reverse order.
    ready: Vec<u8>,
}

impl<R: BufRead> Utf16Reader<R> {
    /// This file of UTF-16.
    pub fn of(from: R, order: ByteOrder) -> Self {
        Self {
            from,
            order,
            high: None,
            ready: Vec::new(),
        }
    }

    /// The next byte of the file.
    fn byte(&mut self) -> std::io::Result<Option<u8>> {
        let byte = self.from.fill_buf()?.first().copied();
        if byte.is_some() {
            self.from.consume(1);
        }
        Ok(byte)
    }

    /// Converts the next unit. Returns `false` at the end.
    fn convert(&mut self) -> std::io::Result<bool> {
        let Some(first) = self.byte()? else {
            // A half character at the end.
            if self.high.take().is_some() {
                self.ready.push(NO_CHARACTER);
            }
            return Ok(!self.ready.is_empty());
        };
        let Some(second) = self.byte()? else {
            self.ready.push(NO_CHARACTER);
            return Ok(true);
        };
        let unit = match self.order {
            ByteOrder::LittleEndian => u16::from_le_bytes([first, second]),
            ByteOrder::BigEndian => u16::from_be_bytes([first, second]),
        };
        let mut bytes = Vec::new();
        if let Some(high) = self.high.take() {
            match decode(&[high, unit]) {
                Some(character) => push(&mut bytes, character),
                None => bytes.push(NO_CHARACTER),
            }
            if is_low(unit) {
                self.ready.extend(bytes.into_iter().rev());
                return Ok(true);
            }
        }
        if is_high(unit) {
            self.high = Some(unit);
        } else {
            match decode(&[unit]) {
                Some(character) => push(&mut bytes, character),
                None => bytes.push(NO_CHARACTER),
            }
        }
        self.ready.extend(bytes.into_iter().rev());
        Ok(true)
    }
}

/// Whether this unit is the first half of a character.
fn is_high(unit: u16) -> bool {
    (0xd800..0xdc00).contains(&unit)
}

/// Whether this unit is the second half of a character.
fn is_low(unit: u16) -> bool {
    (0xdc00..0xe000).contains(&unit)
}

/// The one character of these units.
fn decode(units: &[u16]) -> Option<char> {
    let mut read = char::decode_utf16(units.iter().copied());
    match (read.next(), read.next()) {
        (Some(Ok(character)), None) => Some(character),
        _ => None,
    }
}

fn push(bytes: &mut Vec<u8>, character: char) {
    let mut text = [0; 4];
    bytes.extend_from_slice(character.encode_utf8(&mut text).as_bytes());
}

impl<R: BufRead> Read for Utf16Reader<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let mut written = 0;
        while let Some(place) = into.get_mut(written) {
            match self.ready.pop() {
                Some(byte) => {
                    *place = byte;
                    written += 1;
                }
                None if self.convert()? => {}
                None => break,
            }
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Read;

    use super::{ByteOrder, Utf16Reader};

    fn converted(bytes: &[u8]) -> Vec<u8> {
        let order = ByteOrder::of(bytes).unwrap();
        let mut text = Vec::new();
        Utf16Reader::of(bytes, order)
            .read_to_end(&mut text)
            .unwrap();
        text
    }

    fn units(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn both_orders_are_read_with_and_without_a_mark() {
        for text in ["Id,Név\r\n1,Zoë 😀\r\n", "\u{feff}Id\n😀😀"] {
            for order in [u16::to_le_bytes, u16::to_be_bytes] {
                assert_eq!(converted(&units(text, order)), text.as_bytes(), "{text}");
            }
        }
    }

    #[test]
    fn a_half_character_becomes_a_byte_that_no_text_has() {
        let le = |units: &[u16]| {
            let all = units.iter().flat_map(|unit| unit.to_le_bytes());
            converted(&all.collect::<Vec<u8>>())
        };
        let (a, high, low) = (u16::from(b'a'), 0xd83d, 0xde00);
        assert_eq!(le(&[a, high, a]), [b'a', 0xff, b'a']);
        assert_eq!(le(&[a, low, a]), [b'a', 0xff, b'a']);
        assert_eq!(le(&[a, high]), [b'a', 0xff]);
        let mut pair_behind = vec![b'a', 0xff];
        pair_behind.extend("😀".bytes());
        assert_eq!(le(&[a, high, high, low]), pair_behind);
        assert_eq!(converted(b"a\0b"), [b'a', 0xff]);
    }

    #[test]
    fn a_file_of_utf8_is_not_taken_for_utf16() {
        for text in ["", "I", "Id,Name\n", "\u{feff}Id\n", "[{}]", "é,a"] {
            assert_eq!(ByteOrder::of(text.as_bytes()), None, "{text:?}");
        }
    }
}
