// Where the check departs from Auth0's documents. Each departure changes a document as
// little as its reason says. The script fails if a departure changes nothing.

/** The operations of a path, by their methods. A path may have parameters beside them. */
export const methods = (item) =>
  Object.entries(item).filter(([name]) => ["get", "post", "put", "patch", "delete"].includes(name));

const operations = (document) =>
  Object.values(document.paths).flatMap(methods).map(([, operation]) => operation);

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
    why: "/oidc/logout answers 200 with a page if the request names no user, where the document has 302 alone: the user is asked (OpenID Connect RP-Initiated Logout 2).",
    amend({ paths }) {
      paths["/oidc/logout"].get.responses[200] = { description: "a page", content: { "text/html": { schema: { type: "string" } } } };
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
