// ABP's Angular app, built from ABP's own packages: the code of its template, without a
// theme.

import "zone.js";
import "@angular/compiler";
import "@angular/localize/init";
import { Component, importProvidersFrom, inject, provideZoneChangeDetection } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { provideNoopAnimations } from "@angular/platform-browser/animations";
import { provideRouter, RouterOutlet, withHashLocation } from "@angular/router";
import { AuthService, ConfigStateService, provideAbpCore, withOptions } from "@abp/ng.core";
import { provideAbpOAuth } from "@abp/ng.oauth";
import { provideAbpThemeShared } from "@abp/ng.theme.shared";
import { NgxValidateCoreModule } from "@ngx-validate/core";
import { createRoutes } from "@volo/abp.ng.account/public";
import { provideAccountPublicConfig } from "@volo/abp.ng.account/public/config";

/** The values that the page, this app and the check share. */
const shared = globalThis as unknown as { environment: never; auth: AuthService };

@Component({ selector: "app-home", template: "<h1>Home</h1><output>{{ user() }}</output>" })
class Home {
  private config = inject(ConfigStateService);
  user = () => this.config.getOne("currentUser")?.userName ?? "nobody";
}

@Component({ selector: "app-root", imports: [RouterOutlet], template: "<router-outlet />" })
class Root {
  constructor() {
    shared.auth = inject(AuthService);
  }
}

bootstrapApplication(Root, {
  providers: [
    provideZoneChangeDetection({ eventCoalescing: true }),
    provideRouter([
      { path: "", pathMatch: "full", component: Home },
      { path: "account", children: createRoutes() },
    ], withHashLocation()),
    provideAbpCore(withOptions({
      environment: shared.environment,
      registerLocaleFn: () => import("@angular/common/locales/en"),
    })),
    provideAbpOAuth(),
    // A theme would provide this.
    importProvidersFrom(NgxValidateCoreModule.forRoot()),
    provideAbpThemeShared(),
    provideNoopAnimations(),
    provideAccountPublicConfig(),
  ],
}).catch((error) => console.error(error));
