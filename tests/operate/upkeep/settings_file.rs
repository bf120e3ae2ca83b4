//! `doctor --settings`: the answers of a deployment, before anything is created.

use std::path::PathBuf;

use countersign_cli::settings_file::check_settings;
use insta::assert_snapshot;

use crate::harness::deployment::local::Folder;
use crate::tidy::source::read;

/// What `doctor --settings` prints for these files, and its exit code.
fn checked(files: &[&str]) -> String {
    let folder = Folder::new();
    std::fs::create_dir(folder.path()).unwrap();
    let written = files.iter().enumerate().map(|(at, text)| {
        let file = folder.path().join(format!("{at}.toml"));
        std::fs::write(&file, text).unwrap();
        file
    });
    let written: Vec<PathBuf> = written.collect();
    match check_settings(&written) {
        Ok(report) => format!("{}\n{}", report.exit_code(), report.text(false)),
        Err(problem) => {
            let folder = folder.path().display().to_string();
            format!("{}\n{problem}", problem.exit_code()).replace(&folder, "…")
        }
    }
}

const FIRST_TWO: &str = "ProductName = \"My Shop\"\nSenderAddress = \"login@example.com\"\n";

#[test]
fn the_answers_as_they_come_lack_the_first_two_and_nothing_else() {
    assert_snapshot!(checked(&[&read("answers.toml")]), @r"
    6
    settings: ProductName has no answer
      ProductName: 1 to 30 letters, digits, spaces and .,:;'!?()+&-, of which the first is no space
    settings: SenderAddress has no answer
      SenderAddress: an e-mail address, a@example.com
    Findings: 2. Checked: settings.
    ");
    let both = checked(&[&read("answers.toml"), FIRST_TWO]);
    assert_snapshot!(both, @r"
    0
    Nothing was found. Checked: settings.
    ");
}

#[test]
fn every_wrong_answer_is_told_with_what_the_answer_must_be() {
    let wrong = "SmsCountrys = \"+1\"\nRateLimit = 0\nDialects = \"abp,auth0\"\n\
                 SignUp = \"everybody\"\nSmsCountries = \"44\"\nWebhookHeaders = \"Bearer secret\"\n";
    assert_snapshot!(checked(&[FIRST_TWO, wrong]), @r"
    6
    settings: Dialects is none of the values that the template takes
      Dialects: some of auth0, abp, codemaze and aidbox, in this order, with commas between
    settings: RateLimit is none of the values that the template takes
      RateLimit: 1 to 10000
    settings: SignUp is none of the values that the template takes
      SignUp: none, or some of auth0, abp, codemaze and aidbox with commas between
    settings: SmsCountries is none of the values that the template takes
      SmsCountries: empty, or prefixes with commas between, +1,+44,-4470, each with a calling code that exists
    settings: the template has no parameter SmsCountrys
      did you mean SmsCountries?
    settings: WebhookHeaders is none of the values that the template takes
      WebhookHeaders: empty, or a JSON object of header names and texts, at most 1000 characters, without a header that frames the message, such as host
    Findings: 6. Checked: settings.
    ");
}

#[test]
fn a_wrong_combination_is_told() {
    let wrong =
        "DomainName = \"login.example.com\"\nDialects = \"codemaze\"\nFirstClientId = \"app\"\n";
    assert_snapshot!(checked(&[FIRST_TWO, wrong]), @r"
    6
    settings: DomainName needs CertificateArn
      change one of the answers
    settings: the dialect codemaze needs CodeMazeClient
      change one of the answers
    settings: FirstClientId needs FirstClientAudience
      change one of the answers
    Findings: 3. Checked: settings.
    ");
}

#[test]
fn what_only_the_functions_would_refuse_is_told_by_the_parameters_name() {
    let wrong = "SmsCountries = \"+1,+1\"\n";
    assert_snapshot!(checked(&[FIRST_TWO, wrong]), @r"
    6
    settings: SmsCountries is wrong: it wants prefixes of phone numbers like +1,+44 and exclusions like -1876, with commas between, each once and with a calling code that exists
      change the answer
    Findings: 1. Checked: settings.
    ");
}

#[test]
fn a_redirect_uri_that_runs_a_script_and_an_origin_with_a_path_are_told() {
    let wrong = "FirstClientId = \"app\"\nFirstClientAudience = \"https://api.example.com/\"\n\
                 FirstClientRedirectUris = \"javascript:alert(1)\"\n\
                 CorsOrigins = \"https://a.example.com, https://b.example.com/\"\n";
    assert_snapshot!(checked(&[FIRST_TWO, wrong]), @r"
    6
    settings: CorsOrigins is none of the values that the template takes
      CorsOrigins: empty, or origins with commas between, without the port 443; http for this machine only
    settings: FirstClientRedirectUris is none of the values that the template takes
      FirstClientRedirectUris: absolute URIs without a fragment, with one space between, none of which runs a script
    Findings: 2. Checked: settings.
    ");
}

#[test]
fn a_confirmed_phone_needs_factors() {
    for confirmed in ["phone", "both"] {
        let wrong = format!("MfaPolicy = \"disabled\"\nConfirmationRequired = \"{confirmed}\"\n");
        assert_eq!(
            checked(&[FIRST_TWO, &wrong]),
            "6\nsettings: with MfaPolicy disabled, ConfirmationRequired must not be phone or both\n  \
             change one of the answers\nFindings: 1. Checked: settings.\n",
        );
    }
}

#[test]
fn a_file_that_is_no_toml_is_told_without_its_text() {
    assert_snapshot!(checked(&["EdgeSecret = \"abc\nx"]), @r"
    2
    …/0.toml: key with no value, expected `=` (line 2)
    ");
    assert_snapshot!(checked(&["Dialects = [\"auth0\"]\n"]), @r"
    2
    …/0.toml: Dialects is no text
    ");
    let none = PathBuf::from("none.toml");
    let problem = check_settings(&[none]).unwrap_err();
    assert_eq!(problem.exit_code(), 2);
    assert!(problem.to_string().starts_with("none.toml: "), "{problem}");
}
