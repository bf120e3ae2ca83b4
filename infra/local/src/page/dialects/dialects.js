// The dialects, by their names in the page's switch.

import { abp } from "./abp.js";
import { auth0 } from "./auth0.js";
import { codemaze } from "./codemaze.js";
import { firstParty } from "./first_party.js";

export const DIALECTS = { auth0, abp, codemaze, "first-party": firstParty };

/** The name of a dialect. */
export function dialectName(dialect) {
  return Object.keys(DIALECTS).find((name) => DIALECTS[name] === dialect);
}
