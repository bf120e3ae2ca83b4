//! `/me/v1/trusted-devices`: the devices that a user trusts. Ours, beside Auth0's My Account API:
//! Auth0 has no call for a device that is a key.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::sessions::trusted_device::TrustedDevice;
use crate::usecase::sessions::trusted_devices::{end_my_device, my_trusted_devices};
use crate::wire::auth0::factors::my_methods::text_of;
use crate::wire::auth0::factors::my_words::when;
use crate::wire::credentials::bearer;
use crate::wire::input::Input;
use crate::wire::{failure, private, private_json};

/// The trusted devices of a user.
#[derive(ToSchema)]
pub struct MyTrustedDevices {
    /// The devices, the newest first.
    pub trusted_devices: Vec<MyTrustedDevice>,
}

/// A device whose key stands in for the second factor.
#[derive(ToSchema)]
pub struct MyTrustedDevice {
    /// The thumbprint of its key (RFC 7638).
    #[schema(example = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")]
    pub id: String,
    /// What the app calls the device.
    pub name: String,
    /// The app that asked to be remembered.
    pub client_id: String,
    /// When the device was remembered.
    pub created_at: String,
    /// When the device ends.
    pub expires_at: String,
    /// When the device last stood in for a factor.
    #[schema(nullable = false)]
    pub last_used_at: Option<String>,
    /// Whether the access token of this request is bound to the key of the device.
    pub current: bool,
}

/// `GET /me/v1/trusted-devices`: the devices that the user trusts.
#[operation(
    summary = "Lists the user's trusted devices.",
    responses((status = 200, description = "The devices.", body = MyTrustedDevices)),
    security(("access_token" = ["read:me:authentication_methods"])),
)]
pub async fn list_my_devices(input: Input) -> Response {
    let listed = async {
        let found = my_trusted_devices(&input.context, bearer(&input.headers)?).await?;
        let devices = found.devices.iter();
        let devices: Vec<Value> = devices
            .map(|device| device_json(device, found.current.as_ref() == Some(&device.key)))
            .collect();
        Ok(private_json(
            StatusCode::OK,
            &json!({ "trusted_devices": devices }),
        ))
    };
    match listed.await {
        Ok(response) => response,
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

/// `DELETE /me/v1/trusted-devices/{id}`: ends a device. The next login on the device takes a
/// second factor. The sessions of the device stay.
#[operation(
    summary = "Ends one of the user's trusted devices.",
    params(("id" = String, Path, description = "Its identifier, as the list has it.", example = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")),
    responses((status = 204, description = "It is trusted no longer.")),
    security(("access_token" = ["delete:me:authentication_methods"])),
)]
pub async fn remove_my_device(id: Result<Path<String>, PathRejection>, input: Input) -> Response {
    let id = text_of(id);
    let ended = async { end_my_device(&input.context, bearer(&input.headers)?, &id).await };
    match ended.await {
        Ok(()) => private(StatusCode::NO_CONTENT.into_response()),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

fn device_json(device: &TrustedDevice, current: bool) -> Value {
    let mut told = json!({
        "id": device.key.as_str(),
        "name": device.name,
        "client_id": device.client,
        "created_at": when(device.remembered_at),
        "expires_at": when(device.expires_at),
        "current": current,
    });
    if let Some(at) = device.used_at {
        told["last_used_at"] = json!(when(at));
    }
    told
}
