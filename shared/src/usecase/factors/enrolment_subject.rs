//! Decides who begins an enrolment, and which login completes it.

use crate::domain::accounts::user::Account;
use crate::domain::factors::enrolment::EnrollingSession;
use crate::domain::id::LoginId;
use crate::domain::login::pending_login::Login;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::store::LoginBeside;
use crate::usecase::context::Context;
use crate::usecase::login::open_login::{open_login, open_login_token};
use crate::usecase::sessions::kept_session::authorized;
use crate::usecase::sessions::requirement::MayChange;

/// Who begins an enrolment, and the login that completes it.
pub(crate) struct EnrolmentSubject {
    pub account: Account,
    pub login: Login,
    /// Whether the login is new, and not stored yet.
    pub fresh: bool,
    pub session: Option<EnrollingSession>,
}

impl EnrolmentSubject {
    /// A pending login begins to enrol the first factor.
    pub async fn by_login(context: &Context, token: &str) -> Result<Self, Failure> {
        let token = open_login_token(context, token).await?;
        let open = open_login(context, None, &token).await?;
        if !open.login.awaits_code() {
            return Err(Refusal::LoginExpired.into());
        }
        let account = open.account(&context.app).await?;
        let account = account.ok_or(Refusal::LoginExpired)?;
        let offer = &context.app.config.offer;
        offer.check_first_enrolment(&account, open.login.passkey.is_some())?;
        Ok(Self {
            account,
            login: open.login,
            fresh: false,
            session: None,
        })
    }

    /// A session that may change factors begins to enrol. An enrolment that the
    /// session had begun goes on.
    pub async fn by_session(context: &Context, changing: MayChange) -> Result<Self, Failure> {
        let (bearer, account) = (changing.caller(), changing.account().clone());
        let id = bearer.session_id()?;
        let (user, login) = (&account.user, LoginId::of_session(id));
        let beside = LoginBeside::default();
        let read = context.app.store.read_login(user.id, login, beside).await?;
        let begun = read
            .login
            .filter(|login| login.awaits_code() && login.check_live(user, context.now()).is_ok());
        let fresh = begun.is_none();
        let (dialect, now) = (context.caller.dialect, context.now());
        let login = begun
            .unwrap_or_else(|| Login::begin_in_session(id, user, authorized(bearer), dialect, now));
        let session = Some(EnrollingSession {
            id,
            authentication: bearer.authentication,
        });
        Ok(Self {
            account,
            login,
            fresh,
            session,
        })
    }
}
