//! Composes messages from a code and a [`Brand`]. This file sends nothing, reads no
//! clock and does not use AWS.
//!
//! The results of these functions contain the code. Keep them out of logs, errors and
//! `Debug`.

use std::fmt;

use askama::Template;

use crate::domain::device::Seen;
use crate::domain::messages::notice::Notice;

use super::brand::Brand;
use super::time_sentence;

/// An e-mail without its addresses. `Debug` shows no part of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Email {
    /// The subject line. It never contains the code, because mail servers log subjects.
    pub subject: String,
    /// The plain text part, with `\n` line ends.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(redacted)")
    }
}

// No `Debug`, because the page contains the code.
#[derive(Template)]
#[template(path = "sign_in_code.html")]
struct SignInCodePage<'a> {
    product: &'a str,
    code: &'a str,
    lifetime: &'a str,
    stranger: Stranger,
}

/// What a mail with a code says for the case that somebody else caused it.
#[derive(Clone, Copy)]
struct Stranger {
    case: &'static str,
    /// What it means, and what to do.
    advice: &'static str,
}

/// A code that follows a right password.
const AFTER_PASSWORD: Stranger = Stranger {
    case: "If you did not try to sign in",
    advice: "someone else has your password. Do not give this code to anyone, and change your \
             password now.",
};

/// A code that anybody can have sent.
const IN_PLACE_OF_PASSWORD: Stranger = Stranger {
    case: "If you did not ask for this code",
    advice: "someone else typed your address. Nobody signs in without the code, so there is \
             nothing to do. Do not give this code to anyone.",
};

/// The e-mail with a sign-in code that follows a right password. `code` is the code as the
/// user types it. `minutes` is how long the code is valid.
pub fn sign_in_code_email(brand: &Brand, code: &str, minutes: u32) -> Email {
    code_email(brand, code, minutes, AFTER_PASSWORD)
}

/// The e-mail with a sign-in code that stands in place of a password. Anybody can ask
/// for this e-mail, so its text says nothing of a password.
pub fn mailbox_code_email(brand: &Brand, code: &str, minutes: u32) -> Email {
    code_email(brand, code, minutes, IN_PLACE_OF_PASSWORD)
}

fn code_email(brand: &Brand, code: &str, minutes: u32, stranger: Stranger) -> Email {
    let Stranger { case, advice } = stranger;
    let product = &brand.product;
    let lifetime = lifetime(minutes);
    let text = format!(
        "Your {product} sign-in code is:\n\
         \n\
         {code}\n\
         \n\
         The code is valid for {lifetime}. Enter the code where you are signing in.\n\
         \n\
         {product} never asks for this code. Do not share it.\n\
         \n\
         {case}, {advice}\n"
    );
    let page = SignInCodePage {
        product,
        code,
        lifetime: &lifetime,
        stranger,
    };
    Email {
        subject: format!("Your {product} sign-in code"),
        text,
        // Rendering plain strings to memory does not fail. If it did, the page would be
        // empty. The sender then leaves the HTML part out, and the text part has
        // everything.
        html: page.render().unwrap_or_default(),
    }
}

/// The e-mail with a sign-in code in CodeMaze's form. Subject and text are those of
/// CodeMaze's articles. The text is only the code, because apps and their tests read it
/// this way. The HTML part is unchanged.
pub fn bare_code_email(brand: &Brand, code: &str, minutes: u32) -> Email {
    Email {
        subject: "Authentication token".to_owned(),
        text: code.to_owned(),
        ..sign_in_code_email(brand, code, minutes)
    }
}

// The page contains no secret. It has no `Debug` only to be like the other page.
#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage<'a> {
    product: &'a str,
    subject: &'a str,
    sentence: &'a str,
    seen: &'a str,
    advice: &'a str,
}

/// The e-mail about a change to the account, with the time and the kind of device. It
/// has no link and no code, so that it does not look like a message that asks for
/// something, and so that users do not learn to follow links in such messages.
pub fn notice_email(brand: &Brand, notice: Notice, seen: Seen) -> Email {
    let product = &brand.product;
    let (sentence, advice) = (notice.sentence(), notice.advice());
    let seen = time_sentence::time_sentence("It was done", seen);
    let subject = format!("Your {product} {}", notice.mail_subject());
    let page = NoticePage {
        product,
        subject: &subject,
        sentence,
        seen: &seen,
        advice,
    };
    let html = page.render().unwrap_or_default();
    Email {
        text: format!(
            "{sentence}\n\
             \n\
             {seen}\n\
             \n\
             If that was you, there is nothing to do.\n\
             \n\
             If it was not, someone else can sign in to your {product} account. Open {product} \
             yourself. Do not use a link in a message. Then {advice}.\n"
        ),
        subject,
        html,
    }
}

/// The text message with a sign-in code. `code` is the code as the user types it.
/// `minutes` is how long the code is valid. The message fits into one SMS in GSM-7 for
/// a checked [`Brand`], a code of up to 6 digits and up to 99 minutes.
///
/// The last line has the form `@domain #code` of origin-bound one-time codes
/// (<https://wicg.github.io/sms-one-time-codes/>). With it, iOS, macOS and browsers
/// fill in the code, and only on that domain.
pub fn sign_in_code_sms(brand: &Brand, code: &str, minutes: u32) -> String {
    let Brand { product, domain } = brand;
    let lifetime = lifetime(minutes);
    format!(
        "{code} is your {product} code. It expires in {lifetime}. Do not share it.\n\
         \n\
         @{domain} #{code}"
    )
}

