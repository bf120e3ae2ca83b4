// Where the page begins. The order to read: flow.js, stage.js, a dialect (auth0.js, abp.js, codemaze.js), http.js,
// inbox.js, wanted.js; kept.js for what loading the page again finds.

import { byId } from "./dom.js";
import { startClock } from "./clock.js";
import { startFlow } from "./flow.js";
import { curlAddress, send } from "./http.js";
import { refreshInbox, startInbox } from "./inbox.js";
import { keepOnlyOf } from "./kept.js";
import { startLog } from "./log.js";
import { onStep, use } from "./stage.js";

const demo = await send({ method: "GET", path: "/_local/page/demo.json" });
if (demo.ok) {
  curlAddress(demo.body.address);
  keepOnlyOf(demo.body.run);
  startLog();
  onStep(refreshInbox);
  startFlow(demo.body);
  await startClock();
  await startInbox(use);
} else {
  byId("offline").hidden = false;
}
