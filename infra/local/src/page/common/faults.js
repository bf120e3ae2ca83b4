// Outages: plans faults of AWS and of the webhook, shows what is planned, and clears it.

import { announce, byId, el } from "./dom.js";
import { FAULTS, named, SERVICES } from "./fault_words.js";
import { send } from "./http.js";
import { logged, nextAction } from "./log.js";

const PATH = "/_local/faults";

/** The fault that the form asks for: the next call, or every call until it is cleared. */
function asked() {
  const calls = byId("faults-once").checked ? { calls: 1 } : {};
  return { service: byId("faults-service").value, fault: byId("faults-fault").value, ...calls };
}

function show(planned) {
  byId("faults-clear").hidden = planned.length === 0;
  byId("faults-planned").replaceChildren(...planned.map((fault) => {
    const calls = fault.calls == null ? "every call" : `${fault.calls} more`;
    const what = `${named(SERVICES, fault.service)} ${named(FAULTS, fault.fault)}`;
    return el("li", {}, `${what}: ${calls}, ${fault.met} met`);
  }));
}

async function reread() {
  const answer = await send({ method: "GET", path: PATH });
  if (answer.ok) show(answer.body);
}

async function plan() {
  nextAction();
  const json = asked();
  const answer = await logged("Plan an outage", { method: "POST", path: PATH, json });
  byId("faults-error").textContent = answer.ok ? ""
    : (answer.body?.error ?? "The service does not answer.");
  if (!answer.ok) return;
  show(answer.body);
  announce("The outage is planned");
}

async function clear() {
  nextAction();
  const answer = await logged("End all outages", { method: "DELETE", path: PATH });
  if (answer.ok) show([]);
  announce("All outages have ended");
}

/** Fills the form. Reads what is planned again after each request that the page shows. */
export async function startFaults() {
  const options = (list) => list.map(([value, label]) => el("option", { value }, label));
  byId("faults-service").append(...options(SERVICES));
  byId("faults-fault").append(...options(FAULTS));
  byId("faults-form").addEventListener("submit", (event) => {
    event.preventDefault();
    plan();
  });
  byId("faults-clear").addEventListener("click", clear);
  await reread();
  setInterval(() => { if (!document.hidden) reread(); }, 5000);
}
