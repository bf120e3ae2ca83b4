//! Serves the local service on two ports of loopback, and of the host of `--listen`: http,
//! and https with the certificate made here.

use crate::certificate::Certificate;
use crate::network::NetworkHost;
use crate::problem::Problem;
use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long running requests may take after the service is told to stop.
const GRACE: Duration = Duration::from_secs(2);

/// Both ports, bound but not served yet. A connection that is made now waits.
#[derive(Debug)]
pub struct Servers {
    http: Vec<TcpListener>,
    https: Vec<TcpListener>,
    http_port: u16,
    https_port: u16,
}

impl Servers {
    /// Binds both ports on 127.0.0.1 and, if the machine has IPv6, on [::1], because
    /// `localhost` may mean either. Port 0 means any free port. If a port is in use,
    /// the error names the option that changes it.
    pub fn bind(port: u16, https_port: u16) -> Result<Servers, Problem> {
        if port == https_port && port != 0 {
            return Err(Problem::new(format!(
                "port {port} cannot be both; choose another with --port or --https-port"
            )));
        }
        let (http, http_port) = bind_both(port, "--port")?;
        let (https, https_port) = bind_both(https_port, "--https-port")?;
        Ok(Servers {
            http,
            https,
            http_port,
            https_port,
        })
    }

    /// Binds both ports on the addresses of `host` too. A name may have addresses that
    /// cannot be listened on. One that can be is enough.
    ///
    /// # Errors
    /// One line if no address is this machine's, or if a port is in use there.
    pub fn also_on(mut self, host: &NetworkHost) -> Result<Servers, Problem> {
        let mut failed = None;
        let before = self.http.len();
        for mut address in host.addresses()? {
            let mut at = |port| {
                address.set_port(port);
                bind(address)
            };
            match (at(self.http_port), at(self.https_port)) {
                (Ok(http), Ok(https)) => {
                    self.http.push(http);
                    self.https.push(https);
                }
                (Err(error), _) | (_, Err(error)) => failed = Some((address.ip(), error)),
            }
        }
        match failed {
            Some((address, error)) if self.http.len() == before => Err(Problem::new(format!(
                "cannot listen on {address} ({error}); --listen wants an address of this machine"
            ))),
            _ => Ok(self),
        }
    }

    /// The http port that was bound.
    pub fn http_port(&self) -> u16 {
        self.http_port
    }

    /// The https port that was bound.
    pub fn https_port(&self) -> u16 {
        self.https_port
    }

    /// Serves `router` on both ports until [`Running::stop`]. Handlers may use
    /// `ConnectInfo<SocketAddr>`. Must run inside a Tokio runtime.
    pub fn start(self, router: Router, certificate: &Certificate) -> Result<Running, Problem> {
        let tls = RustlsConfig::from_config(certificate.server_config()?);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let mut running = Running {
            handle: Handle::new(),
            tasks: Vec::new(),
        };
        for listener in self.http {
            let server = axum_server::from_tcp(listener)
                .map_err(unserved)?
                .handle(running.handle.clone());
            running
                .tasks
                .push(tokio::spawn(server.serve(service.clone())));
        }
        for listener in self.https {
            let server = axum_server::from_tcp_rustls(listener, tls.clone())
                .map_err(unserved)?
                .handle(running.handle.clone());
            running
                .tasks
                .push(tokio::spawn(server.serve(service.clone())));
        }
        Ok(running)
    }
}

/// The running servers. Dropping this stops them at once.
pub struct Running {
    handle: Handle<SocketAddr>,
    tasks: Vec<JoinHandle<io::Result<()>>>,
}

