//! Users as ABP's routes give them, for the OpenAPI document. Nulls are
//! written out. The tests hold every answer to these types.

use utoipa::ToSchema;

use super::super::oauth_document::Empty;

/// A user as an administrator sees one: ABP's `IdentityUserDto`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpUser {
    /// Always null.
    #[schema(required)]
    pub tenant_id: Option<String>,
    /// The user name.
    pub user_name: String,
    /// The e-mail address.
    #[schema(required)]
    pub email: Option<String>,
    /// The given name.
    #[schema(required)]
    pub name: Option<String>,
    /// The family name.
    #[schema(required)]
    pub surname: Option<String>,
    /// Whether the e-mail address is confirmed.
    pub email_confirmed: bool,
    /// The phone number.
    #[schema(required)]
    pub phone_number: Option<String>,
    /// Whether the phone number is confirmed.
    pub phone_number_confirmed: bool,
    /// Whether there is a valid provider.
    pub support_two_factor: bool,
    /// Whether the user or a policy has turned two-factor on.
    pub two_factor_enabled: bool,
    /// Whether the user may sign in.
    pub is_active: bool,
    /// Always true.
    pub lockout_enabled: bool,
    /// Whether wrong passwords have locked the user out.
    pub is_locked_out: bool,
    /// Until when, in ISO 8601.
    #[schema(required, example = "2027-01-15T08:00:00+00:00")]
    pub lockout_end: Option<String>,
    /// Whether the password must be changed.
    pub should_change_password_on_next_login: bool,
    /// Changes with the user.
    pub concurrency_stamp: String,
    /// The roles; null without any.
    #[schema(required)]
    pub role_names: Option<Vec<String>>,
    /// Wrong passwords of late.
    pub access_failed_count: i64,
    /// When the password was changed last, in ISO 8601.
    #[schema(required)]
    pub last_password_change_time: Option<String>,
    /// Always false.
    pub is_external: bool,
    /// Always false.
    pub is_deleted: bool,
    /// Always null.
    #[schema(required)]
    pub deleter_id: Option<String>,
    /// Always null.
    #[schema(required)]
    pub deletion_time: Option<String>,
    /// Always null.
    #[schema(required)]
    pub last_modification_time: Option<String>,
    /// Always null.
    #[schema(required)]
    pub last_modifier_id: Option<String>,
    /// When the user was made, in ISO 8601.
    #[schema(example = "2027-01-15T08:00:00")]
    pub creation_time: String,
    /// Always null.
    #[schema(required)]
    pub creator_id: Option<String>,
    /// The identifier, with dashes.
    pub id: String,
    /// Always empty.
    pub extra_properties: Empty,
}

/// One's own profile: ABP's `ProfileDto`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AbpProfile {
    /// The user name.
    pub user_name: String,
    /// The e-mail address.
    #[schema(required)]
    pub email: Option<String>,
    /// Whether it is confirmed.
    pub email_confirmed: bool,
    /// The given name.
    #[schema(required)]
    pub name: Option<String>,
    /// The family name.
    #[schema(required)]
    pub surname: Option<String>,
    /// The phone number.
    #[schema(required)]
    pub phone_number: Option<String>,
    /// Whether it is confirmed.
    pub phone_number_confirmed: bool,
    /// Always false.
    pub is_external: bool,
    /// Whether there is a password.
    pub has_password: bool,
    /// Changes with the user.
    pub concurrency_stamp: String,
    /// Always empty.
    pub extra_properties: Empty,
}
