//! Kills imports of the real tool into the real `cargo local`.

use std::fs::OpenOptions;
use std::io::Write;
use std::process::{Child, Command, Stdio};

use countersign_local::demo;
use serde_json::{Value, json};

use super::{BCRYPT, Files, PASSWORD, lines_of};
use crate::harness::deployment::binary::binary;
use crate::harness::deployment::local::{Folder, Local};

/// How many rows the file has. Each tenth is refused.
const ROWS: usize = 120;

/// A row of 100 KiB. The pipe and the tool's buffer together hold fewer than three
/// rows. So when a row is written, the tool has read the earlier rows.
fn row(at: usize) -> String {
    let email = match at % 10 {
        9 => format!("u{at}"),
        _ => format!("u{at}@killed.example.com"),
    };
    let filler = "x".repeat(100 * 1024);
    let row = json!({
        "email": email, "email_verified": true, "user_id": format!("{at:024x}"),
        "password_hash": BCRYPT, "user_metadata": { "filler": filler },
    });
    format!("{row}\n")
}

fn countersign(folder: &Folder, words: &[&str]) -> Command {
    let mut command = Command::new(binary("countersign"));
    command
        .arg(format!("--local={}", folder.path().display()))
        .arg("--json")
        .args(words)
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn done(folder: &Folder, words: &[&str]) -> (Option<i32>, Value) {
    let output = countersign(folder, words).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let value = serde_json::from_slice(&output.stdout);
    (
        output.status.code(),
        value.unwrap_or_else(|_| panic!("{error}")),
    )
}

/// Returns when this import, or an earlier import, has made at least one user.
fn wait_for_a_user(folder: &Folder, import: &mut Child) {
    let find = ["user", "find", "@killed.example.com"];
    loop {
        let (_, found) = done(folder, &find);
        if found.as_array().is_some_and(|users| !users.is_empty()) {
            return;
        }
        assert_eq!(import.try_wait().unwrap(), None);
    }
}

#[test]
fn an_import_that_is_killed_at_three_places_ends_whole_with_the_same_command() {
    let folder = Folder::new();
    let local = Local::start(&folder, &[]);
    let files = Files::new();
    let rejects = files.path("rejects.ndjson");
    let rows: Vec<String> = (0..ROWS).map(row).collect();
    // The tool stores 25 users at once. At each of these rows, the tool is storing the
    // users before the row.
    for killed_at in [27, 55, 83] {
        let pipe = files.path(&format!("{killed_at}.ndjson"));
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let words = ["import", &pipe, "--format", "auth0", "--rejects", &rejects];
        let mut import = countersign(&folder, &words).spawn().unwrap();
        let mut writer = OpenOptions::new().write(true).open(&pipe).unwrap();
        for row in &rows[..killed_at] {
            writer.write_all(row.as_bytes()).unwrap();
        }
        wait_for_a_user(&folder, &mut import);
        import.kill().unwrap();
        assert_eq!(import.wait().unwrap().code(), None);
    }
    let whole = files.text(&rows.concat());
    let words = ["import", &whole, "--format", "auth0", "--rejects", &rejects];
    let (code, first) = done(&folder, &words);
    assert_eq!((code, &first["rows"]), (Some(5), &json!(ROWS)));
    let refused: Vec<u64> = lines_of(std::path::Path::new(&rejects))
        .iter()
        .map(|row| row["number"].as_u64().unwrap())
        .collect();
    assert_eq!(refused, (1..=12).map(|ten| ten * 10).collect::<Vec<_>>());
    let count = |report: &Value, what: &str| report[what].as_u64().unwrap();
    assert_eq!(count(&first, "made") + count(&first, "kept"), 108);
    // The killed imports have made some of the users, but not all.
    assert!((1..108).contains(&count(&first, "kept")), "{first}");
    let (_, again) = done(&folder, &words);
    assert_eq!((count(&again, "made"), count(&again, "kept")), (0, 108));

    let (_, found) = done(&folder, &["user", "find", "@killed.example.com"]);
    let mut emails: Vec<&str> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["email"].as_str().unwrap())
        .collect();
    emails.sort_unstable();
    emails.dedup();
    assert_eq!((found.as_array().unwrap().len(), emails.len()), (108, 108));
    for at in [0, 26, 54, 82, 118] {
        let name = format!("u{at}@killed.example.com");
        let fields = [
            ("grant_type", "password"),
            ("client_id", demo::CLIENT),
            ("username", &name),
            ("password", PASSWORD),
            ("scope", "openid"),
        ];
        let tokens = local.post_form("/oauth/token", &fields);
        assert_eq!(tokens.status, 200, "{name}: {}", tokens.raw);
    }
    assert_eq!(local.stop(), Some(0));
}
