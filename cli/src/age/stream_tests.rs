//! Files of another implementation, files of every length, and files that are none.
#![allow(clippy::unwrap_used)]

use std::io::{BufReader, Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{DecryptingReader, EncryptingWriter, PIECE};
use crate::age::keys::{Identity, Recipient};

const SECRET: &str = "AGE-SECRET-KEY-1F30J7ZE0275EZTVSFRMRQLPKYX3DXUMZ252YUPUT6DK5T5NJAVZQDF92VG";
const PUBLIC: &str = "age1xysr8nl3c40lj3zsg72rc0v2gj5f7dxhqaajt4567he2506aequqpsza95";
const ANOTHER: &str = "age1yhjqusr7akufvun223kuxc0ntnc4kw2x9fmj8wfd7nm8c8ycfc9qk23553";

/// Made by the Python package pyrage 1.4, which is another implementation: to
/// `ANOTHER` and to `PUBLIC`, with a stanza that nobody knows.
const FOREIGN: &str = "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBxOHpPVUdXZUVqalFlck9Qc1VBN1gvTTE1WndqQjlUbWlNWG9PVll3WUJRCnlmdVd3anRTYXhONnRXSjc3Y3VVV2dRQm04dlRwVUNPR3A1MHZvdjNBQzQKLT4gWDI1NTE5IFoyUnZ1ZjhvV3hYbE5oTDlzdkVkWlpFK05qMjM4QThYZmNzOUdFL01DUlUKVnhBbHFVMUZYUVBvS1MydG9TZmZPdWNTZ2pZY2k1N3ZXc2I1ZUNBOTB0NAotPiAsd20/PC1ncmVhc2UgOn4gKWt3OnhtIHh1T3grSSAxS25KQn0KdTFNWUp5R0F0ZXovMEI5VGQ1QXpQM2tqS0U1aHZJdnVQdW1GSWpna3BuWkxmUUpKZWtKMDZmOE1kZ01GRWxyUAp5YlZreE9ablB4NzUxK0lXMDY3MUNsZ2ljTW94RzV6UG5LZ1NMZS9TYTA1cQotLS0gNkxDSU9iRExvOVJ0Zmp6UGs0YWJMZVR0dFZLMEFBWmpqam1KNFZHTkYxMAo2Cbfg7BYbD02tG5BfR9F4MJ8TJw3DcYaSVDalXOCKlTTygkBU06KH667PqA/rDVccMNSTVbardQNhjSE=";

/// A file of another program that holds no content, encrypted to `PUBLIC`.
const FOREIGN_EMPTY: &str = "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBtS0lBdnB0YWswSGRZR1FwWkU0bWdSVnBnVW1paFpiR0FwNDg4SDRvWkhvClVpd09oSERoaGxBcU9HVVFGeUV5OG9ZS1Vxbjl3MHBLVXhQckd6UWhaVVUKLT4gQGVFc3ctZ3JlYXNlCjNjRkk5UkNWd25ibnNMWVhXNEc0Sk5BaUh3TjQ2QQotLS0gcHhGTnE3OThIQU03bE5wZnROUXpCbkVMM3IrdTRrUDYxa1liNHBSd3Q3WQr9PIkNhftbdXSpzw8ndqbUydwxjs7FKGMSZb8Noaj4NA==";

fn decrypted(file: &[u8]) -> Result<Vec<u8>, String> {
    let identity = Identity::parse(SECRET).unwrap();
    let mut plain = Vec::new();
    let reader = DecryptingReader::begin(BufReader::new(file), &[identity]);
    let mut reader = reader.map_err(|error| error.to_string())?;
    let read = reader.read_to_end(&mut plain);
    read.map_err(|error| error.to_string())?;
    Ok(plain)
}

fn encrypted(plain: &[u8], recipients: &[&str]) -> Vec<u8> {
    let keys: Vec<Recipient> = recipients
        .iter()
        .map(|key| Recipient::parse(key).unwrap())
        .collect();
    let mut writer = EncryptingWriter::begin(Vec::new(), &keys).unwrap();
    for some in plain.chunks(1000) {
        writer.write_all(some).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn a_file_of_another_implementation_is_read() {
    let file = STANDARD.decode(FOREIGN).unwrap();
    let plain = b"{\"email\":\"ann@example.com\"}\n".to_vec();
    assert_eq!(decrypted(&file), Ok(plain));
    let file = STANDARD.decode(FOREIGN_EMPTY).unwrap();
    assert_eq!(decrypted(&file), Ok(Vec::new()));
}

#[test]
fn a_file_of_any_length_is_read_back_by_each_recipient() {
    for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
        let plain: Vec<u8> = (0..length)
            .map(|at| u8::try_from(at % 251).unwrap())
            .collect();
        let file = encrypted(&plain, &[ANOTHER, PUBLIC]);
        assert_eq!(decrypted(&file), Ok(plain), "{length}");
    }
}

#[test]
fn a_file_that_was_cut_off_or_changed_is_no_file() {
    let plain = vec![7; 2 * PIECE];
    let file = encrypted(&plain, &[PUBLIC]);
    let whole = file.len();
    let broken = Err("the encrypted file was cut off or changed".to_owned());
    // Behind a whole piece, in a piece, and one byte before the end.
    for end in [whole - PIECE - 16, whole - 100, whole - 1] {
        assert_eq!(decrypted(&file[..end]), broken, "{end}");
    }
    let mut changed = file.clone();
    changed[whole - 20] ^= 1;
    assert_eq!(decrypted(&changed), broken);
    let mut longer = file.clone();
    longer.push(0);
    assert_eq!(decrypted(&longer), broken);
    // A recipient that somebody put into the header.
    let mut header = file;
    let at = header.windows(3).position(|three| three == b"---").unwrap();
    header.splice(at..at, b"-> X a\n\n".iter().copied());
    let malformed = "the header of the encrypted file is malformed";
    assert_eq!(decrypted(&header), Err(malformed.to_owned()));
}

#[test]
fn a_file_to_other_keys_stays_closed() {
    let closed = "the file is encrypted to other keys than those in the identity file";
    assert_eq!(
        decrypted(&encrypted(b"x", &[ANOTHER])),
        Err(closed.to_owned())
    );
}

#[test]
fn a_header_without_an_end_is_an_error_and_takes_no_more_memory() {
    let mut file = b"age-encryption.org/v1\n-> X25519 a\n".to_vec();
    file.resize(1024 * 1024, b'a');
    let malformed = "the header of the encrypted file is malformed";
    assert_eq!(decrypted(&file), Err(malformed.to_owned()));
    assert_eq!(
        decrypted(b"age-encryption.org/v1"),
        Err(malformed.to_owned())
    );
}