/// The text message about a change: what was done and what to do. It has no link.
pub fn notice_sms(brand: &Brand, notice: Notice) -> String {
    let (product, sentence) = (&brand.product, notice.sentence());
    format!("{product}: {sentence} If you did not ask for that, change your password now.")
}

/// The longest text message that [`sign_in_code_sms`] makes for this brand.
pub(super) fn longest_sign_in_code_sms(brand: &Brand) -> String {
    sign_in_code_sms(brand, "000000", 99)
}

pub(super) fn lifetime(minutes: u32) -> String {
    match minutes {
        1 => "1 minute".to_owned(),
        60 => "1 hour".to_owned(),
        n if n % 60 == 0 => format!("{} hours", n / 60),
        n => format!("{n} minutes"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::gsm7;
    use super::*;
    use crate::domain::device::Device;

    fn example() -> Brand {
        Brand::new("Example", "app.example.com").unwrap()
    }

    #[test]
    fn the_sms_reads_so() {
        let sms = sign_in_code_sms(&example(), "012345", 5);
        assert_eq!(
            sms,
            "012345 is your Example code. It expires in 5 minutes. Do not share it.\n\
             \n\
             @app.example.com #012345"
        );
        let bytes = gsm7::packed_bytes(gsm7::septets(&sms).unwrap());
        assert!(bytes <= gsm7::SMS_BYTES, "{bytes}");
    }

    #[test]
    fn the_mail_reads_so() {
        let mail = sign_in_code_email(&example(), "012345", 5);
        assert_eq!(mail.subject, "Your Example sign-in code");
        assert_eq!(
            mail.text,
            "Your Example sign-in code is:

012345

The code is valid for 5 minutes. Enter the code where you are signing in.

Example never asks for this code. Do not share it.

If you did not try to sign in, someone else has your password. Do not give this code to anyone, \
             and change your password now.\n"
        );
    }

    #[test]
    fn the_mail_with_a_code_that_anybody_can_have_sent_says_nothing_of_a_password() {
        let mail = mailbox_code_email(&example(), "012345", 5);
        assert_eq!(mail.subject, "Your Example sign-in code");
        for part in [&mail.text, &mail.html] {
            assert!(part.contains("012345"));
            assert!(part.contains("If you did not ask for this code"), "{part}");
            assert!(part.contains("someone else typed your address."), "{part}");
            assert!(!part.contains("password"), "{part}");
        }
    }

    #[test]
    fn a_notice_says_what_happened_and_holds_no_link_and_no_code() {
        let seen = Seen {
            at: 1_800_000_000,
            device: Device::Android,
        };
        let mail = notice_email(&example(), Notice::RecoveryCodesReplaced, seen);
        assert_eq!(mail.subject, "Your Example account was changed");
        for part in [&mail.text, &mail.html] {
            assert!(part.contains("The recovery codes of your account were replaced."));
            let seen = "on Fri, 15 Jan 2027 at 08:00 UTC, from an Android device.";
            assert!(part.contains(seen), "{part}");
            assert!(part.contains("change your password now"), "{part}");
            assert!(!part.contains("http") && !part.contains("href"), "{part}");
        }
    }

    #[test]
    fn one_minute_is_singular() {
        assert!(sign_in_code_sms(&example(), "1", 1).contains("in 1 minute. "));
        let mail = sign_in_code_email(&example(), "1", 1);
        assert!(mail.text.contains("for 1 minute. "));
        assert!(mail.html.contains("for 1 minute. "));
    }

    #[test]
    fn the_page_says_what_the_text_says() {
        let html = sign_in_code_email(&example(), "012345", 5).html;
        for part in [
            "<html lang=\"en\"",
            ">012345</p>",
            "The code is valid for 5 minutes.",
            "Example never asks for this code.",
            "someone else has your password",
            "change your password now",
        ] {
            assert!(html.contains(part), "{part} is missing in\n{html}");
        }
        assert_eq!(html.matches("012345").count(), 1);
        for foreign in ["http", "src=", "url(", "<style", "<script", "<link", "<img"] {
            assert!(!html.contains(foreign), "{foreign} in\n{html}");
        }
    }

    #[test]
    fn the_page_escapes_the_product_name() {
        let brand = Brand::new("A & <b>\"'", "example.com").unwrap();
        let mail = sign_in_code_email(&brand, "012345", 5);
        assert_eq!(mail.subject, "Your A & <b>\"' sign-in code");
        assert!(mail.text.contains("A & <b>\"' never asks"));
        assert!(
            mail.html
                .contains("<title>Your A &#38; &#60;b&#62;&#34;&#39; sign-in code</title>"),
            "{}",
            mail.html
        );
        assert!(!mail.html.contains("<b>"));
    }

    #[test]
    fn debug_shows_nothing_of_a_mail() {
        let mail = sign_in_code_email(&example(), "012345", 5);
        assert_eq!(
            format!("{mail:?} {mail:#?}"),
            "Email(redacted) Email(redacted)"
        );
    }
}
