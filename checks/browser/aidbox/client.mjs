// The app that a sign-in redirects to: Aidbox's client `web`, at its redirect URI.

import { createServer } from "node:http";

const PORT = 3000;

/** Starts the app on both loopback addresses, because `localhost` may mean either. */
export async function startClient() {
  const asked = [];
  const answer = (request, response) => {
    asked.push(request.url);
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end('<!doctype html><html lang="en"><title>App</title><link rel="icon" href="data:,"><h1>The app</h1>');
  };
  const servers = [];
  for (const host of ["127.0.0.1", "::1"]) {
    const server = createServer(answer);
    await new Promise((resolve, reject) => {
      // A machine without IPv6 has only the first address.
      server.once("error", (error) => (host === "::1" && error.code !== "EADDRINUSE" ? resolve() : reject(error)));
      server.listen(PORT, host, resolve);
    });
    servers.push(server);
  }
  return {
    redirectUri: `http://localhost:${PORT}/auth`,
    /** The requests to the app, in order. */
    asked,
    async stop() {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}
