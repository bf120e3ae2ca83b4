//! A browser without scripts. It stores cookies, follows redirects and links, and sends
//! the forms of pages.

use std::cell::RefCell;
use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Method, Request, header};
use countersign_local::demo;
use url::Url;
use url::form_urlencoded::Serializer;

use super::{Answer, Service, attribute, unescape};

/// The origin of the service under test.
pub const ORIGIN: &str = "https://localhost:8788";

/// A browser at a service.
pub struct Browser<'a> {
    pub service: &'a Service,
    pub cookies: RefCell<BTreeMap<String, String>>,
}

/// A form of a page.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// The path that the form posts to.
    pub action: String,
    /// Names and values of its inputs.
    pub fields: Vec<(String, String)>,
    pub buttons: Vec<Button>,
}

/// A button of a form.
#[derive(Clone, Debug)]
pub struct Button {
    /// Empty if the button sends nothing of its own.
    pub name: String,
    pub value: String,
    /// What a person reads on the button.
    pub text: String,
}

impl Form {
    /// The value of an input.
    pub fn value(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no {name} in {self:?}")).1
    }

    /// The form with another value.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The form without a field.
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }
}

impl<'a> Browser<'a> {
    /// A browser without cookies.
    pub fn new(service: &'a Service) -> Self {
        Self {
            service,
            cookies: RefCell::default(),
        }
    }

