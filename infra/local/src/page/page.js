// The page starts here. Read in this order: flow.js, stage.js, a dialect (auth0.js,
// abp.js, codemaze.js), http.js, inbox.js, wanted.js. tab_storage.js has what a reload finds
// again.

import { byId } from "./common/dom.js";
import { startClock } from "./common/clock.js";
import { proofIssuer } from "./common/dpop.js";
import { startFaults } from "./common/faults.js";
import { startFlow } from "./flow/flow.js";
import { curlAddress, send } from "./common/http.js";
import { refreshInbox, startInbox } from "./inbox/inbox.js";
import { keepOnlyOf } from "./common/tab_storage.js";
import { startLog } from "./common/log.js";
import { onStep, use } from "./flow/stage.js";

const demo = await send({ method: "GET", path: "/_local/page/demo.json" });
if (demo.ok) {
  curlAddress(demo.body.address);
  proofIssuer(demo.body.issuer);
  keepOnlyOf(demo.body.run);
  startLog();
  // Before the first step, because a step computes the authenticator's code of now.
  await startClock();
  onStep(refreshInbox);
  startFlow(demo.body);
  await startFaults();
  await startInbox(use);
} else {
  byId("offline").hidden = false;
}
