// Where the checks by Prism and by Schemathesis depart from Auth0's documents. Each departure
// changes the document as little as its reason says. The scripts fail if a departure changes
// nothing.

/** The operations of a path, by their methods. A path may have parameters beside them. */
export const methods = (item) =>
  Object.entries(item).filter(([name]) => ["get", "post", "put", "patch", "delete"].includes(name));

const operations = (document) =>
  Object.values(document.paths).flatMap(methods).map(([, operation]) => operation);

const PAGE = { description: "a page", content: { "text/html": { schema: { type: "string" } } } };

/** A status that the operation does not have, with the body of one of its refusals. */
function addStatus(operation, status) {
  const { responses } = operation;
  const refusal = responses[400] ?? responses[401] ?? { description: "a refusal" };
  responses[status] ??= refusal;
}

/** Allows DPoP wherever a part of the document has Bearer as the one token_type. */
function allowDpop(part) {
  if (part === null || typeof part !== "object") return;
  const kinds = part.token_type?.enum;
  if (Array.isArray(kinds) && !kinds.includes("DPoP")) kinds.push("DPoP");
  for (const inner of Object.values(part)) allowDpop(inner);
}

export const departures = [
  {
    why: "The check is about answers. The document wants a bearer token for a login too, so its demands on requests are left out.",
    amend(document) {
      document.security = [];
      for (const operation of operations(document)) delete operation.security;
    },
  },
  {
    why: "/authorize answers 303 where the document has 302: after a form, 303 alone says that the next request is a GET (RFC 9700 4.12).",
    amend({ paths }) {
      const { responses } = paths["/authorize"].get;
      responses[303] = responses[302];
    },
  },
  {
    why: "/authorize answers 200 with a page for response_mode form_post and web_message, where the document has no 200: the page brings the answer to the client.",
    amend({ paths }) {
      paths["/authorize"].get.responses[200] = PAGE;
    },
  },
  {
    why: "token_type is DPoP for a token that is bound to a key (RFC 9449 5), where the document has Bearer alone.",
    amend(document) {
      allowDpop(document.paths["/oauth/token"].post);
      allowDpop(document.components);
    },
  },
  {
    why: "/authorize sends the browser to our own pages by a path, where the document has a whole URL: Location is a URI reference (RFC 9110 10.2.2).",
    amend({ paths }) {
      paths["/authorize"].get.responses[302].headers.Location.schema.format = "uri-reference";
    },
  },
  {
    why: "/oidc/logout answers 200 with a page if the request names no user, where the document has 302 alone: the user is asked (OpenID Connect RP-Initiated Logout 2).",
    amend({ paths }) {
      paths["/oidc/logout"].get.responses[200] = PAGE;
    },
  },
  {
    why: "/v2/logout answers 200 with a page if the request names no address to return to, where the document has 302 alone: there is nowhere to go.",
    amend({ paths }) {
      paths["/v2/logout"].get.responses[200] = PAGE;
    },
  },
  {
    why: "/authorize, /v2/logout and /oidc/logout answer 400 with a page, where the document has JSON or no 400: a person reads it in a browser, and an address that is not the client's must not be followed (RFC 9700 4.11).",
    amend({ paths }) {
      for (const path of ["/authorize", "/v2/logout", "/oidc/logout"]) paths[path].get.responses[400] = PAGE;
    },
  },
  {
    why: "/dbconnections/signup and /passwordless/start answer 401 invalid_client for an unknown client or a wrong secret, where the document has 400 alone: so does every other call (RFC 6749 5.2).",
    amend({ paths }) {
      for (const path of ["/dbconnections/signup", "/dbconnections/change_password", "/passwordless/start"]) addStatus(paths[path].post, 401);
    },
  },
  {
    why: "/mfa/challenge and /mfa/associate answer 403 for a malformed mfa_token (invalid_grant) and for a user who may not enrol (access_denied), where the document has 400 and 401: Auth0's SDKs know these codes with 403, as the document has them at /oauth/token.",
    amend({ paths }) {
      for (const path of ["/mfa/challenge", "/mfa/associate"]) addStatus(paths[path].post, 403);
    },
  },
  {
    why: "DELETE and PATCH /me/v1/authentication-methods/{id} answer 404 for a method that is not there, as GET does, where the document has no such status.",
    amend({ paths }) {
      const { get, patch, delete: remove } = paths["/me/v1/authentication-methods/{authentication_method_id}"];
      for (const { responses } of [patch, remove]) responses[404] = get.responses[404];
    },
  },
  {
    why: "Each call may answer 429 when a budget is used up. The document leaves the status out for some calls.",
    amend(document) {
      for (const operation of operations(document)) addStatus(operation, 429);
    },
  },
  {
    why: "/me/v1 has no X-RateLimit headers on an answer that is no 429: the service's budgets are about codes and sends, not about requests.",
    amend({ components }) {
      for (const [name, header] of Object.entries(components.headers)) {
        if (name.startsWith("MyAccount")) delete header.required;
      }
    },
  },
  {
    why: "/oauth/revoke answers {} where the document has the text OK: in each dialect the body is JSON, and a client ignores the body (RFC 7009 2.2).",
    amend({ paths }) {
      paths["/oauth/revoke"].post.responses[200].content = { "application/json": { schema: { type: "object", maxProperties: 0 } } };
    },
  },
];
