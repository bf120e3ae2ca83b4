// What the service accepts and one of the libraries refuses, with the reason.

const attachment = "a browser may name an attachment that is not known yet (Web Authentication 5.1, 7.1)";

export const DEPARTURES = {
  "a new passkey: an unknown attachment": attachment,
  "ES256: an unknown attachment": attachment,
};
