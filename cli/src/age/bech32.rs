//! Bech32 (BIP 173), without its limit of 90 characters: how keys are written.

const DIGITS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Digits of the checksum at the end.
const CHECKSUM: usize = 6;

/// The bytes behind `prefix`, which is in lower case. `None` if the text has
/// another prefix, a wrong checksum, or both cases.
pub(super) fn decode(prefix: &str, text: &str) -> Option<Vec<u8>> {
    let lower = text.to_ascii_lowercase();
    if text != lower && text != text.to_ascii_uppercase() {
        return None;
    }
    let digits = lower.strip_prefix(prefix)?.strip_prefix('1')?;
    let digits: Option<Vec<u8>> = digits.bytes().map(value).collect();
    let digits = digits?;
    let expanded = prefix.bytes().map(|byte| byte >> 5);
    let expanded = expanded.chain([0]).chain(prefix.bytes().map(|b| b & 31));
    if checksum(expanded.chain(digits.iter().copied())) != 1 {
        return None;
    }
    bytes(digits.get(..digits.len().checked_sub(CHECKSUM)?)?)
}

fn value(digit: u8) -> Option<u8> {
    let at = DIGITS.iter().position(|known| *known == digit)?;
    u8::try_from(at).ok()
}

fn checksum(values: impl Iterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    values.fold(1, |sum, value| {
        let top = sum >> 25;
        let sum = ((sum & 0x01ff_ffff) << 5) ^ u32::from(value);
        let generators = GENERATOR.iter().enumerate();
        generators.fold(sum, |sum, (bit, generator)| match (top >> bit) & 1 {
            0 => sum,
            _ => sum ^ generator,
        })
    })
}

/// The bytes of these digits of five bits. The bits that are left must be zero,
/// and fewer than five.
fn bytes(digits: &[u8]) -> Option<Vec<u8>> {
    let (mut held, mut bits) = (0_u32, 0);
    let mut bytes = Vec::new();
    for digit in digits {
        held = (held << 5) | u32::from(*digit);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    (bits < 5 && held == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn the_examples_of_bip_173_are_read() {
        assert_eq!(decode("a", "A12UEL5L"), Some(Vec::new()));
        let all = decode("abcdef", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw");
        assert_eq!(all.map(|bytes| bytes.len()), Some(20));
    }

    #[test]
    fn a_wrong_letter_prefix_or_case_is_no_key() {
        for wrong in ["A12UEL5M", "a12UEL5L", "b12uel5l", "a1", "a", ""] {
            assert_eq!(decode("a", wrong), None, "{wrong}");
        }
    }
}
