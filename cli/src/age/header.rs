//! The header of a file: the file's key, sealed to each recipient, and a MAC
//! over the header.

use std::io::BufRead;

use aws_lc_rs::agreement::{PrivateKey, X25519};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use crate::age::keys::{Identity, Recipient};
use crate::age::primitives::{decrypt, encrypt, header_mac, wrapping_key};
use crate::age::{AgeProblem, FIRST_LINE};

/// Bytes of a file's key.
pub(super) const FILE_KEY: usize = 16;

/// The longest header that is read, in bytes.
const LONGEST_HEADER: usize = 64 * 1024;

/// How long a full line of a stanza's body is. A shorter line ends the body.
const FULL_LINE: usize = 64;

/// The key of a file.
pub(super) type FileKey = Zeroizing<[u8; FILE_KEY]>;

/// The header that lets each of these recipients open the file.
pub(super) fn sealed_header(
    recipients: &[Recipient],
    file_key: &FileKey,
) -> Result<Vec<u8>, AgeProblem> {
    let mut header = FIRST_LINE.to_vec();
    for Recipient(public) in recipients {
        let failed = |_| AgeProblem("no key could be made");
        let ephemeral = PrivateKey::generate(&X25519).map_err(failed)?;
        let share = ephemeral.compute_public_key().map_err(failed)?;
        let key = wrapping_key(&ephemeral, public, share.as_ref(), public)?;
        let mut body = file_key.to_vec();
        // Each key wraps once, so its nonce may be zero.
        encrypt(&key, [0; 12], &mut body)?;
        let (share, body) = (STANDARD_NO_PAD.encode(share), STANDARD_NO_PAD.encode(body));
        header.extend(format!("-> X25519 {share}\n{body}\n").bytes());
    }
    header.extend(b"---");
    let mac = hmac::sign(&header_mac(file_key.as_slice())?, &header);
    header.extend(format!(" {}\n", STANDARD_NO_PAD.encode(mac)).bytes());
    Ok(header)
}

/// Reads a header, up to the content. Gives the file's key, opened by one of
/// these identities.
pub(super) fn opened_header(
    from: &mut impl BufRead,
    identities: &[Identity],
) -> std::io::Result<FileKey> {
    let malformed = AgeProblem("the header of the encrypted file is malformed");
    let mut header = Vec::new();
    let mut stanzas: Vec<Stanza> = Vec::new();
    let mut in_body = false;
    let mac = loop {
        let start = header.len();
        let most = u64::try_from(LONGEST_HEADER - start.min(LONGEST_HEADER)).unwrap_or(0);
        std::io::Read::take(&mut *from, most).read_until(b'\n', &mut header)?;
        let line = header
            .get(start..)
            .and_then(|line| line.strip_suffix(b"\n"));
        let line = line.and_then(|line| std::str::from_utf8(line).ok());
        let line = line.ok_or(malformed)?;
        if start == 0 {
            if header != FIRST_LINE {
                return Err(malformed.into());
            }
        } else if in_body {
            in_body = line.len() >= FULL_LINE;
            let stanza = stanzas.last_mut().ok_or(malformed)?;
            stanza.body.push_str(line);
        } else if let Some(arguments) = line.strip_prefix("-> ") {
            let arguments = arguments.split(' ').map(str::to_owned).collect();
            let body = String::new();
            stanzas.push(Stanza { arguments, body });
            in_body = true;
        } else {
            let mac = line.strip_prefix("--- ").ok_or(malformed)?;
            let mac = STANDARD_NO_PAD.decode(mac).map_err(|_| malformed)?;
            header.truncate(start + "---".len());
            break mac;
        }
    };
    let mut found = None;
    for stanza in &stanzas {
        for identity in identities {
            found = found.or(stanza.opened_by(identity)?);
        }
    }
    let closed = AgeProblem("the file is encrypted to other keys than those in the identity file");
    let file_key = found.ok_or(closed)?;
    hmac::verify(&header_mac(file_key.as_slice())?, &header, &mac).map_err(|_| malformed)?;
    Ok(file_key)
}

/// A sealed copy of the file's key.
struct Stanza {
    arguments: Vec<String>,
    body: String,
}

impl Stanza {
    /// The file's key, if this identity opens this stanza. A stanza of an unknown
    /// kind is for another recipient.
    fn opened_by(&self, identity: &Identity) -> Result<Option<FileKey>, AgeProblem> {
        let [kind, share] = self.arguments.as_slice() else {
            return Ok(None);
        };
        if kind != "X25519" {
            return Ok(None);
        }
        let malformed = AgeProblem("a key in the header of the encrypted file is malformed");
        let decoded = |text: &str| STANDARD_NO_PAD.decode(text).map_err(|_| malformed);
        let share: [u8; 32] = decoded(share)?.try_into().map_err(|_| malformed)?;
        let mut body = decoded(&self.body)?;
        let key = wrapping_key(&identity.private, &share, &share, &identity.public)?;
        if decrypt(&key, [0; 12], &mut body)?.is_none() {
            return Ok(None);
        }
        let body = Zeroizing::new(body);
        let file_key = body.as_slice().try_into().map_err(|_| malformed)?;
        Ok(Some(Zeroizing::new(file_key)))
    }
}
