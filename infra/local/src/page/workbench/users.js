// The users: a list with a search, and the sheet of one user.

import { el, field } from "../common/dom.js";
import { ask, change, changeWith } from "./command.js";
import { eventRow } from "./events.js";
import { action, badge, claims, dangerous, folded, lines, rows, title } from "./parts.js";

const MOST_EVENTS = "25";

/** The list. */
export async function users(body) {
  const list = el("div", {});
  const search = field("user-search", "Search", { type: "search", autocomplete: "off" }, "A part of a name, an address or a number.");
  const input = search.querySelector("input");
  const show = async () => {
    const found = await ask("user", "find", input.value.trim()) ?? [];
    found.sort((one, other) => one.user_name.localeCompare(other.user_name));
    list.replaceChildren(rows(found.map(row), "No user has this in a name, an address or a number."));
  };
  input.addEventListener("input", show);
  body.replaceChildren(el("div", { class: "tools" }, search), addForm(), title("Users"), list);
  await show();
}

function row(user) {
  const names = [user.email === user.user_name ? null : user.email, user.phone].filter(Boolean).join(", ");
  return el("a", { class: "row", href: `#users/${user.id}` },
    el("strong", {}, user.user_name),
    el("span", { class: "muted" }, names || user.id),
    el("span", { class: "badges" },
      !user.active && badge("disabled", "bad"),
      user.must_change_password && badge("must change the password"),
      !user.has_password && badge("no password"),
      user.two_factor && badge("second factor", "good"),
      user.roles.map((role) => badge(role))));
}

function addForm() {
  return folded("Add a user", "Add the user", [
    field("email", "E-mail address", { type: "email", autocomplete: "off" }),
    field("user_name", "User name", { autocomplete: "off" }, "Without one, the e-mail address."),
    field("phone", "Phone number", { type: "tel", autocomplete: "off", placeholder: "+15555550100" }),
    field("given_name", "First name", { autocomplete: "off" }),
    field("family_name", "Last name", { autocomplete: "off" }),
    field("password", "Password", { autocomplete: "off" }, "Without one, the user sets one by the page for a forgotten password."),
    field("roles", "Roles", { autocomplete: "off" }, "Separated by commas."),
  ], async (given) => {
    const optional = ["user_name", "phone", "given_name", "family_name"].filter((name) => given[name].trim())
      .flatMap((name) => [`--${name.replace("_", "-")}`, given[name].trim()]);
    const roles = lines(given.roles.replaceAll(",", "\n")).flatMap((role) => ["--role", role]);
    const password = given.password ? { password: given.password } : {};
    const added = await changeWith(password, "user", "add", "--email", given.email.trim(), "--email-confirmed", ...optional, ...roles);
    if (!added.done) return added.text;
    location.hash = `#users/${added.value.id}`;
    return null;
  });
}

function editForm(shown, again) {
  const of = (name) => ({ autocomplete: "off", value: shown[name] ?? "" });
  return folded("Edit the user", "Save the user", [
    field("email", "E-mail address", { type: "email", ...of("email") }, "A new address is not confirmed."),
    field("phone", "Phone number", { type: "tel", ...of("phone") }, "A new number is not confirmed."),
    field("given_name", "First name", of("given_name")),
    field("family_name", "Last name", of("family_name")),
  ], async (given) => {
    const changed = Object.entries(given).filter(([name, value]) => value.trim() !== (shown[name] ?? ""))
      .flatMap(([name, value]) => [`--${name.replace("_", "-")}`, value.trim()]);
    if (changed.length === 0) return "Nothing is changed.";
    const { done, text } = await change("user", "update", shown.id, ...changed);
    if (!done) return text;
    await again();
    return null;
  });
}

