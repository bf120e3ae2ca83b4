//! `completions`: what each shell reads.

use std::process::Command;

use crate::harness::deployment::binary::binary;

#[test]
fn completions_are_printed_for_each_of_five_shells_and_name_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let done = Command::new(binary("countersign"))
            .args(["completions", shell])
            .env_clear()
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(0), "{shell}: {error}");
        assert_eq!(error, "", "{shell}");
        let printed = String::from_utf8(done.stdout).unwrap();
        for command in ["reset-factors", "rotate-secret", "doctor"] {
            assert!(printed.contains(command), "{shell} lacks {command}");
        }
    }
    let wrong = Command::new(binary("countersign"))
        .args(["completions", "tcsh"])
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(2));
}
