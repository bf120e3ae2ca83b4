//! Draws the QR code of an authenticator's URI, as the data of an SVG path.

use qrcode::{Color, QrCode};

use crate::domain::secret::Secret;
use crate::failure::Broken;
use crate::usecase::factors::authenticator_app::AuthenticatorKey;

/// The quiet zone around the code, in light modules (ISO/IEC 18004 6.3.8).
const QUIET: usize = 4;

/// A key as the page shows it.
pub struct AppKey {
    /// The key in base32, in groups of four.
    pub text: String,
    /// The width in modules, with the quiet zone.
    pub size: usize,
    /// The dark modules, as SVG path data.
    pub path: String,
    /// The link that an authenticator app on the same device opens.
    pub uri: Secret,
}

/// Makes a key's QR code and its text.
///
/// # Errors
/// `Broken` if the URI is too long for a QR code.
pub fn draw_key(key: &AuthenticatorKey) -> Result<AppKey, Broken> {
    let code = QrCode::new(key.uri.expose().as_bytes());
    let code = code.map_err(|_| Broken::internal("no QR code for a seed"))?;
    let width = code.width();
    let dark = code.to_colors().into_iter().enumerate();
    let dark = dark.filter(|(_, colour)| *colour == Color::Dark);
    let path = dark
        .map(|(at, _)| format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET))
        .collect();
    Ok(AppKey {
        text: grouped(&key.key),
        size: width + 2 * QUIET,
        path,
        uri: key.uri.clone(),
    })
}

fn grouped(key: &Secret) -> String {
    let characters: Vec<char> = key.expose().chars().collect();
    let groups: Vec<String> = characters
        .chunks(4)
        .map(|four| four.iter().collect())
        .collect();
    groups.join(" ")
}
