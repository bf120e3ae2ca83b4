//! The real `countersign-local`: its process, and a simple HTTP/1.1 client over a
//! stream.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;

use super::binary::{Process, Stream};
use crate::harness::Answer;

/// A folder. Dropping this removes it.
pub struct Folder(PathBuf);

impl Folder {
    /// A name for a folder that does not exist yet.
    pub fn new() -> Self {
        let name = format!("countersign-test-{}", uuid::Uuid::new_v4().simple());
        Self(std::env::temp_dir().join(name))
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A test may not have made the folder.
        let _none = std::fs::remove_dir_all(&self.0);
    }
}

/// A running `countersign-local` on free ports.
pub struct Local {
    pub process: Process,
    /// The http port.
    pub port: u16,
    pub https_port: u16,
    certificate: PathBuf,
}

impl Local {
    /// Starts the service on this folder, with more arguments.
    pub fn start(folder: &Folder, more: &[&str]) -> Self {
        Self::start_in(folder, more, &[])
    }

    /// Starts the service with only these variables.
    pub fn start_in(folder: &Folder, more: &[&str], environment: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment: Vec<(String, String)> = environment.iter().map(owned).collect();
        let data = folder.path().to_str().unwrap();
        let mut arguments = vec!["--port", "0", "--https-port", "0", "--data", data];
        arguments.extend_from_slice(more);
        let mut process = Process::start("countersign-local", &arguments, &environment);
        let ready = |line: &str| line.strip_prefix("ready http://127.0.0.1:")?.parse().ok();
        let port = process.line(ready);
        let https_port = process.line(|line| {
            let (_, rest) = line.split_once("https://localhost:")?;
            rest.strip_suffix('/')?.parse().ok()
        });
        let certificate = process.line(|line| {
            let rest = line.strip_prefix("certificate")?.trim();
            Some(PathBuf::from(rest.split_once(" (")?.0))
        });
        Self {
            process,
            port,
            https_port,
            certificate,
        }
    }

    /// Sends a request over http.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let host = format!("127.0.0.1:{}", self.port);
        exchange(stream, &host, method, path, headers, body)
    }

    /// Sends a request over http to another address of this machine.
    pub fn ask_at(&self, address: &str, request: (&str, &str), headers: &[(&str, &str)]) -> Answer {
        let stream = TcpStream::connect((address, self.port)).unwrap();
        let host = format!("{address}:{}", self.port);
        exchange(stream, &host, request.0, request.1, headers, "")
    }

    /// Sends a request over https to `localhost`. Trusts only the printed certificate.
    pub fn ask_tls(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let stream = self.tls("localhost", "127.0.0.1");
        let host = format!("localhost:{}", self.https_port);
        exchange(stream, &host, method, path, headers, body)
    }

    /// Posts a form over https to another address of this machine.
    pub fn post_form_tls_at(&self, address: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let host = format!("{address}:{}", self.https_port);
        let (kind, body) = form(fields);
        exchange(
            self.tls(address, address),
            &host,
            "POST",
            path,
            &[kind],
            &body,
        )
    }

    /// A connection to `address` whose certificate must name `name`.
    fn tls(&self, name: &str, address: &str) -> impl Read + Write {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_file(&self.certificate).unwrap();
        roots.add(certificate).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let client = ClientConnection::new(Arc::new(client), name).unwrap();
        let stream = TcpStream::connect((address, self.https_port)).unwrap();
        StreamOwned::new(client, stream)
    }

    /// Posts a form over http.
    pub fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let (kind, body) = form(fields);
        self.ask("POST", path, &[kind], &body)
    }

    /// Stops the service. Returns its exit code.
    pub fn stop(self) -> Option<i32> {
        self.process.signal("TERM");
        self.process.end().0.code()
    }

    /// Stops the service. Returns all its lines.
    pub fn said(self) -> Vec<(Stream, String)> {
        self.process.signal("TERM");
        self.process.end().1
    }
}

/// The content type and the body of a form.
fn form(fields: &[(&str, &str)]) -> ((&'static str, &'static str), String) {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    (("content-type", "application/x-www-form-urlencoded"), body)
}

/// Sends one request and reads its answer. A `host` among the headers replaces the real
/// one.
fn exchange(
    mut stream: impl Read + Write,
    host: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        request += &format!("host: {host}\r\n");
    }
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, raw) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in lines.map(|line| line.split_once(": ").unwrap()) {
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    Answer {
        status: status.parse().unwrap(),
        headers,
        body: serde_json::from_str(raw).unwrap_or(Value::Null),
        raw: raw.to_owned(),
    }
}
