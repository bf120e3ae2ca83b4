//! The setting of the countries that text messages may go to.

use super::reader::Reader;
use crate::domain::messages::sms_countries::SmsCountries;

impl Reader<'_> {
    pub(super) fn sms_countries(&mut self) -> SmsCountries {
        const NAME: &str = "COUNTERSIGN_SMS_COUNTRIES";
        let prefixes = self.list(NAME);
        let read = SmsCountries::parse(prefixes.iter().map(String::as_str));
        let wants = "prefixes of phone numbers like +1,+44 and exclusions like -1876, \
                     with commas between, each once and with a calling code that exists";
        self.wanted(NAME, wants, read)
    }
}
