// The last step: the decoded tokens, and what the user can do with them.

import { everySecond, now } from "../common/clock.js";
import { code, copyButton, duration, el, icon, utc } from "../common/dom.js";
import { decoded } from "../common/jwt.js";
import { refusalPlace } from "./refusal.js";

const TIMES = new Set(["exp", "iat", "auth_time", "nbf"]);

const MEANINGS = {
  acr: { aal1: "one factor, or an e-mail code as the second", aal2: "two factors, neither of them e-mail" },
};

const BINDING = "the thumbprint of the key that the token is bound to";

/** Shows the tokens. `update` shows newer tokens. */
export function tokensStep(state, actions) {
  const { dialect } = state;
  const refusal = refusalPlace();
  const news = el("p", { class: "news" });
  const panels = el("div", { class: "panels" });
  const person = el("div", {});
  const button = (label, action, kind = "secondary") =>
    el("button", { type: "button", class: kind, on: { click: action } }, label);
  const refresh = button("Refresh", actions.refresh, "primary");
  const replay = button("Replay the old refresh token", actions.replay);
  const user = dialect.user && button("User information", actions.showUser);
  const manage = dialect.manage && button("Second factors", actions.manage);
  const revoke = dialect.revoke && button("Revoke", actions.revoke);
  const step = {
    title: "Signed in",
    content: [news, recovery(state), refusal.element,
      el("div", { class: "actions" }, refresh, replay, user, manage, revoke,
        button("Start again", actions.startAgain)),
      person, panels],
    refusal,
    update(said) {
      news.replaceChildren(icon("done"), el("span", {}, said));
      refresh.hidden = !state.tokens.refresh_token;
      if (revoke) revoke.hidden = refresh.hidden;
      replay.hidden = !state.oldRefreshToken;
      panels.replaceChildren(...tokenPanels(state));
    },
    signature(said, good) {
      for (const line of panels.querySelectorAll(".signature")) {
        line.replaceChildren(icon(good ? "done" : "stop"), said);
      }
    },
    showUser(claims) {
      person.replaceChildren(el("section", { class: "panel" }, el("h3", {}, "User information"), list(claims)));
    },
  };
  step.update(state.tokens.token_type === "DPoP"
    ? "The login is complete. Its tokens are bound to a key of this browser: each use needs a proof."
    : "The login is complete. These are its tokens.");
  return step;
}

function recovery({ tokens }) {
  return tokens.recovery_code && el("div", { class: "new-code" },
    el("p", {}, el("strong", {}, "Your new recovery code. "), "The one that you used is spent. This is shown once: keep it."),
    el("div", { class: "message-code" }, el("code", { class: "letters" }, tokens.recovery_code),
      copyButton("the new recovery code", () => tokens.recovery_code)));
}

function tokenPanels({ dialect, tokens }) {
  return [
    signedPanel("Access token", tokens.access_token, true),
    tokens.id_token && signedPanel("ID token", tokens.id_token, false),
    el("section", { class: "panel" },
      el("div", { class: "exchange-head" }, el("h3", {}, "Refresh token"),
        tokens.refresh_token && copyButton("the refresh token", () => tokens.refresh_token)),
      tokens.refresh_token ? code("Refresh token", tokens.refresh_token)
        : el("p", { class: "muted" }, dialect.refresh ? "None: the scope had no offline_access." : "None: CodeMaze has none."),
      tokens.refresh_token && el("p", { class: "muted" }, "Opaque: only the service reads it. Each refresh replaces it.")),
  ].filter(Boolean);
}

function signedPanel(name, token, open) {
  const { header, claims } = decoded(token);
  const left = el("span", { class: "timer" });
  let attached = false;
  everySecond(() => {
    if (attached && !left.isConnected) return false;
    attached ||= left.isConnected;
    const rest = claims.exp - now();
    left.textContent = rest > 0 ? `good for ${duration(rest)}` : "expired";
    return true;
  });
  return el("details", { class: "panel", open },
    el("summary", {}, el("h3", {}, name), left),
    el("p", { class: "signature" }, "Checking the signature…"),
    list(claims),
    el("details", { class: "raw" }, el("summary", {}, "As it is sent"),
      el("div", { class: "exchange-head" }, el("span", { class: "muted" }, `${header.typ}, ${header.alg}`),
        copyButton(`the ${name}`, () => token)),
      code(name, token)));
}

function list(claims) {
  return el("dl", { class: "claims" }, Object.entries(claims).map(([name, value]) => el("div", {},
    el("dt", {}, name), el("dd", {}, el("span", { class: "value" }, shown(value)), note(name, value)))));
}

function shown(value) {
  if (Array.isArray(value)) return value.join(", ");
  return value !== null && typeof value === "object" ? JSON.stringify(value) : String(value);
}

function note(name, value) {
  const text = TIMES.has(name) ? `${utc(value)} UTC` : name === "cnf" ? BINDING : MEANINGS[name]?.[value];
  return text && el("span", { class: "muted note" }, text);
}