/** The sheet of one user. */
export async function user(body, id) {
  const shown = await ask("user", "show", id);
  const back = el("a", { class: "back", href: "#users" }, "All users");
  if (!shown) {
    const left = await ask("user", "events", id) ?? [];
    body.replaceChildren(back, el("p", {}, "There is no such user."), left.length > 0 && title("What happened"), rows(left.map(pastEvent), ""));
    return;
  }
  const [sessions, events] = await Promise.all([
    ask("session", "list", id), ask("user", "events", id, "--limit", MOST_EVENTS)]);
  const again = () => user(body, id);
  const reason = field("reason", "Reason", { value: "tried in the workbench", autocomplete: "off" },
    "For unlocking and for removing factors. The user is told.");
  body.replaceChildren(back,
    el("div", { class: "badges left" }, shown.active ? badge("active", "good") : badge("disabled", "bad"),
      shown.locked_until && badge("locked out", "bad"),
      shown.two_factor && badge("second factor", "good"),
      shown.must_change_password && badge("must change the password")),
    details(shown), editForm(shown, again), acts(shown, reason, again),
    title("Second factors"), rows(factors(shown, reason, again), "No second factor."),
    title("Sessions"), rows((sessions ?? []).map((session) => sessionRow(id, session, again)), "No session."),
    title("What happened"), rows((events ?? []).map(pastEvent), "Nothing yet."));
}

function details(shown) {
  const confirmed = (value, is) => value && `${value} (${is ? "confirmed" : "not confirmed"})`;
  return claims([
    ["user name", shown.user_name], ["identifier", shown.id],
    ["e-mail", confirmed(shown.email, shown.email_confirmed)],
    ["phone", confirmed(shown.phone, shown.phone_confirmed)],
    ["name", [shown.given_name, shown.family_name].filter(Boolean).join(" ")],
    ["locked until", shown.locked_until],
    ["roles", shown.roles], ["made", shown.created_at], ["password of", shown.password_changed_at],
    ["recovery codes", String(shown.recovery_codes)],
  ]);
}

const FACTORS_WITHOUT_ADDRESS = { totp: "Authenticator app", passkey: "Passkey" };

function factors(shown, reason, again) {
  return shown.factors.map(({ id, kind, to, confirmed, created_at: at }) => {
    const name = FACTORS_WITHOUT_ADDRESS[kind] ?? `${kind} to ${to}`;
    const remove = dangerous("Remove", "Remove this factor?", async () => {
      await change("user", "remove-factor", shown.id, id, "--reason", valueOf(reason));
      await again();
    });
    return el("div", { class: "row" }, el("strong", {}, name), el("span", { class: "muted" }, `since ${at}`),
      el("span", { class: "badges" }, confirmed ? badge("confirmed", "good") : badge("not confirmed"), remove));
  });
}

function valueOf(labelled) {
  return labelled.querySelector("input").value;
}

function sessionRow(user, session, again) {
  return el("div", { class: "row" },
    el("strong", {}, session.client), el("span", { class: "muted" }, `${session.dialect}, since ${session.signed_in_at}, ${session.scope}`),
    el("span", { class: "badges" }, action("End", async () => {
      await change("session", "end", user, session.id);
      await again();
    })));
}

function pastEvent(event) {
  return eventRow({ type: event.type, time: event.date, data: event });
}

function acts(shown, reason, again) {
  const { id } = shown;
  const does = (...command) => async () => {
    const { done, text } = await change("user", ...command);
    outcome.textContent = done ? "" : text;
    await again();
  };
  const why = () => valueOf(reason);
  const roles = field("new-roles", "Roles", { value: shown.roles.join(", "), autocomplete: "off" });
  const wanted = () => lines(valueOf(roles).replaceAll(",", "\n"));
  const outcome = el("p", { class: "error", role: "alert" });
  return el("div", {},
    el("div", { class: "buttons" },
      shown.active ? action("Lock (disable)", does("disable", id)) : action("Unlock (enable)", does("enable", id)),
      action("Unlock (forget wrong guesses)", () => does("unlock", id, "--reason", why())()),
      action("Sign out", does("sign-out", id)),
      action("Require a new password", does("require-password-change", id)),
      shown.email && !shown.email_confirmed && action("Confirm the address", does("confirm-email", id)),
      shown.phone && !shown.phone_confirmed && action("Confirm the number", does("confirm-phone", id)),
      dangerous("Remove the factors", "Remove every factor?", () => does("reset-factors", id, "--reason", why())()),
      dangerous("Delete", "Delete for good?", async () => {
        const { done } = await change("user", "delete", id, "--yes");
        if (done) location.hash = "#users";
      })),
    el("div", { class: "tools even" }, reason, roles, action("Set the roles", () => does("set-roles", id, ...wanted())())),
    outcome);
}
