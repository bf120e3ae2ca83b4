// auth0-spa-js, unmodified, in Chromium. The claims of DPoP move the clock by an hour.
//
// usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node spa.mjs HTTP_URL HTTPS_URL CERTIFICATE

import { addClient, runClaims, withApp } from "./app.mjs";
import { dpop, withApi } from "./spa_dpop.mjs";
import { renewal } from "./spa_renewal.mjs";
import { strangers } from "./spa_strangers.mjs";

await withApi((forward, start) => withApp("spa_page.js", async (context) => {
  await addClient("spa", context.origin, "--web-origin", context.origin);
  await start(context.origin);
  for (const claims of [renewal, strangers, dpop]) await runClaims(claims(context));
}, forward));
