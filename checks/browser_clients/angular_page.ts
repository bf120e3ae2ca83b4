// An Angular app with angular-oauth2-oidc, which verifies the signatures of id tokens. Angular's
// own compiler compiles the app in the browser. `globalThis.call` calls a method of the service
// for the check.

import "@angular/compiler";
import { provideHttpClient } from "@angular/common/http";
import { Component, inject, provideZonelessChangeDetection } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { type AuthConfig, OAuthService, provideOAuthClient } from "angular-oauth2-oidc";
import { JwksValidationHandler } from "angular-oauth2-oidc-jwks";

interface Shared {
  auth: OAuthService;
  call: (name: string, given: unknown[]) => Promise<unknown>;
  came: unknown;
  events: string[];
}
const shared = globalThis as unknown as Shared;
const options: AuthConfig | null = JSON.parse(sessionStorage.getItem("options") ?? "null");

/** What a thrown value tells: an error, an event of the library, or an answer of the service. */
const told = ({ message, type, reason, params, error }: any): object =>
  ({ message, type, params, reason: reason && told(reason), answer: error?.error ?? error });

async function outcome(work: () => unknown) {
  try {
    const value = await work();
    return { value: value === undefined ? undefined : JSON.parse(JSON.stringify(value)) };
  } catch (thrown) {
    return { error: JSON.parse(JSON.stringify(told(thrown))) };
  }
}

@Component({ selector: "app-root", template: "<output>{{ name }}</output>" })
class Root {
  name = "nobody";

  constructor() {
    shared.auth = inject(OAuthService);
  }
}

bootstrapApplication(Root, {
  providers: [provideZonelessChangeDetection(), provideHttpClient(), provideOAuthClient()],
}).then(async () => {
  const { auth } = shared;
  shared.events = [];
  auth.events.subscribe(({ type }) => shared.events.push(type));
  shared.call = (name, given) => outcome(() => (auth as any)[name](...given));
  if (options && location.pathname !== "/bye") {
    auth.configure(options);
    auth.tokenValidationHandler = new JwksValidationHandler();
    shared.came = await outcome(() => auth.loadDiscoveryDocumentAndTryLogin());
  }
  document.body.dataset["ready"] = "";
});
