// The clients: a list, and the sheet of one client.

import { copyButton, el, field } from "../common/dom.js";
import { ask, change } from "./command.js";
import { action, area, badge, claims, dangerous, folded, lines, rows, title, words } from "./parts.js";

const KINDS = [["mobile", "An app on a phone"], ["browser", "An app in a browser"], ["server", "A server that signs users in with a password"],
  ["web-server", "A server behind a browser"], ["machine", "A program without a user"]];

/** Options of the tool for each value of a list. */
function each(option, values) {
  return values.flatMap((value) => [option, value]);
}

/** The list. */
export async function clients(body) {
  const all = await ask("client", "list") ?? [];
  body.replaceChildren(addForm(body), title("Clients"), rows(all.map(row), "No client."));
}

function row(client) {
  return el("a", { class: "row", href: `#clients/${encodeURIComponent(client.id)}` },
    el("strong", {}, client.id), el("span", { class: "muted" }, client.grants.join(", ")),
    el("span", { class: "badges" }, client.confidential ? badge("has a secret", "good") : badge("public")));
}

function addForm(body) {
  const kind = el("div", { class: "field" }, el("label", { for: "kind" }, "What the app is"),
    el("select", { id: "kind", name: "kind" }, KINDS.map(([value, label]) => el("option", { value }, label))));
  return folded("Add a client", "Add the client", [
    field("id", "client_id", { autocomplete: "off" }), kind,
    area("audiences", "Audiences", "", "One a line. The first is the default."),
    area("redirects", "Redirect URIs", "", "One a line. An app in a browser needs one."),
  ], async ({ id, kind: chosen, audiences, redirects }) => {
    const added = await change("client", "add", id.trim(), "--for", chosen,
      ...each("--audience", lines(audiences)), ...each("--redirect-uri", lines(redirects)));
    if (!added.done) return added.text;
    if (added.value.secret) body.prepend(secret(added.value.id, added.value.secret));
    else location.hash = `#clients/${encodeURIComponent(added.value.id)}`;
    return null;
  });
}

function secret(id, value) {
  return el("div", { class: "secret", role: "status" }, el("p", {}, `The secret of ${id}, shown this once:`),
    el("code", {}, value), copyButton("the secret", () => value),
    el("p", {}, el("a", { href: `#clients/${encodeURIComponent(id)}` }, "Show the client")));
}

/** The sheet of one client. */
export async function client(body, id) {
  const shown = await ask("client", "show", id);
  const back = el("a", { class: "back", href: "#clients" }, "All clients");
  if (!shown) {
    body.replaceChildren(back, el("p", {}, "There is no such client."));
    return;
  }
  const lifetime = (seconds) => seconds == null ? "the setting's" : `${seconds} s`;
  body.replaceChildren(back,
    claims([["client_id", shown.id], ["secrets", String(shown.secrets)], ["grants", shown.grants], ["scopes", shown.scopes],
      ["audiences", shown.audiences], ["redirect URIs", shown.redirect_uris], ["access token", lifetime(shown.access_token_seconds)]]),
    el("div", { class: "buttons" },
      shown.confidential && action("New secret", async () => {
        const { done, value } = await change("client", "rotate-secret", id);
        if (done) body.prepend(secret(id, value.secret));
      }),
      dangerous("Remove", "Remove the client?", async () => {
        const { done } = await change("client", "remove", id);
        if (done) location.hash = "#clients";
      })),
    editForm(shown, () => client(body, id)));
}

function editForm(shown, again) {
  return folded("Change", "Save", [
    area("audiences", "Audiences", shown.audiences.join("\n"), "One a line. The first is the default."),
    area("redirects", "Redirect URIs", shown.redirect_uris.join("\n"), "One a line."),
    area("scopes", "Scopes", shown.scopes.join(" "), "Beside those of OpenID Connect."),
    area("grants", "Grants", shown.grants.join(" ")),
    field("seconds", "Access token, in seconds", { inputmode: "numeric", value: shown.access_token_seconds ?? "" }, "Empty: the deployment's setting."),
  ], async ({ audiences, redirects, scopes, grants, seconds }) => {
    const lists = [["--audience", lines(audiences)], ["--redirect-uri", lines(redirects)],
      ["--scope", words(scopes)], ["--grant", words(grants)]];
    const changed = await change("client", "update", shown.id, ...lists.flatMap(([option, values]) => each(option, values)),
      "--access-token-seconds", seconds.trim() || "0");
    if (!changed.done) return changed.text;
    await again();
    return null;
  });
}