    /// A cookie, if it has one.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], String::new()).await
    }

    /// Sends a form with the headers of a page of the service.
    pub async fn submit(&self, form: &Form) -> Answer {
        let headers = [("origin", "null"), ("sec-fetch-site", "same-origin")];
        self.submit_with(form, &headers).await
    }

    /// Sends a form with these headers. If the answer redirects to the page of the
    /// form, returns that page, as a person sees it.
    pub async fn submit_with(&self, form: &Form, headers: &[(&str, &str)]) -> Answer {
        let answer = self.post(form, headers).await;
        let page = |path: &str| path.split('?').next().map(str::to_owned);
        match answer.header("location") {
            Some(to) if answer.status == 303 && page(to) == page(&form.action) => {
                self.get(to).await
            }
            _ => answer,
        }
    }

    /// Sends a form with these headers. Returns the answer itself.
    pub async fn post(&self, form: &Form, headers: &[(&str, &str)]) -> Answer {
        for (name, value) in &form.fields {
            let personal = [
                "username",
                "email",
                "password",
                "new_password",
                "token",
                "csrf",
            ];
            if personal.contains(&name.as_str()) {
                self.service.watch_secret(value);
            }
        }
        let mut body = Serializer::new(String::new());
        body.extend_pairs(&form.fields);
        self.send(Method::POST, &form.action, headers, body.finish())
            .await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        let cookies: Vec<String> = {
            let cookies = self.cookies.borrow();
            let pairs = cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            pairs.collect()
        };
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if !body.is_empty() {
            let kind = "application/x-www-form-urlencoded";
            request = request.header(header::CONTENT_TYPE, kind);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self
            .service
            .send(request.body(Body::from(body)).unwrap())
            .await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        for (name, value) in answer.location_parameters() {
            if ["access_token", "code"].contains(&name.as_str()) {
                self.service.watch_secret(&value);
            }
        }
        answer
    }

    fn keep(&self, cookie: &str) {
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        assert!(name.starts_with("__Host-"), "{cookie}");
        assert!(
            attributes.starts_with("Path=/; Max-Age=")
                && attributes.ends_with("; Secure; HttpOnly; SameSite=Lax"),
            "{cookie}"
        );
        let mut cookies = self.cookies.borrow_mut();
        if attributes.contains("Max-Age=0;") {
            cookies.remove(name);
        } else {
            self.service.watch_secret(value);
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// The password step on this page of the sign-in.
    pub async fn password(&self, path: &str, user: &str, password: &str) -> Answer {
        let form = self.get(path).await.form(0);
        let form = form.with("username", user).with("password", password);
        self.submit(&form).await
    }

    /// Signs the demo user without a second factor in.
    pub async fn sign_in_plain(&self) {
        let (user, password) = (demo::PLAIN_USER, demo::PASSWORD_OF_ALL);
        let done = self.password("/auth/login", user, password).await;
        assert_eq!(done.status, 303, "{}", done.raw);
    }

    /// Signs the demo user with an authenticator app in.
    pub async fn sign_in(&self) {
        let (user, password) = (demo::USER, demo::PASSWORD_OF_ALL);
        let step = self.password("/auth/login", user, password).await;
        assert_eq!(step.status, 200, "{}", step.raw);
        let code = self.service.totp();
        let done = self.submit(&step.form(0).with("token", &code)).await;
        assert_eq!(done.status, 303, "{}", done.raw);
    }
}

impl Answer {
    /// The forms of a page, in their order.
    pub fn forms(&self) -> Vec<Form> {
        let forms = self.raw.split("<form ").skip(1);
        forms
            .map(|text| text.split("</form>").next().unwrap())
            .map(read_form)
            .collect()
    }

    /// A form of a page.
    #[track_caller]
    pub fn form(&self, at: usize) -> Form {
        let forms = self.forms();
        let found = forms.get(at);
        found
            .unwrap_or_else(|| panic!("no form {at} in {} {}", self.status, self.raw))
            .clone()
    }

    /// The form with this button, with its name and value if it has one.
    #[track_caller]
    pub fn form_of(&self, button: &str) -> Form {
        for mut form in self.forms() {
            let found = form.buttons.iter().find(|one| one.text.contains(button));
            if let Some(found) = found.cloned() {
                if !found.name.is_empty() {
                    form.fields.push((found.name, found.value));
                }
                return form;
            }
        }
        panic!("no button {button} in {} {}", self.status, self.raw);
    }

    /// The target of the link with this text.
    #[track_caller]
    pub fn link(&self, text: &str) -> String {
        let links = self.raw.split("<a ").skip(1);
        let mut links = links.filter_map(|link| link.split_once('>'));
        let found = links.find(|(_, rest)| rest.starts_with(text));
        let (tag, _) = found.unwrap_or_else(|| panic!("no link {text} in {}", self.raw));
        attribute(tag, "href").unwrap()
    }

    /// The target of a redirect.
    #[track_caller]
    pub fn location(&self) -> &str {
        let to = self.header("location");
        to.unwrap_or_else(|| panic!("no location in {} {}", self.status, self.raw))
    }

    /// The parameters in the query and the fragment of a redirect.
    pub fn location_parameters(&self) -> Vec<(String, String)> {
        let to = self.header("location").unwrap_or_default();
        let Ok(url) = Url::parse("https://localhost:8788/").unwrap().join(to) else {
            return Vec::new();
        };
        let fragment = url::form_urlencoded::parse(url.fragment().unwrap_or_default().as_bytes());
        url.query_pairs()
            .chain(fragment)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect()
    }

    /// A parameter of a redirect, or an empty text.
    pub fn parameter(&self, name: &str) -> String {
        let mut all = self.location_parameters().into_iter();
        let found = all.find(|(known, _)| known == name);
        found.map(|(_, value)| value).unwrap_or_default()
    }
}

fn read_form(text: &str) -> Form {
    let mut form = Form {
        action: attribute(text, "action").unwrap(),
        ..Form::default()
    };
    for tag in text.split("<input ").skip(1) {
        let tag = tag.split('>').next().unwrap();
        let name = attribute(tag, "name").unwrap();
        // A browser sends a box only if a person has ticked it.
        if attribute(tag, "type").as_deref() == Some("checkbox") {
            continue;
        }
        form.fields
            .push((name, attribute(tag, "value").unwrap_or_default()));
    }
    for tag in text.split("<button ").skip(1) {
        let (tag, rest) = tag.split_once('>').unwrap();
        let text = unescape(rest.split('<').next().unwrap());
        let of = |name| attribute(tag, name).unwrap_or_default();
        let (name, value) = (of("name"), of("value"));
        form.buttons.push(Button { name, value, text });
    }
    form
}
