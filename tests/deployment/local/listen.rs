//! `cargo local --listen ADDRESS`: a phone on the network reaches the service. 127.0.0.2
//! stands for the address of the network, because tests listen on loopback only.

use std::net::TcpStream;

use countersign_local::demo;

use crate::harness::deployment::binary::{Process, Stream};
use crate::harness::deployment::local::{Folder, Local};

const NETWORK: &str = "127.0.0.2";

fn listening(folder: &Folder) -> Local {
    Local::start(folder, &["--memory", "--listen", NETWORK])
}

fn log_in(local: &Local) -> String {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", "openid"),
    ];
    let answer = local.post_form_tls_at(NETWORK, "/oauth/token", &fields);
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let issuer = answer.claims("access_token")["iss"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(answer.claims("id_token")["iss"], issuer);
    issuer
}

#[test]
fn a_phone_trusts_the_address_that_was_asked_for_and_finds_it_in_metadata_and_tokens() {
    let folder = Folder::new();
    let local = listening(&folder);
    let issuer = format!("https://{NETWORK}:{}/", local.https_port);
    let metadata = ("GET", "/.well-known/openid-configuration");
    let metadata = local.ask_at(NETWORK, metadata, &[]);
    assert_eq!(metadata.body["issuer"], issuer);
    assert_eq!(
        metadata.body["token_endpoint"],
        format!("{issuer}oauth/token")
    );
    assert_eq!(log_in(&local), issuer);
    let on_this_machine = local.ask_tls("GET", "/.well-known/jwks.json", &[], "");
    assert_eq!(on_this_machine.status, 200, "{}", on_this_machine.raw);
}

#[test]
fn the_start_says_which_address_others_reach_and_what_they_can_do_there() {
    let folder = Folder::new();
    let local = listening(&folder);
    let (http, https) = (local.port, local.https_port);
    let warning = format!(
        "countersign: warning: others reach https://{NETWORK}:{https}/ and http://{NETWORK}:{http}/: \
         everyone on that network can sign in with the demo data, read every message and change \
         everything here"
    );
    let said = local.said();
    assert!(said.contains(&(Stream::Error, warning)), "{said:?}");
    let quiet = Local::start(&folder, &["--memory"]).said();
    let others = |(_, line): &(Stream, String)| line.contains("others reach");
    assert!(!quiet.iter().any(others), "{quiet:?}");
}

#[test]
fn without_being_asked_the_service_listens_on_loopback_only() {
    let folder = Folder::new();
    let local = Local::start(&folder, &["--memory"]);
    for port in [local.port, local.https_port] {
        assert!(TcpStream::connect((NETWORK, port)).is_err());
    }
    let host = format!("{NETWORK}:{}", local.port);
    let answer = local.ask("GET", "/_local/clock", &[("host", &host)], "");
    assert_eq!(answer.status, 403, "{}", answer.raw);
}

#[test]
fn a_foreign_name_that_leads_here_is_refused_at_the_networks_address_too() {
    let folder = Folder::new();
    let local = listening(&folder);
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/_local/workbench/"),
        ("GET", "/_local/clock"),
        ("GET", "/_local/messages"),
        ("GET", "/_local/events"),
        ("GET", "/_local/state"),
        ("POST", "/_local/operate"),
        ("POST", "/_local/faults"),
    ] {
        for host in [
            "rebound.example",
            "rebound.example:8787",
            "127.0.0.2.rebound.example",
            "127.0.0.3",
            "192.168.1.20:8787",
            "127.0.0.2@rebound.example",
            "",
        ] {
            let answer = local.ask_at(NETWORK, (method, path), &[("host", host)]);
            assert_eq!(answer.status, 403, "{method} {path} as {host}");
            let why = "answered only as localhost, 127.0.0.1, 127.0.0.2 or [::1]";
            assert_eq!(answer.body["error"], why);
        }
        for origin in ["http://rebound.example", "http://127.0.0.3:3000", "null"] {
            let answer = local.ask_at(NETWORK, (method, path), &[("origin", origin)]);
            assert_eq!(answer.status, 403, "{method} {path} from {origin}");
        }
        let own = format!("http://{NETWORK}:3000");
        let answer = local.ask_at(NETWORK, (method, path), &[("origin", &own)]);
        assert_ne!(answer.status, 403, "{method} {path}: {}", answer.raw);
    }
}

#[test]
fn an_apps_page_at_the_named_address_may_read_answers_and_no_other_page_may() {
    let folder = Folder::new();
    let local = listening(&folder);
    let metadata = ("GET", "/.well-known/openid-configuration");
    let allowed = |origin: &str| {
        let answer = local.ask_at(NETWORK, metadata, &[("origin", origin)]);
        answer
            .header("access-control-allow-origin")
            .map(str::to_owned)
    };
    for origin in [
        "http://127.0.0.2:3000",
        "https://127.0.0.2",
        "http://localhost:3000",
    ] {
        assert_eq!(allowed(origin).as_deref(), Some(origin));
    }
    for origin in ["http://127.0.0.3:3000", "https://rebound.example", "null"] {
        assert_eq!(allowed(origin), None, "{origin}");
    }
}

#[test]
fn the_next_start_keeps_the_certificate_that_a_phone_trusts() {
    let folder = Folder::new();
    let certificate = || std::fs::read(folder.path().join("ca.pem")).unwrap();
    assert_eq!(listening(&folder).stop(), Some(0));
    let first = certificate();
    assert_eq!(Local::start(&folder, &["--memory"]).stop(), Some(0));
    assert_eq!(certificate(), first);
    let again = listening(&folder);
    assert_eq!(certificate(), first);
    log_in(&again);
}

#[test]
fn an_address_that_is_not_this_machines_or_not_one_address_is_one_clear_line() {
    let folder = Folder::new();
    let data = folder.path().to_str().unwrap();
    let start = [
        "--port",
        "0",
        "--https-port",
        "0",
        "--data",
        data,
        "--listen",
    ];
    let refused = |address: &str, code: i32| {
        let arguments = [&start[..], &[address]].concat();
        let (status, lines) = Process::start("countersign-local", &arguments, &[]).end();
        assert_eq!(status.code(), Some(code), "{lines:?}");
        lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>()
    };
    let lines = refused("192.0.2.1", 1);
    let [line] = &lines[..] else {
        panic!("not one line: {lines:?}");
    };
    assert!(
        line.starts_with("countersign: cannot listen on 192.0.2.1 ("),
        "{line}"
    );
    assert!(
        line.ends_with("; --listen wants an address of this machine"),
        "{line}"
    );
    let said = refused("0.0.0.0", 2).join("\n");
    assert!(said.contains("0.0.0.0 is not one address"), "{said}");
    let said = refused("localhost", 2).join("\n");
    assert!(
        said.contains("the service always listens on localhost"),
        "{said}"
    );
}
