//! The demo users and clients, to copy from the terminal.

use crate::seed::{Seed, SeedClient, SeedFactor, SeedUser};

const NONE: &str = "-";

/// Two tables: the users with what they sign in with, and the clients.
pub fn demo_table(seed: &Seed) -> String {
    let users = seed.users.iter().map(user);
    let clients = seed.clients.iter().map(client);
    let users = [[
        "user",
        "password",
        "authenticator app",
        "phone",
        "recovery code",
    ]]
    .map(|head| head.map(str::to_owned))
    .into_iter()
    .chain(users);
    let clients = [["client", "secret", "audience"]]
        .map(|head| head.map(str::to_owned))
        .into_iter()
        .chain(clients);
    let (users, clients) = (aligned(users), aligned(clients));
    format!("{users}\n\n{clients}")
}

fn user(user: &SeedUser) -> [String; 5] {
    let factor = |kind: fn(&SeedFactor) -> Option<&str>| user.factors.iter().find_map(kind);
    let password = user.password.as_ref().map(|password| password.as_str());
    let cells = [
        Some(user.login_name()),
        password,
        factor(|factor| factor.totp.as_ref().map(|seed| seed.as_str())),
        factor(|factor| factor.sms.as_ref().map(|number| number.as_str())),
        user.recovery_codes.first().map(|code| code.as_str()),
    ];
    cells.map(|cell| cell.unwrap_or(NONE).to_owned())
}

fn client(client: &SeedClient) -> [String; 3] {
    let cells = [
        Some(client.id.as_str()),
        client.secrets.first().map(|secret| secret.as_str()),
        client.audiences.first().map(|audience| audience.as_str()),
    ];
    cells.map(|cell| cell.unwrap_or(NONE).to_owned())
}

/// The rows with their columns below each other, two spaces apart.
fn aligned<const COLUMNS: usize>(rows: impl Iterator<Item = [String; COLUMNS]>) -> String {
    let rows: Vec<[String; COLUMNS]> = rows.collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let line = |row: &[String; COLUMNS]| {
        let cells = row.iter().zip(widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<String>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_data_is_two_tables_to_copy_from() {
        let table = demo_table(&crate::demo::seed(8787).unwrap());
        let wanted = "\
user               password  authenticator app                 phone         recovery code
user@example.com   pwd       JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP  +15555550100  COUNTERSIGN2RECOVER4DEMO
plain@example.com  pwd       -                                 -             -
admin              1q2w3E*   GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ  +15555550101  -

client            secret       audience
demo              -            https://someapi.com/api
demo-server       demo-secret  https://someapi.com/api
demo-app          -            https://someapi.com/api
AbpSolution1_App  -            AbpSolution1
codemaze          -            https://localhost:5011
web               -            http://localhost:3000";
        assert_eq!(table, wanted);
    }
}
