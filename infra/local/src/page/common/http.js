// Requests to the service, and the same requests as curl.

let address = location.origin;

/** The address in the curl commands. */
export function curlAddress(given) {
  address = given;
}

/** A word, quoted for a POSIX shell. */
export function quoted(word) {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function present(fields) {
  return Object.entries(fields).filter(([, value]) => value != null && value !== "" && value !== false);
}

function target(request) {
  const query = request.query ? `?${new URLSearchParams(present(request.query))}` : "";
  return request.path + query;
}

/** The headers that say who asks. */
function credentials({ bearer, dpop }) {
  return {
    ...(bearer && { authorization: `${dpop ? "DPoP" : "Bearer"} ${bearer}` }),
    ...(dpop && { dpop }),
  };
}

/**
 * The request as a curl command, one option a line.
 * A request has a method and a path, and one of query, form and json; bearer is a token, and
 * dpop a proof of a key.
 */
export function curl(request) {
  const lines = [`curl -i ${quoted(address + target(request))}`];
  const bodied = request.form || request.json;
  if (request.method !== (bodied ? "POST" : "GET")) lines.push(`--request ${request.method}`);
  for (const [name, value] of Object.entries(credentials(request))) lines.push(`--header ${quoted(`${name}: ${value}`)}`);
  if (request.json) {
    lines.push("--header 'content-type: application/json'");
    lines.push(`--data ${quoted(JSON.stringify(Object.fromEntries(present(request.json))))}`);
  }
  for (const [name, value] of present(request.form ?? {})) {
    lines.push(`--data-urlencode ${quoted(`${name}=${value}`)}`);
  }
  return lines.join(" \\\n  ");
}

/**
 * Sends a request. If the answer is not JSON, its body is null. Status 0 means that there was
 * no answer.
 */
export async function send(request) {
  const headers = credentials(request);
  let body;
  if (request.form) body = new URLSearchParams(present(request.form));
  if (request.json) {
    headers["content-type"] = "application/json";
    body = JSON.stringify(Object.fromEntries(present(request.json)));
  }
  try {
    const response = await fetch(target(request), {
      method: request.method, headers, body, cache: "no-store", credentials: "omit",
    });
    return await read(response);
  } catch {
    return { status: 0, ok: false, reason: "No answer", headers: new Headers(), text: "", body: null };
  }
}

async function read(response) {
  const text = await response.text();
  let body = null;
  try {
    body = JSON.parse(text);
  } catch { /* Not JSON: shown as it is. */ }
  const { status, ok, statusText, headers } = response;
  return { status, ok, reason: statusText, headers, text, body };
}
