//! The command line of `cargo local`.

use clap::Parser;
use std::path::PathBuf;
use url::Url;

use crate::network::NetworkHost;

/// The options of the command line.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "countersign",
    bin_name = "cargo local",
    version,
    about = "The whole login service on this machine, with no AWS account",
    after_help = "A function's settings (COUNTERSIGN_…) are read from the environment; \
                  docs/reference/settings.md lists them."
)]
pub struct Options {
    /// Port for http (with --aws-only: for KMS, SES and SNS)
    #[arg(long, value_name = "PORT", default_value_t = 8787)]
    pub port: u16,

    /// Port for https (with --aws-only: for DynamoDB)
    #[arg(long, value_name = "PORT", default_value_t = 8788)]
    pub https_port: u16,

    /// Listen on this address or name of this machine too, so that a phone on the network reaches
    /// the service. Everyone on that network can then use the demo data
    #[arg(long, value_name = "ADDRESS", value_parser = NetworkHost::parse, conflicts_with = "aws_only")]
    pub listen: Option<NetworkHost>,

    /// Issuer named in tokens and metadata [default: https://localhost:<https-port>/, or with
    /// --listen https://<address>:<https-port>/; with --aws-only: http://localhost:9000/, where `cargo lambda watch` serves]
    #[arg(long, value_name = "URL", value_parser = issuer_url)]
    pub issuer: Option<String>,

    /// Folder for the database, keys, clock and certificate
    #[arg(long, value_name = "DIR", default_value = "target/local")]
    pub data: PathBuf,

    /// Keep the database and the clock in memory only
    #[arg(long)]
    pub memory: bool,

    /// Clients and users for the service, as JSON, in place of the demo data; docs/seed.md has an
    /// example
    #[arg(long, value_name = "FILE")]
    pub seed: Option<PathBuf>,

    /// Start only the AWS stand-ins, with keys and data, for functions that run elsewhere, and
    /// write the environment that these need to <data>/lambda.env
    #[arg(long)]
    pub aws_only: bool,
}

impl Options {
    /// The default issuer: the https address on `https_port`, the port that was bound
    /// (with `--https-port 0` that is another port). A phone that reaches the service by
    /// the host of `--listen` must find that host in the metadata.
    pub fn own_issuer(&self, https_port: u16) -> String {
        let named = self.listen.as_ref().map(NetworkHost::in_urls);
        let host = named.unwrap_or_else(|| "localhost".to_owned());
        format!("https://{host}:{https_port}/")
    }

    /// The default issuer of functions that run elsewhere: the default address of
    /// `cargo lambda watch`.
    pub fn functions_issuer() -> String {
        "http://localhost:9000/".to_owned()
    }
}

/// Accepts an https URL without query, fragment and user (RFC 8414 section 2; http only
/// for this machine). Returns it with a slash at the end.
fn issuer_url(text: &str) -> Result<String, String> {
    let local = |url: &Url| matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let plain = |url: &Url| {
        (url.scheme() == "https" || (url.scheme() == "http" && local(url)))
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    };
    let mut url = Url::parse(text)
        .ok()
        .filter(plain)
        .ok_or("wants an https URL with no query, fragment or user (http only for localhost)")?;
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use std::path::Path;

    fn parse(arguments: &[&str]) -> Result<Options, clap::Error> {
        Options::try_parse_from([&["countersign"], arguments].concat())
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Options::command().debug_assert();
    }

    #[test]
    fn nothing_given_means_the_documented_defaults() {
        let options = parse(&[]).unwrap();
        assert_eq!((options.port, options.https_port), (8787, 8788));
        assert_eq!(options.data, Path::new("target/local"));
        assert_eq!(options.issuer, None);
        assert_eq!((options.seed, options.listen), (None, None));
        assert!(!options.memory && !options.aws_only);
    }

    #[test]
    fn the_issuer_follows_the_address_that_a_phone_reaches() {
        for (arguments, issuer) in [
            (&[][..], "https://localhost:8788/"),
            (&["--listen", "192.168.1.20"], "https://192.168.1.20:8788/"),
            (&["--listen", "fd00::a"], "https://[fd00::a]:8788/"),
            (&["--listen", "my-mac.local"], "https://my-mac.local:8788/"),
        ] {
            let options = parse(arguments).unwrap();
            assert_eq!(options.own_issuer(8788), issuer);
        }
        assert!(parse(&["--listen", "0.0.0.0"]).is_err());
        assert!(parse(&["--aws-only", "--listen", "192.168.1.20"]).is_err());
    }

    #[test]
    fn an_issuer_ends_in_a_slash() {
        for (given, wanted) in [
            ("https://login.example.com", "https://login.example.com/"),
            ("https://a.example/login", "https://a.example/login/"),
            ("http://localhost:9/", "http://localhost:9/"),
        ] {
            let options = parse(&["--issuer", given]).unwrap();
            assert_eq!(options.issuer.unwrap(), wanted);
        }
    }

    #[test]
    fn an_issuer_that_is_no_plain_url_is_refused() {
        for given in [
            "localhost:8788",
            "ftp://localhost/",
            "https://localhost/?a=1",
            "https://u@localhost/",
            "http://x.example.com/",
            "x",
        ] {
            assert!(parse(&["--issuer", given]).is_err(), "{given}");
        }
    }
}
