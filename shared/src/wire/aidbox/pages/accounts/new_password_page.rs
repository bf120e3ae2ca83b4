//! The form that asks for a new password.

use askama::Template;

use crate::wire::aidbox::pages::page::{PageFrame, Problem};

#[derive(Template)]
#[template(path = "pages/new_password.html")]
pub(crate) struct NewPasswordPage {
    pub frame: PageFrame,
    pub action: String,
    pub csrf: String,
    pub hidden: Vec<(&'static str, String)>,
    /// The user's name, for the user and for the password manager.
    pub name: String,
    pub rule: String,
    pub problem: Problem,
}
