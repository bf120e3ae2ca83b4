//! Composes messages about an account: links that confirm an address or reset a
//! password, and the message about a lockout. This file sends nothing, reads no clock
//! and does not use AWS.
//!
//! A link contains a token. Keep it out of logs, errors and `Debug`.

use askama::Template;

use super::brand::Brand;
use super::message::{Email, lifetime};
use super::time_sentence;
use crate::domain::Dialect;
use crate::domain::device::Seen;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkFor {
    /// Confirming an e-mail address.
    ConfirmEmail,
    /// Choosing a new password.
    ResetPassword,
    /// Signing in without a password.
    SignIn,
}

/// A link that works once.
// No `Debug`, because the link contains the token.
#[derive(Clone, Copy)]
pub struct OneTimeLink<'a> {
    pub what_for: LinkFor,
    pub url: &'a str,
    /// How long the link is valid, in minutes.
    pub minutes: u32,
}

// No `Debug`, because the link contains the token.
#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage<'a> {
    subject: &'a str,
    asked: &'a str,
    button: &'a str,
    link: &'a str,
    note: &'a str,
    not_you: &'a str,
}

/// The e-mail with a link. For CodeMaze's apps, the e-mail has the subject from
/// CodeMaze's articles.
pub fn link_email(brand: &Brand, dialect: Dialect, link: OneTimeLink<'_>) -> Email {
    let OneTimeLink {
        what_for,
        url,
        minutes,
    } = link;
    let product = &brand.product;
    let (ours, button, asked, not_you) = match what_for {
        LinkFor::ConfirmEmail => (
            format!("Confirm your e-mail address for {product}"),
            "Confirm your address",
            format!("Open this link to confirm that this address is yours at {product}:"),
            "If you have no account there, ignore this message: nothing happens.".to_owned(),
        ),
        LinkFor::ResetPassword => (
            format!("Reset your {product} password"),
            "Choose a new password",
            format!("Open this link to choose a new password for {product}:"),
            "If you did not ask for it, ignore this message: your password stays as it is."
                .to_owned(),
        ),
        LinkFor::SignIn => (
            format!("Sign in to {product}"),
            "Sign in",
            format!("Open this link on the device on which you sign in to {product}:"),
            "Somebody typed this address. If it was not you, ignore this message: nothing happens."
                .to_owned(),
        ),
    };
    let subject = match (dialect.mails_fixed_subjects(), what_for) {
        (false, _) | (true, LinkFor::SignIn) => ours,
        (true, LinkFor::ConfirmEmail) => "Email Confirmation token".to_owned(),
        (true, LinkFor::ResetPassword) => "Reset password token".to_owned(),
    };
    with_link(&LinkPage {
        subject: &subject,
        asked: &asked,
        button,
        link: url,
        note: &format!("The link works once, within {}.", lifetime(minutes)),
        not_you: &not_you,
    })
}

/// The e-mail about a lockout, in CodeMaze's form. Its link leads to the page for a
/// forgotten password. The link contains no token, because anyone can cause this
/// message.
pub fn lockout_email(brand: &Brand, link: &str, seen: Seen) -> Email {
    let product = &brand.product;
    let seen = time_sentence::time_sentence("The last one was entered", seen);
    with_link(&LinkPage {
        subject: "Locked out account information",
        asked: &format!(
            "Your {product} account is locked out: too many wrong passwords were entered. If you \
             have forgotten yours, ask for a new one on this page:"
        ),
        button: "Ask for a new password",
        link,
        note: "Else there is nothing to do: the lock ends by itself.",
        not_you: &format!(
            "{seen} If it was not you, someone has guessed at your password, and was not let in."
        ),
    })
}

/// The e-mail with the content of this page.
fn with_link(page: &LinkPage<'_>) -> Email {
    let LinkPage {
        asked,
        link,
        note,
        not_you,
        ..
    } = page;
    Email {
        subject: page.subject.to_owned(),
        text: format!("{asked}\n\n{link}\n\n{note}\n\n{not_you}\n"),
        // Rendering to memory does not fail. If it did, the empty HTML part would be
        // left out, and the text part has everything.
        html: page.render().unwrap_or_default(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::domain::device::Device;

    fn example() -> Brand {
        Brand::new("Example", "app.example.com").unwrap()
    }

    fn seen() -> Seen {
        Seen {
            at: 1_800_000_000,
            device: Device::Windows,
        }
    }

    fn reset(url: &str) -> OneTimeLink<'_> {
        OneTimeLink {
            what_for: LinkFor::ResetPassword,
            url,
            minutes: 60,
        }
    }

    #[test]
    fn a_link_stands_in_text_and_page_with_how_long_it_is_good() {
        let link = "https://app.example.com/x?token=abc&user=1";
        let mail = link_email(&example(), Dialect::Abp, reset(link));
        assert_eq!(mail.subject, "Reset your Example password");
        assert!(mail.text.contains(&format!("\n{link}\n")), "{}", mail.text);
        assert!(mail.text.contains("works once, within 1 hour."));
        let escaped = link.replace('&', "&#38;");
        assert!(
            mail.html.contains(&format!("href=\"{escaped}\"")),
            "{}",
            mail.html
        );
        // The page has a button, and the address as text for people who cannot use the
        // button.
        assert!(mail.html.contains(">Choose a new password</a>"));
        assert!(mail.html.contains(&format!(">{escaped}</a>")));
        assert!(!mail.subject.contains("abc"));
    }

    #[test]
    fn a_day_is_told_in_hours() {
        let day = OneTimeLink {
            minutes: 1440,
            ..reset("https://a.example/")
        };
        let mail = link_email(&example(), Dialect::Abp, day);
        assert!(mail.text.contains("within 24 hours."));
    }

    #[test]
    fn codemazes_messages_have_its_subjects_and_the_same_words() {
        let link = "https://app.example.com/x";
        for (what_for, subject) in [
            (LinkFor::ConfirmEmail, "Email Confirmation token"),
            (LinkFor::ResetPassword, "Reset password token"),
        ] {
            let sent = OneTimeLink {
                what_for,
                ..reset(link)
            };
            let mail = link_email(&example(), Dialect::CodeMaze, sent);
            assert_eq!(mail.subject, subject);
            let ours = link_email(&example(), Dialect::Abp, sent);
            assert_eq!(mail.text, ours.text);
        }
        let mail = lockout_email(&example(), link, seen());
        assert_eq!(mail.subject, "Locked out account information");
        assert!(mail.text.contains(&format!("\n{link}\n")), "{}", mail.text);
        assert!(mail.html.contains("the lock ends by itself"));
    }
}
