//! Where the service is, and what to try there.

use crate::certificate::{CA_FILE, Certificate};
use crate::network::NetworkHost;
use crate::storage::data_directory::DataDirectory;

/// The ports of the running service.
#[derive(Clone, Copy)]
pub struct Ports {
    pub http: u16,
    pub https: u16,
}

/// Says plainly what `--listen` opens.
pub fn what_others_reach(host: &NetworkHost, Ports { http, https }: Ports) -> String {
    let host = host.in_urls();
    format!(
        "others reach https://{host}:{https}/ and http://{host}:{http}/: everyone on that network \
         can sign in with the demo data, read every message and change everything here"
    )
}

/// The addresses and the commands of this start.
pub fn what_to_try(
    directory: &DataDirectory,
    certificate: &Certificate,
    Ports { http, https }: Ports,
) -> String {
    let ca = directory.path().join(CA_FILE);
    let ca = std::path::absolute(&ca).unwrap_or(ca);
    let trust = if certificate.made_now {
        "new: tell clients to trust it"
    } else {
        "the same as last time"
    };
    format!(
        "\n\
         page         http://127.0.0.1:{http}/\n\
         workbench    http://127.0.0.1:{http}/_local/workbench/\n\
         routes       http://127.0.0.1:{http}/_local/api/\n\
         https        https://localhost:{https}/\n\
         certificate  {} ({trust})\n\
         messages     curl http://127.0.0.1:{http}/_local/messages\n\
         clock        curl http://127.0.0.1:{http}/_local/clock -d '{{\"advance_seconds\": 60}}'\n\
         outages      curl http://127.0.0.1:{http}/_local/faults -d '{{\"service\": \"ses\", \"fault\": \"throttled\", \"calls\": 1}}'\n\
         state        curl http://127.0.0.1:{http}/_local/state -o state.json",
        ca.display()
    )
}
