//! The hashes that ASP.NET Core publishes in the tests of its `PasswordHasher`.

use serde_json::json;

use super::Files;
use crate::harness::Service;

const PASSWORD: &str = "my password";

/// What the hash is, and the hash of `my password`.
const RIGHT: [(&str, &str); 8] = [
    (
        "version 2, SHA-1, 1000 rounds",
        "AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJg==",
    ),
    (
        "version 2, another salt",
        "ANXrDknc7fGPpigibZXXZFMX4aoqz44JveK6jQuwY3eH/UyPhvr5xTPeGYEckLxz9A==",
    ),
    (
        "version 3, SHA-1, 250 rounds, 128 bits",
        "AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M",
    ),
    (
        "version 3, SHA-256, 250,000 rounds, a salt of 256 bits",
        "AQAAAAEAA9CQAAAAIESkQuj2Du8Y+kbc5lcN/W/3NiAZFEm11P27nrSN5/tId+bR1SwV8CO1Jd72r4C08OLvplNlCDc3oQZ8efcW+jQ=",
    ),
    (
        "version 3, SHA-512, 50 rounds, 128 bits",
        "AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw",
    ),
    (
        "version 3, SHA-512, 250 rounds, 512 bits",
        "AQAAAAIAAAD6AAAAIJbVi5wbMR+htSfFp8fTw8N8GOS/Sje+S/4YZcgBfU7EQuqv4OkVYmc4VJl9AGZzmRTxSkP7LtVi9IWyUxX8IAAfZ8v+ZfhjCcudtC1YERSqE1OEdXLW9VukPuJWBBjLuw==",
    ),
    (
        "version 3, SHA-512, 10,000 rounds",
        "AQAAAAIAACcQAAAAEAABAgMEBQYHCAkKCwwNDg9B0Oxwty+PGIDSp95gcCfzeDvA4sGapUIUov8usXfD6A==",
    ),
    (
        "version 3, SHA-512, 100,000 rounds",
        "AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg/Q8A0WMKbtHQJQ2DHCdoEeeFBrgNlldq6vH4qX/CGqGQ==",
    ),
];

/// Hashes that are of no such password: each is refused for the reason, or is imported and
/// opens to no such password.
const WRONG: [(&str, Option<&str>); 6] = [
    (
        "AAABAgMEBQYHCAkKCwwNDg+uAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAALtH1uJg==",
        None,
    ),
    (
        "AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggE=",
        Some("the password hash: malformed ASP.NET Identity hash"),
    ),
    (
        "AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJgAAAAAAAAAAAAA=",
        Some("the password hash: malformed ASP.NET Identity hash"),
    ),
    (
        "AQAAAAAAAAD6AAAAEAhftMyfTJyAAAAAAAAAAAAAAAAAAAih5WsjXaR3PA9M",
        None,
    ),
    (
        "AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4A=",
        Some("the password hash: PBKDF2's hash is not 16 to 64 bytes long"),
    ),
    (
        "AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHwAAAAAAAAAAAA",
        None,
    ),
];

#[tokio::test]
async fn the_published_hashes_of_aspnet_core_verify_and_its_published_failures_do_not() {
    let (service, files) = (Service::start().await, Files::new());
    let hashes = RIGHT.iter().map(|(_, hash)| hash);
    let hashes = hashes.chain(WRONG.iter().map(|(hash, _)| hash));
    let rows = hashes
        .enumerate()
        .map(|(number, hash)| json!({ "UserName": format!("u{number}"), "PasswordHash": hash }));
    let file = files.lines(&rows.collect::<Vec<_>>());
    files.import_as(&service, "aspnet", &file, &[]).await;
    let rejects = files.rejects();
    let reason = |number: usize| {
        let row = rejects
            .iter()
            .find(|row| row["number"] == json!(number + 1));
        row.and_then(|row| row["reason"].as_str())
    };
    for (number, (what, _)) in RIGHT.iter().enumerate() {
        assert_eq!(reason(number), None, "{what}");
        let right = service.sign_in(&format!("u{number}"), PASSWORD).await;
        assert_eq!(right.status, 200, "{what}: {}", right.raw);
    }
    for (number, (hash, why)) in WRONG.iter().enumerate() {
        let number = RIGHT.len() + number;
        assert_eq!(reason(number), *why, "{hash}");
        if why.is_none() {
            let wrong = service.sign_in(&format!("u{number}"), PASSWORD).await;
            assert_eq!(wrong.status, 400, "{hash}: {}", wrong.raw);
        }
    }
}
