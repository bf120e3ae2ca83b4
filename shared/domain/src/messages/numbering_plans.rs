//! The numbering plans of the world: how long a number is, and which digits
//! people dial before a number in its own country only.
//!
//! The table has the lengths that the national plans name to the ITU (E.164 and
//! its operational bulletins), for the numbers that people have. These lengths
//! change seldom. The table does not know whether a number is in use; only a code
//! that arrived confirms a number. Satellites, international networks and
//! shared-cost numbers (`+87`, `+88`, `+800`, `+979`) have no plan. So they get no
//! message.
//!
//! The table also tells apart the countries that share a calling code: those of
//! the Caribbean and the territories of the United States behind `+1`, and
//! Kazakhstan behind `+7`. A message to such a territory costs several times a
//! message to the mainland. The Crown Dependencies stay with `+44`, because they
//! are part of the United Kingdom's own plan.
//!
//! No suitable crate exists. `rlibphonenumber` brings 229 KB of metadata, `prost` and
//! `dashmap`. `phonenumber` brings its own metadata, `nom`, `postcard` and a cache of
//! regular expressions. Both decode a database at the first number, for queries that
//! this service does not make.

/// The numbers behind one prefix.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// The country (ISO 3166-1 alpha-2). If several countries share the numbers,
    /// the largest of them: `US` is also Canada. `other` for premium numbers.
    pub country: &'static str,
    /// `+` and the calling code. If several countries share the code, also the
    /// digits that belong to this country.
    pub prefix: &'static str,
    /// The smallest number of digits after the prefix.
    pub shortest: usize,
    /// The largest number of digits after the prefix.
    pub longest: usize,
    /// The trunk digits: people dial them before a number within the country,
    /// and never from abroad. Empty if there are none, or if they belong to the
    /// number.
    pub trunk: &'static str,
}

const fn plan(
    country: &'static str,
    prefix: &'static str,
    shortest: usize,
    longest: usize,
    trunk: &'static str,
) -> Plan {
    Plan {
        country,
        prefix,
        shortest,
        longest,
        trunk,
    }
}

/// The plan of a number in E.164 form: the plan with the longest prefix that
/// fits.
pub(crate) fn plan_of(number: &str) -> Option<&'static Plan> {
    let mine = PLANS.iter().filter(|plan| number.starts_with(plan.prefix));
    mine.max_by_key(|plan| plan.prefix.len())
}

/// The country of each plan. A country with several plans stands there several times.
pub(crate) fn plan_countries() -> impl Iterator<Item = &'static str> {
    PLANS.iter().map(|plan| plan.country)
}

/// The prefixes of a country: named by its two letters, or by one prefix such as `+49`.
pub fn prefixes_of_country(named: &str) -> Vec<&'static str> {
    let mine = PLANS
        .iter()
        .filter(|plan| plan.prefix == named || plan.country.eq_ignore_ascii_case(named));
    mine.map(|plan| plan.prefix).collect()
}

/// The plan of the whole calling code that a number begins with.
pub(crate) fn calling_code_of(number: &str) -> Option<&'static Plan> {
    let mine = PLANS.iter().filter(|plan| number.starts_with(plan.prefix));
    mine.min_by_key(|plan| plan.prefix.len())
}

