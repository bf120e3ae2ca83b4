//! A stand-in for KMS: `GenerateDataKey`, `GenerateDataKeyWithoutPlaintext` and
//! `Decrypt` with one master key.
//!
//! As in KMS, the encryption context is associated data: a blob can be decrypted only
//! with the context that it was made with. Every key id and alias means the one master
//! key.

use super::fault::Fault;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;

/// The key's name in the answers.
const KEY_ARN: &str = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-4000-8000-000000000000";

/// The first byte of a blob. The nonce and the encrypted key with its tag follow.
const BLOB_VERSION: u8 = 1;

/// Sorted, so that the order of a context does not matter.
type Context = BTreeMap<String, String>;

/// The master key of the stand-in.
pub(super) struct Kms {
    master: RandomizedNonceKey,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateDataKey {
    key_id: String,
    key_spec: Option<String>,
    number_of_bytes: Option<u32>,
    #[serde(default)]
    encryption_context: Context,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypt {
    ciphertext_blob: String,
    #[serde(default)]
    encryption_context: Context,
}

impl Kms {
    pub(super) fn new(master_key: [u8; 32]) -> io::Result<Kms> {
        let master = RandomizedNonceKey::new(&AES_256_GCM, &master_key)
            .map_err(|_| io::Error::other("the KMS master key was refused"))?;
        Ok(Kms { master })
    }

    /// Answers one call. `operation` is the name after `TrentService.`, and `body` is
    /// JSON.
    pub(super) fn answer(&self, operation: &str, body: &[u8]) -> Result<Value, Fault> {
        match operation {
            "GenerateDataKey" => self.generate(&read(body)?, true),
            "GenerateDataKeyWithoutPlaintext" => self.generate(&read(body)?, false),
            "Decrypt" => self.decrypt(&read(body)?),
            _ => Err(Fault::new(
                "UnknownOperationException",
                format!("KMS {operation} is not answered here"),
            )),
        }
    }

    fn generate(&self, call: &GenerateDataKey, with_plaintext: bool) -> Result<Value, Fault> {
        if call.key_id.is_empty() {
            return Err(Fault::new("ValidationException", "KeyId is empty"));
        }
        match (call.key_spec.as_deref(), call.number_of_bytes) {
            (Some("AES_256"), None) | (None, Some(32)) => {}
            _ => {
                return Err(Fault::new(
                    "ValidationException",
                    "wants KeySpec AES_256 or NumberOfBytes 32",
                ));
            }
        }
        let mut key = [0; 32];
        aws_lc_rs::rand::fill(&mut key).map_err(|_| internal())?;
        let mut answer = json!({
            "KeyId": KEY_ARN,
            "CiphertextBlob": STANDARD.encode(self.wrap(&key, &call.encryption_context)?),
        });
        if with_plaintext {
            answer["Plaintext"] = STANDARD.encode(key).into();
        }
        Ok(answer)
    }

    fn decrypt(&self, call: &Decrypt) -> Result<Value, Fault> {
        let key = STANDARD
            .decode(&call.ciphertext_blob)
            .ok()
            .and_then(|blob| self.unwrap(&blob, &call.encryption_context))
            .ok_or_else(|| {
                Fault::new(
                    "InvalidCiphertextException",
                    "another key or encryption context made this blob, or it was altered",
                )
            })?;
        Ok(json!({
            "KeyId": KEY_ARN,
            "Plaintext": STANDARD.encode(key),
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }))
    }

    fn wrap(&self, key: &[u8], context: &Context) -> Result<Vec<u8>, Fault> {
        let mut sealed = key.to_vec();
        let nonce = self
            .master
            .seal_in_place_append_tag(associated(context), &mut sealed)
            .map_err(|_| internal())?;
        let mut blob = vec![BLOB_VERSION];
        blob.extend_from_slice(nonce.as_ref());
        blob.append(&mut sealed);
        Ok(blob)
    }

    fn unwrap(&self, blob: &[u8], context: &Context) -> Option<Vec<u8>> {
        let blob = blob.strip_prefix(&[BLOB_VERSION])?;
        let (nonce, sealed) = blob.split_first_chunk::<NONCE_LEN>()?;
        let mut sealed = sealed.to_vec();
        let key = self
            .master
            .open_in_place(Nonce::from(nonce), associated(context), &mut sealed)
            .ok()?;
        Some(key.to_vec())
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body)
        .map_err(|error| Fault::new("SerializationException", error.to_string()))
}

/// The context as JSON of a sorted map. Only equal contexts have equal bytes.
fn associated(context: &Context) -> Aad<Vec<u8>> {
    Aad::from(json!(context).to_string().into_bytes())
}

fn internal() -> Fault {
    Fault::new("KMSInternalException", "the cipher failed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kms() -> Kms {
        Kms::new([7; 32]).unwrap()
    }

    fn ask(kms: &Kms, operation: &str, body: Value) -> Result<Value, &'static str> {
        kms.answer(operation, body.to_string().as_bytes())
            .map_err(|fault| fault.kind)
    }

    /// A new data key: its blob and its plaintext, in base64.
    fn data_key(kms: &Kms, context: Value) -> (Value, Value) {
        let body = json!({"KeyId": "alias/x", "KeySpec": "AES_256", "EncryptionContext": context});
        let answer = ask(kms, "GenerateDataKey", body).unwrap();
        (
            answer["CiphertextBlob"].clone(),
            answer["Plaintext"].clone(),
        )
    }

    #[test]
    fn a_data_key_comes_back_under_its_context_in_any_order() {
        let kms = kms();
        let (blob, key) = data_key(&kms, json!({"stack": "s", "purpose": "codes"}));
        let body = r#"{"CiphertextBlob":BLOB,"EncryptionContext":{"purpose":"codes","stack":"s"}}"#
            .replace("BLOB", &blob.to_string());
        let answer = kms.answer("Decrypt", body.as_bytes()).unwrap();
        assert_eq!(answer["Plaintext"], key);
        assert_eq!(STANDARD.decode(key.as_str().unwrap()).unwrap().len(), 32);
    }

    #[test]
    fn another_context_opens_nothing() {
        let kms = kms();
        let (blob, _) = data_key(&kms, json!({"stack": "s", "purpose": "codes"}));
        for context in [
            json!({}),
            json!({"stack": "s"}),
            json!({"stack": "s", "purpose": "seeds"}),
            json!({"stack": "s", "purpose": "codes", "more": ""}),
            json!({"stack": "s\",\"purpose\":\"codes"}),
        ] {
            let body = json!({"CiphertextBlob": blob, "EncryptionContext": context});
            assert_eq!(
                ask(&kms, "Decrypt", body),
                Err("InvalidCiphertextException")
            );
        }
    }

    #[test]
    fn a_foreign_or_altered_blob_opens_nothing() {
        let kms = kms();
        let (blob, _) = data_key(&kms, json!({}));
        let other = Kms::new([8; 32]).unwrap();
        let mut altered = STANDARD.decode(blob.as_str().unwrap()).unwrap();
        altered[20] ^= 1;
        let altered = STANDARD.encode(altered);
        for (kms, blob) in [
            (&other, blob.as_str().unwrap()),
            (&kms, altered.as_str()),
            (&kms, ""),
            (&kms, "AQ=="),
            (&kms, "not base64"),
        ] {
            let body = json!({ "CiphertextBlob": blob });
            assert_eq!(ask(kms, "Decrypt", body), Err("InvalidCiphertextException"));
        }
    }

    #[test]
    fn without_plaintext_means_without() {
        let kms = kms();
        let body = json!({"KeyId": "k", "NumberOfBytes": 32});
        let answer = ask(&kms, "GenerateDataKeyWithoutPlaintext", body).unwrap();
        assert!(answer["CiphertextBlob"].is_string() && answer.get("Plaintext").is_none());
        let body = json!({ "CiphertextBlob": answer["CiphertextBlob"] });
        assert!(ask(&kms, "Decrypt", body).is_ok());
    }

    #[test]
    fn other_calls_and_sizes_are_refused() {
        let kms = kms();
        for (operation, body, kind) in [
            ("Encrypt", json!({}), "UnknownOperationException"),
            ("GenerateDataKey", json!({}), "SerializationException"),
            (
                "GenerateDataKey",
                json!({"KeyId": "k"}),
                "ValidationException",
            ),
            (
                "GenerateDataKey",
                json!({"KeyId": "k", "KeySpec": "AES_128"}),
                "ValidationException",
            ),
            (
                "GenerateDataKey",
                json!({"KeyId": "k", "NumberOfBytes": 64}),
                "ValidationException",
            ),
            (
                "GenerateDataKey",
                json!({"KeyId": "k", "KeySpec": "AES_256", "NumberOfBytes": 32}),
                "ValidationException",
            ),
        ] {
            assert_eq!(ask(&kms, operation, body), Err(kind));
        }
    }
}
