// Signs a user in on the service's own pages, and comes back with tokens.

import { Auth0Client, AuthenticationError } from "@auth0/auth0-spa-js";

const auth0 = new Auth0Client({
  domain: "localhost:8788",
  clientId: "web",
  useRefreshTokens: true,
  authorizationParams: {
    redirect_uri: "http://localhost:3000/auth",
    audience: "http://localhost:3000",
    scope: "openid profile email",
  },
});

const element = (id: string) => document.getElementById(id)!;
const say = (text: string) => { element("said").textContent = text; };

/** Takes the code from the address, and exchanges the code for tokens. */
async function comeBack() {
  try {
    await auth0.handleRedirectCallback();
  } catch (error) {
    // For example `invalid_scope`, if the client may not ask for a scope.
    if (!(error instanceof AuthenticationError)) throw error;
    say(`refused: ${error.error}: ${error.error_description}`);
  }
  history.replaceState({}, "", "/");
}

async function show() {
  const user = await auth0.getUser();
  element("sign-in").hidden = Boolean(user);
  element("refresh").hidden = element("sign-out").hidden = !user;
  if (user) say(`Signed in as ${user.name}, ${user.email}`);
  else if (element("said").textContent === "Loading …") say("Not signed in");
}

element("sign-in").onclick = () => auth0.loginWithRedirect();
element("sign-out").onclick = () => auth0.logout({ logoutParams: { returnTo: "http://localhost:3000/bye" } });
element("refresh").onclick = async () => {
  // The app sends this token to its API. Without `cacheMode`, a token that is still good is
  // taken from memory.
  say(`access token: ${await auth0.getTokenSilently({ cacheMode: "off" })}`);
};

if (/[?&](code|error)=/.test(location.search)) await comeBack();
await show();
