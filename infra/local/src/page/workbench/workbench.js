// The workbench starts here: the part of the address after # names the view.

import { byId, el } from "../common/dom.js";
import { client, clients } from "./clients.js";
import { events } from "./events.js";
import { faults } from "./faults.js";
import { messages } from "./messages.js";
import { settings } from "./settings.js";
import { user, users } from "./users.js";

/** By name: the heading, the view of the list, and the view of one thing. */
const VIEWS = {
  users: ["Users", users, user],
  clients: ["Clients", clients, client],
  messages: ["Messages", messages],
  events: ["Events", events],
  settings: ["Settings", settings],
  faults: ["Faults", faults],
};

let end = () => {};

async function show() {
  const [name, id] = location.hash.slice(1).split("/");
  const [heading, list, one] = VIEWS[name] ?? VIEWS.users;
  const shown = Object.hasOwn(VIEWS, name) ? name : "users";
  end();
  end = () => {};
  for (const link of document.querySelectorAll(".tabs a")) {
    const current = new URL(link.href).hash === `#${shown}`;
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const singular = heading.slice(0, -1);
  byId("view-title").textContent = id && one ? singular : heading;
  document.title = `${heading} – Countersign, the workbench`;
  // A view that is still waiting for an answer writes into its own element, which is gone then.
  const body = el("div", {});
  byId("body").replaceChildren(body);
  const ends = await (id && one ? one(body, decodeURIComponent(id)) : list(body));
  if (typeof ends === "function") end = ends;
}

addEventListener("hashchange", async () => {
  await show();
  byId("view").focus();
});
await show();
