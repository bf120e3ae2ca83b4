// The faults: which service fails, and how. A fault is switched on here, and ended here.

import { announce, byId, copyButton, el, field } from "../common/dom.js";
import { FAULTS, named, SERVICES } from "../common/fault_words.js";
import { quoted, send } from "../common/http.js";
import { action, badge, folded, rows, title } from "./parts.js";

const PATH = "/_local/faults";
const PERIOD = 2000;

/** The services with what is planned, and a form. Returns a function that ends the reading. */
export async function faults(body) {
  const services = el("div", {});
  const planned = el("div", {});
  const end = action("End every fault", async () => {
    const answer = await send({ method: "DELETE", path: PATH });
    if (answer.ok) show([]);
    announce(answer.ok ? "Every fault has ended" : "The service does not answer.");
  }, "danger");
  let before = "";
  const show = (all) => {
    const now = JSON.stringify(all);
    if (now === before) return;
    before = now;
    end.hidden = all.length === 0;
    services.replaceChildren(rows(SERVICES.map(([name, label]) => service(name, label, all)), ""));
    planned.replaceChildren(rows(all.map(fault), "No fault is planned: every service works."));
  };
  const read = async () => {
    const answer = await send({ method: "GET", path: PATH });
    byId("offline").hidden = answer.status !== 0;
    if (answer.ok) show(answer.body);
  };
  body.replaceChildren(
    el("p", { class: "muted" }, "Let a service fail, and see what your app makes of the answer. Without a number of calls, the fault lasts until you end it."),
    form(show), title("Services"), services, title("Planned"), planned, el("div", { class: "buttons" }, end));
  end.hidden = true;
  await read();
  const timer = setInterval(() => { if (!document.hidden) read(); }, PERIOD);
  return () => clearInterval(timer);
}

/** A service, and whether its calls fail now. */
function service(name, label, all) {
  const own = all.filter((one) => one.service === name);
  const how = [...new Set(own.map((one) => named(FAULTS, one.fault)))].join(", ");
  return el("div", { class: "row" }, el("strong", {}, label), how && el("span", { class: "muted" }, how),
    el("span", { class: "badges" }, own.length > 0 ? badge("fails", "bad") : badge("works", "good")));
}

/** One planned fault, and how often calls met it. */
function fault(one) {
  const which = [one.calls == null ? "every call" : `${one.calls} more`,
    one.one_in > 1 && `one in ${one.one_in}`, one.operation,
    one.fault === "slow" && `${one.milliseconds} ms later`].filter(Boolean).join(", ");
  return el("div", { class: "row" }, el("strong", {}, `${named(SERVICES, one.service)} ${named(FAULTS, one.fault)}`),
    el("span", { class: "muted" }, which), el("span", { class: "badges" }, badge(`${one.met} met`)));
}

function choice(id, label, list) {
  return el("div", { class: "field" }, el("label", { for: id }, label),
    el("select", { id, name: id }, list.map(([value, words]) => el("option", { value }, words))));
}

/** The number, or the text as it is, which the service refuses by the field's name. */
function number(text) {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function form(show) {
  const shape = folded("Switch a fault on", "Switch on", [
    choice("service", "Service", SERVICES), choice("fault", "How it fails", FAULTS),
    field("calls", "Calls", { inputmode: "numeric", autocomplete: "off" }, "How many calls fail. Empty: every call, until you end it."),
    field("one_in", "One call in", { inputmode: "numeric", autocomplete: "off", value: "1" }, "3: every third call fails."),
    field("operation", "Operation", { autocomplete: "off" }, "Such as UpdateItem. Empty: every operation."),
    field("milliseconds", "Milliseconds", { inputmode: "numeric", autocomplete: "off", value: "2000" }, "How much later a slow answer comes."),
  ], async (given) => {
    const numbers = ["calls", given.one_in.trim() !== "1" && "one_in", given.fault === "slow" && "milliseconds"]
      .filter((name) => name && given[name].trim());
    const json = { service: given.service, fault: given.fault,
      ...Object.fromEntries(numbers.map((name) => [name, number(given[name].trim())])),
      ...(given.operation.trim() && { operation: given.operation.trim() }) };
    const answer = await send({ method: "POST", path: PATH, json });
    if (!answer.ok) return answer.body?.error ?? "The service does not answer.";
    show(answer.body);
    remember(json);
    announce(`${named(SERVICES, json.service)} ${named(FAULTS, json.fault)}`);
    return null;
  });
  shape.open = true;
  const line = el("p", { class: "muted last", hidden: true });
  const remember = (json) => {
    const command = `curl ${location.origin}${PATH} -d ${quoted(JSON.stringify(json))}`;
    line.replaceChildren("The same in a test: ", el("code", {}, command), " ", copyButton("the command", () => command));
    line.hidden = false;
  };
  return el("div", {}, shape, line);
}
