//! When something was done, and with what kind of device. A message tells the
//! owner both, so that the owner recognises the action.

use super::Timestamp;

/// How many bytes of a `User-Agent` are read.
const LOOKED_AT: usize = 512;

/// A kind of device, as far as a `User-Agent` says. The caller writes that text
/// and may write anything, so no part of the text goes into a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Device {
    /// An iPhone or an iPad.
    Apple,
    /// A phone or tablet with Android.
    Android,
    /// A computer with Windows.
    Windows,
    Mac,
    /// A computer with Linux or ChromeOS.
    Linux,
    /// An app or another program on an unknown device.
    App,
    /// A browser on an unknown device.
    Browser,
    /// The request has no `User-Agent`.
    #[default]
    Unknown,
}

impl Device {
    /// The kind that a `User-Agent` (RFC 9110 10.1.5) names. The first kind
    /// that fits wins, because Android's text says Linux too, and an iPhone's
    /// says Mac OS X.
    pub fn of(user_agent: Option<&[u8]>) -> Self {
        const MARKS: [(&[u8], Device); 10] = [
            (b"iPhone", Device::Apple),
            (b"iPad", Device::Apple),
            (b"Android", Device::Android),
            (b"Windows", Device::Windows),
            (b"Macintosh", Device::Mac),
            (b"Mac OS X", Device::Mac),
            (b"CrOS", Device::Linux),
            (b"X11", Device::Linux),
            (b"Linux", Device::Linux),
            (b"Mozilla/", Device::Browser),
        ];
        let Some(text) = user_agent.filter(|text| !text.is_empty()) else {
            return Self::Unknown;
        };
        let text = text.get(..LOOKED_AT).unwrap_or(text);
        let says = |mark: &[u8]| text.windows(mark.len()).any(|part| part == mark);
        let found = MARKS.into_iter().find(|(mark, _)| says(mark));
        found.map_or(Self::App, |(_, device)| device)
    }

    /// The kind as an event names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Apple => "apple",
            Self::Android => "android",
            Self::Windows => "windows",
            Self::Mac => "mac",
            Self::Linux => "linux",
            Self::App => "app",
            Self::Browser => "browser",
            Self::Unknown => "unknown",
        }
    }

    /// The kind as a sentence names it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Apple => "an iPhone or iPad",
            Self::Android => "an Android device",
            Self::Windows => "a Windows computer",
            Self::Mac => "a Mac",
            Self::Linux => "a Linux computer",
            Self::App => "an app",
            Self::Browser => "a browser",
            Self::Unknown => "an unknown device",
        }
    }
}

/// When something was asked for, and with what device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub at: Timestamp,
    /// The kind of device.
    pub device: Device,
}

#[cfg(test)]
mod tests {
    use super::Device;

    #[test]
    fn a_user_agent_tells_one_of_eight_kinds_and_nothing_else() {
        for (text, device) in [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15",
                Device::Apple,
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36",
                Device::Android,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
                Device::Windows,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15",
                Device::Mac,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101",
                Device::Linux,
            ),
            (
                "Mozilla/5.0 (PlayStation; PlayStation 5/2.26)",
                Device::Browser,
            ),
            ("MyApp/1 CFNetwork/1498.700.2 Darwin/23.6.0", Device::App),
            ("okhttp/5.0.0", Device::App),
            ("curl/8.1", Device::App),
            ("", Device::Unknown),
        ] {
            assert_eq!(Device::of(Some(text.as_bytes())), device, "{text}");
        }
        assert_eq!(Device::of(None), Device::Unknown);
        assert_eq!(Device::of(Some(&[0xff; 9000])), Device::App);
    }
}
