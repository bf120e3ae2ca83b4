// The dialects by the names that the page's switch has.

import { abp } from "./abp.js";
import { auth0 } from "./auth0.js";
import { codemaze } from "./codemaze.js";

export const DIALECTS = { auth0, abp, codemaze };

/** The name of a dialect. */
export function dialectName(dialect) {
  return Object.keys(DIALECTS).find((name) => DIALECTS[name] === dialect);
}