/// `+1` is the United States and Canada. The other countries of the North
/// American plan, the territories of the United States and premium numbers have
/// rows of their own. `+7` is Russia; Kazakhstan has a row of its own.
const PLANS: [Plan; 236] = [
    plan("US", "+1", 10, 10, "1"),
    plan("BS", "+1242", 7, 7, "1"),
    plan("BB", "+1246", 7, 7, "1"),
    plan("AI", "+1264", 7, 7, "1"),
    plan("AG", "+1268", 7, 7, "1"),
    plan("VG", "+1284", 7, 7, "1"),
    plan("VI", "+1340", 7, 7, "1"),
    plan("KY", "+1345", 7, 7, "1"),
    plan("BM", "+1441", 7, 7, "1"),
    plan("GD", "+1473", 7, 7, "1"),
    plan("TC", "+1649", 7, 7, "1"),
    plan("JM", "+1658", 7, 7, "1"),
    plan("MS", "+1664", 7, 7, "1"),
    plan("MP", "+1670", 7, 7, "1"),
    plan("GU", "+1671", 7, 7, "1"),
    plan("AS", "+1684", 7, 7, "1"),
    plan("SX", "+1721", 7, 7, "1"),
    plan("LC", "+1758", 7, 7, "1"),
    plan("DM", "+1767", 7, 7, "1"),
    plan("VC", "+1784", 7, 7, "1"),
    plan("PR", "+1787", 7, 7, "1"),
    plan("DO", "+1809", 7, 7, "1"),
    plan("DO", "+1829", 7, 7, "1"),
    plan("DO", "+1849", 7, 7, "1"),
    plan("TT", "+1868", 7, 7, "1"),
    plan("KN", "+1869", 7, 7, "1"),
    plan("JM", "+1876", 7, 7, "1"),
    plan("other", "+1900", 7, 7, "1"),
    plan("PR", "+1939", 7, 7, "1"),
    plan("EG", "+20", 8, 10, "0"),
    plan("SS", "+211", 9, 9, "0"),
    plan("MA", "+212", 9, 9, "0"),
    plan("DZ", "+213", 8, 9, "0"),
    plan("TN", "+216", 8, 8, ""),
    plan("LY", "+218", 8, 9, "0"),
    plan("GM", "+220", 7, 9, ""),
    plan("SN", "+221", 9, 9, ""),
    plan("MR", "+222", 8, 8, ""),
    plan("ML", "+223", 8, 8, ""),
    plan("GN", "+224", 8, 9, ""),
    plan("CI", "+225", 10, 10, ""),
    plan("BF", "+226", 8, 8, ""),
    plan("NE", "+227", 8, 8, ""),
    plan("TG", "+228", 8, 8, ""),
    plan("BJ", "+229", 8, 10, ""),
    plan("MU", "+230", 7, 8, ""),
    plan("LR", "+231", 7, 9, "0"),
    plan("SL", "+232", 8, 8, "0"),
    plan("GH", "+233", 8, 9, "0"),
    plan("NG", "+234", 8, 10, "0"),
    plan("TD", "+235", 8, 8, ""),
    plan("CF", "+236", 8, 8, ""),
    plan("CM", "+237", 8, 9, ""),
    plan("CV", "+238", 7, 7, ""),
    plan("ST", "+239", 7, 7, ""),
    plan("GQ", "+240", 9, 9, ""),
    plan("GA", "+241", 7, 8, ""),
    plan("CG", "+242", 9, 9, ""),
    plan("CD", "+243", 7, 9, "0"),
    plan("AO", "+244", 9, 9, ""),
    plan("GW", "+245", 7, 9, ""),
    plan("IO", "+246", 7, 7, ""),
    plan("SH", "+247", 5, 6, ""),
    plan("SC", "+248", 7, 7, ""),
    plan("SD", "+249", 9, 9, "0"),
    plan("RW", "+250", 8, 9, "0"),
    plan("ET", "+251", 9, 9, "0"),
    plan("SO", "+252", 6, 9, "0"),
    plan("DJ", "+253", 8, 8, ""),
    plan("KE", "+254", 7, 9, "0"),
    plan("TZ", "+255", 9, 9, "0"),
    plan("UG", "+256", 9, 9, "0"),
    plan("BI", "+257", 8, 8, ""),
    plan("MZ", "+258", 8, 9, ""),
    plan("ZM", "+260", 9, 9, "0"),
    plan("MG", "+261", 9, 9, "0"),
    plan("RE", "+262", 9, 9, "0"),
    plan("ZW", "+263", 5, 10, "0"),
    plan("NA", "+264", 8, 9, "0"),
    plan("MW", "+265", 7, 9, "0"),
    plan("LS", "+266", 8, 8, ""),
    plan("BW", "+267", 7, 8, ""),
    plan("SZ", "+268", 8, 8, ""),
    plan("KM", "+269", 7, 7, ""),
    plan("ZA", "+27", 9, 9, "0"),
    plan("SH", "+290", 4, 5, ""),
    plan("ER", "+291", 7, 7, "0"),
    plan("AW", "+297", 7, 7, ""),
    plan("FO", "+298", 6, 6, ""),
    plan("GL", "+299", 6, 6, ""),
    plan("GR", "+30", 10, 10, ""),
    plan("NL", "+31", 9, 11, "0"),
    plan("BE", "+32", 8, 9, "0"),
    plan("FR", "+33", 9, 9, "0"),
    plan("ES", "+34", 9, 9, ""),
    plan("GI", "+350", 8, 8, ""),
    plan("PT", "+351", 9, 9, ""),
    plan("LU", "+352", 4, 11, ""),
    plan("IE", "+353", 7, 10, "0"),
    plan("IS", "+354", 7, 9, ""),
    plan("AL", "+355", 6, 9, "0"),
    plan("MT", "+356", 8, 8, ""),
    plan("CY", "+357", 8, 8, ""),
    plan("FI", "+358", 5, 12, "0"),
    plan("BG", "+359", 6, 9, "0"),
    plan("HU", "+36", 8, 9, "06"),
    plan("LT", "+370", 8, 8, "0"),
    plan("LV", "+371", 8, 8, ""),
    plan("EE", "+372", 7, 8, ""),
    plan("MD", "+373", 8, 8, "0"),
    plan("AM", "+374", 8, 8, "0"),
    plan("BY", "+375", 9, 9, "0"),
    plan("AD", "+376", 6, 9, ""),
    plan("MC", "+377", 8, 9, "0"),
    plan("SM", "+378", 6, 10, ""),
    plan("UA", "+380", 9, 9, "0"),
    plan("RS", "+381", 6, 10, "0"),
    plan("ME", "+382", 8, 9, "0"),
    plan("XK", "+383", 8, 9, "0"),
    plan("HR", "+385", 8, 9, "0"),
    plan("SI", "+386", 8, 8, "0"),
    plan("BA", "+387", 8, 9, "0"),
    plan("MK", "+389", 8, 8, "0"),
    plan("IT", "+39", 6, 12, ""),
    plan("RO", "+40", 9, 9, "0"),
    plan("CH", "+41", 9, 9, "0"),
    plan("CZ", "+420", 9, 9, ""),
    plan("SK", "+421", 9, 9, "0"),
    plan("LI", "+423", 7, 9, "0"),
    plan("AT", "+43", 4, 13, "0"),
    plan("GB", "+44", 9, 10, "0"),
    plan("DK", "+45", 8, 8, ""),
    plan("SE", "+46", 7, 10, "0"),
    plan("NO", "+47", 8, 8, ""),
    plan("PL", "+48", 9, 9, ""),
    plan("DE", "+49", 6, 13, "0"),
    plan("FK", "+500", 5, 5, ""),
    plan("BZ", "+501", 7, 7, ""),
    plan("GT", "+502", 8, 8, ""),
    plan("SV", "+503", 8, 8, ""),
    plan("HN", "+504", 8, 8, ""),
    plan("NI", "+505", 8, 8, ""),
    plan("CR", "+506", 8, 8, ""),
    plan("PA", "+507", 7, 8, ""),
    plan("PM", "+508", 6, 9, "0"),
    plan("HT", "+509", 8, 8, ""),
    plan("PE", "+51", 8, 9, "0"),
    plan("MX", "+52", 10, 10, "1"),
    plan("CU", "+53", 6, 8, "0"),
    plan("AR", "+54", 10, 11, "0"),
    plan("BR", "+55", 10, 11, "0"),
    plan("CL", "+56", 9, 9, ""),
    plan("CO", "+57", 10, 10, ""),
    plan("VE", "+58", 10, 10, "0"),
    plan("GP", "+590", 9, 9, "0"),
    plan("BO", "+591", 8, 8, "0"),
    plan("GY", "+592", 7, 7, ""),
    plan("EC", "+593", 8, 9, "0"),
    plan("GF", "+594", 9, 9, "0"),
    plan("PY", "+595", 6, 9, "0"),
    plan("MQ", "+596", 9, 9, "0"),
    plan("SR", "+597", 6, 7, ""),
    plan("UY", "+598", 7, 8, "0"),
    plan("CW", "+599", 7, 8, ""),
    plan("MY", "+60", 8, 10, "0"),
    plan("AU", "+61", 9, 9, "0"),
    plan("ID", "+62", 7, 12, "0"),
    plan("PH", "+63", 8, 10, "0"),
    plan("NZ", "+64", 8, 10, "0"),
    plan("SG", "+65", 8, 8, ""),
    plan("TH", "+66", 8, 9, "0"),
    plan("TL", "+670", 7, 8, ""),
    plan("NF", "+672", 5, 6, ""),
    plan("BN", "+673", 7, 7, ""),
    plan("NR", "+674", 7, 7, ""),
    plan("PG", "+675", 7, 8, ""),
    plan("TO", "+676", 5, 7, ""),
    plan("SB", "+677", 5, 7, ""),
    plan("VU", "+678", 5, 7, ""),
    plan("FJ", "+679", 7, 7, ""),
    plan("PW", "+680", 7, 7, ""),
    plan("WF", "+681", 6, 6, ""),
    plan("CK", "+682", 5, 5, ""),
    plan("NU", "+683", 4, 7, ""),
    plan("WS", "+685", 5, 10, ""),
    plan("KI", "+686", 5, 8, "0"),
    plan("NC", "+687", 6, 6, ""),
    plan("TV", "+688", 5, 7, ""),
    plan("PF", "+689", 6, 8, ""),
    plan("TK", "+690", 4, 7, ""),
    plan("FM", "+691", 7, 7, ""),
    plan("MH", "+692", 7, 7, "1"),
    plan("RU", "+7", 10, 10, "8"),
    plan("KZ", "+76", 9, 9, "8"),
    plan("KZ", "+77", 9, 9, "8"),
    plan("JP", "+81", 9, 10, "0"),
    plan("KR", "+82", 8, 10, "0"),
    plan("VN", "+84", 9, 10, "0"),
    plan("KP", "+850", 8, 10, "0"),
    plan("HK", "+852", 8, 8, ""),
    plan("MO", "+853", 8, 8, ""),
    plan("KH", "+855", 8, 9, "0"),
    plan("LA", "+856", 8, 10, "0"),
    plan("CN", "+86", 9, 11, "0"),
    plan("BD", "+880", 8, 10, "0"),
    plan("TW", "+886", 8, 9, "0"),
    plan("TR", "+90", 10, 10, "0"),
    plan("IN", "+91", 10, 10, "0"),
    plan("PK", "+92", 9, 10, "0"),
    plan("AF", "+93", 9, 9, "0"),
    plan("LK", "+94", 9, 9, "0"),
    plan("MM", "+95", 6, 10, "0"),
    plan("MV", "+960", 7, 7, ""),
    plan("LB", "+961", 7, 8, "0"),
    plan("JO", "+962", 8, 9, "0"),
    plan("SY", "+963", 8, 9, "0"),
    plan("IQ", "+964", 8, 10, "0"),
    plan("KW", "+965", 8, 8, ""),
    plan("SA", "+966", 9, 9, "0"),
    plan("YE", "+967", 7, 9, "0"),
    plan("OM", "+968", 8, 8, ""),
    plan("PS", "+970", 8, 9, "0"),
    plan("AE", "+971", 8, 9, "0"),
    plan("IL", "+972", 8, 9, "0"),
    plan("BH", "+973", 8, 8, ""),
    plan("QA", "+974", 7, 8, ""),
    plan("BT", "+975", 7, 8, ""),
    plan("MN", "+976", 8, 10, "0"),
    plan("NP", "+977", 8, 10, "0"),
    plan("IR", "+98", 10, 10, "0"),
    plan("TJ", "+992", 9, 9, ""),
    plan("TM", "+993", 8, 8, "8"),
    plan("AZ", "+994", 9, 9, "0"),
    plan("GE", "+995", 9, 9, "0"),
    plan("KG", "+996", 9, 9, "0"),
    plan("UZ", "+998", 9, 9, "8"),
];