impl Running {
    /// Accepts no more connections, lets running requests finish for two seconds, and
    /// returns when all connections are closed.
    pub async fn stop(mut self) {
        self.handle.graceful_shutdown(Some(GRACE));
        for task in std::mem::take(&mut self.tasks) {
            let _ = task.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

/// Binds `port` on 127.0.0.1 (0 means any free port). The error is one line that names
/// the port and `option`, which changes it.
pub fn bind_loopback(port: u16, option: &str) -> Result<TcpListener, Problem> {
    bind((Ipv4Addr::LOCALHOST, port).into()).map_err(|error| refused(port, option, &error))
}

/// Binds the port on 127.0.0.1 and, if there is IPv6, on [::1]. Returns the port's
/// number too.
fn bind_both(port: u16, option: &str) -> Result<(Vec<TcpListener>, u16), Problem> {
    let v4 = bind_loopback(port, option)?;
    let taken = v4.local_addr().map_err(unserved)?.port();
    match bind((Ipv6Addr::LOCALHOST, taken).into()) {
        Ok(v6) => Ok((vec![v4, v6], taken)),
        // Another program has the port on [::1], and would answer clients that resolve
        // localhost to [::1].
        Err(error) if port != 0 && error.kind() == io::ErrorKind::AddrInUse => {
            Err(refused(port, option, &error))
        }
        Err(_) => Ok((vec![v4], taken)),
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn refused(port: u16, option: &str, error: &io::Error) -> Problem {
    let why = match error.kind() {
        io::ErrorKind::AddrInUse => "is in use, perhaps by another `cargo local`".to_owned(),
        _ => format!("cannot be used ({error})"),
    };
    Problem::new(format!("port {port} {why}; choose another with {option}"))
}

fn unserved(error: io::Error) -> Problem {
    Problem::new(format!("cannot listen: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::extract::ConnectInfo;
    use axum::routing::get;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName};
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::sync::Arc;

    /// The answer to `GET /` over `stream`.
    fn ask(mut stream: impl Read + Write) -> String {
        let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn ask_over_tls(port: u16, ca_pem: &str) -> String {
        let mut roots = rustls::RootCertStore::empty();
        let ca = CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap();
        roots.add(ca).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let client = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let client = rustls::ClientConnection::new(Arc::new(client), name).unwrap();
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        ask(rustls::StreamOwned::new(client, stream))
    }

    #[tokio::test]
    async fn both_ports_serve_the_router_until_stopped() {
        let servers = Servers::bind(0, 0).unwrap();
        let (http, https) = (servers.http_port(), servers.https_port());
        // The client checks the certificate with the system's clock.
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        let certificate = Certificate::make(now, None).unwrap();
        let source = |ConnectInfo(source): ConnectInfo<SocketAddr>| async move {
            format!("from {}", source.ip())
        };
        let router = Router::new().route("/", get(source));
        let running = servers.start(router, &certificate).unwrap();
        let ca = certificate.ca_pem.clone();
        let answers = tokio::task::spawn_blocking(move || {
            let plain = ask(TcpStream::connect(("127.0.0.1", http)).unwrap());
            [plain, ask_over_tls(https, &ca)]
        });
        for answer in answers.await.unwrap() {
            assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
            assert!(answer.ends_with("from 127.0.0.1"), "{answer}");
        }
        running.stop().await;
        assert!(TcpStream::connect(("127.0.0.1", http)).is_err());
        assert!(TcpStream::connect(("127.0.0.1", https)).is_err());
    }

    #[test]
    fn a_busy_port_is_one_line_that_names_the_option() {
        let taken = Servers::bind(0, 0).unwrap();
        let port = taken.http_port();
        let problem = Servers::bind(port, 0).unwrap_err();
        assert_eq!(
            problem.to_string(),
            format!(
                "port {port} is in use, perhaps by another `cargo local`; choose another with --port"
            )
        );
        let port = taken.https_port();
        let problem = Servers::bind(0, port).unwrap_err();
        assert_eq!(
            problem.to_string(),
            format!(
                "port {port} is in use, perhaps by another `cargo local`; choose another with --https-port"
            )
        );
    }

    #[test]
    fn one_number_for_both_ports_is_refused() {
        let free = Servers::bind(0, 0).unwrap().http_port();
        let problem = Servers::bind(free, free).unwrap_err();
        let wanted =
            format!("port {free} cannot be both; choose another with --port or --https-port");
        assert_eq!(problem.to_string(), wanted);
    }
}
