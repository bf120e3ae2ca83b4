// What can be wrong with what the browser says, in a new passkey and in a signature alike.

import { Buffer } from "node:buffer";
import { ANDROID, ORIGIN } from "./relying_party.mjs";

const client = (change) => (parts) => {
  change(parts.clientData);
};
const origin = (text) => client((data) => {
  data.origin = text;
});
const text = (change) => (parts) => {
  parts.text = change;
};
const answer = (change) => (parts) => {
  parts.answer = change;
};
const hash = ANDROID.split(":").at(-1);

/** Pairs of what is wrong, and how it is made so. */
export const BOTH = {
  "the app of Android": origin(ANDROID),
  "a challenge of zeros": client((data) => {
    data.challenge = Buffer.alloc(32).toString("base64url");
  }),
  "an empty challenge": client((data) => {
    data.challenge = "";
  }),
  "a challenge that is cut": client((data) => {
    data.challenge = data.challenge.slice(0, -2);
  }),
  "a longer challenge": client((data) => {
    data.challenge += "AA";
  }),
  "a challenge with padding": client((data) => {
    data.challenge += "=";
  }),
  "a challenge with a line break": client((data) => {
    data.challenge += "\n";
  }),
  "a challenge whose last bits are not zero": client((data) => {
    data.challenge = data.challenge.slice(0, -1) + after(data.challenge.at(-1));
  }),
  "a challenge that is a list": client((data) => {
    data.challenge = [data.challenge];
  }),
  "no challenge": client((data) => {
    delete data.challenge;
  }),
  "another type": client((data) => {
    data.type = data.type === "webauthn.get" ? "webauthn.create" : "webauthn.get";
  }),
  "a payment": client((data) => {
    data.type = "payment.get";
  }),
  "the type in upper case": client((data) => {
    data.type = data.type.toUpperCase();
  }),
  "no type": client((data) => {
    delete data.type;
  }),
  "another origin": origin("https://evil.example"),
  "another port": origin("https://example.com:3001"),
  "no port": origin("https://example.com"),
  "a subdomain": origin("https://a.example.com:3000"),
  "no TLS": origin("http://example.com:3000"),
  "the origin with a slash": origin(`${ORIGIN}/`),
  "the origin with a path": origin(`${ORIGIN}/a`),
  "the origin with a query": origin(`${ORIGIN}?a`),
  "the origin with a user": origin("https://evil@example.com:3000"),
  "the origin as a user": origin("https://example.com:3000@evil.example"),
  "the origin in upper case": origin(ORIGIN.toUpperCase()),
  "the origin in percent signs": origin("https://%65xample.com:3000"),
  "the origin in full width": origin("https://ｅxample.com:3000"),
  "the origin with a tab": origin("https://exam\tple.com:3000"),
  "the origin after a blank": origin(` ${ORIGIN}`),
  "the origin with a zero before the port": origin("https://example.com:03000"),
  "an empty origin": origin(""),
  "null as origin": origin("null"),
  "a list of origins": origin([ORIGIN]),
  "no origin": client((data) => {
    delete data.origin;
  }),
  "another app of Android": origin(ANDROID.replace(/.$/, (last) => after(last))),
  "an app of Android with padding": origin(`${ANDROID}=`),
  "an app of Android in base64": origin(`android:apk-key-hash:${hash.replaceAll("-", "+").replaceAll("_", "/")}`),
  "an app of Android in lower case": origin(ANDROID.toLowerCase()),
  "an app of Android in upper case": origin(ANDROID.replace("android", "ANDROID")),
  "an app of Android by SHA-256": origin(`android:apk-key-hash-sha256:${hash}`),
  "an app of Android in hexadecimal": origin(`android:apk-key-hash:${Buffer.from(hash, "base64url").toString("hex")}`),
  "an app of Android without a key": origin("android:apk-key-hash:"),
  "an app of Android with a line break": origin(`${ANDROID}\n`),
  "a page in a frame of another site": client((data) => {
    data.crossOrigin = true;
    data.topOrigin = "https://evil.example";
  }),
  "a page in a frame of an unnamed site": client((data) => {
    data.crossOrigin = true;
  }),
  "the site of a frame without a frame": client((data) => {
    data.topOrigin = "https://evil.example";
  }),
  "the site of a frame, and nothing about a frame": client((data) => {
    delete data.crossOrigin;
    data.topOrigin = "https://evil.example";
  }),
  "crossOrigin as text": client((data) => {
    data.crossOrigin = "false";
  }),
  "no crossOrigin": client((data) => {
    delete data.crossOrigin;
  }),
  "an unknown member": client((data) => {
    data.other_keys_can_be_added_here = "do not compare clientDataJSON against a template";
  }),
  "token binding by a wrong name": client((data) => {
    data.tokenBinding = { status: "maybe" };
  }),
  "token binding that is present": client((data) => {
    data.tokenBinding = { status: "present", id: "AAAA" };
  }),
  "client data with a byte order mark": text((data) => `\ufeff${data}`),
  "client data with blanks": text((data) => ` ${data.replaceAll(",", " , ")}\n`),
  "client data twice": text((data) => data + data),
  "client data with a zero at the end": text((data) => `${data}\0`),
  "client data that is cut": text((data) => data.slice(0, -1)),
  "client data that is empty": text(() => ""),
  "client data that is a list": text((data) => `[${data}]`),
  "client data that is text": text((data) => JSON.stringify(data)),
  "client data in UTF-16": text((data) => Buffer.from(data, "utf16le")),
  "client data with invalid UTF-8": text((data) => Buffer.concat([
    Buffer.from(data.slice(0, -1)), Buffer.from(',"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])),
  "client data with half a surrogate": text((data) => `${data.slice(0, -1)},"a":"\\ud800"}`),
  "client data with a comment": text((data) => `${data.slice(0, -1)}/* */}`),
  "client data with single quotes": text((data) => data.replaceAll('"', "'")),
  "client data with a comma too many": text((data) => `${data.slice(0, -1)},}`),
  "client data that nests without end": text((data) => `${data.slice(0, -1)},"a":${"[".repeat(9000)}${"]".repeat(9000)}}`),
  "a wrong challenge before the right one": text((data) => data.replace("{", '{"challenge":"AAAA",')),
  "a wrong challenge after the right one": text((data) => `${data.slice(0, -1)},"challenge":"AAAA"}`),
  "a wrong origin before the right one": text((data) => data.replace("{", '{"origin":"https://evil.example",')),
  "a wrong origin after the right one": text((data) => `${data.slice(0, -1)},"origin":"https://evil.example"}`),
  "a frame before no frame": text((data) => data.replace("{", '{"crossOrigin":true,')),
  "names with escapes": text((data) => data.replace('"origin"', '"\\u006frigin"')),
  "client data in base64url with padding": answer((it) => {
    it.response.clientDataJSON += "=".repeat((4 - it.response.clientDataJSON.length % 4) % 4 || 4);
  }),
  "client data in base64": answer((it) => {
    it.response.clientDataJSON = Buffer.from(it.response.clientDataJSON, "base64url").toString("base64");
  }),
  "client data with line breaks": answer((it) => {
    it.response.clientDataJSON = it.response.clientDataJSON.replace(/.{64}/g, "$&\n");
  }),
  "client data as a list of bytes": answer((it) => {
    it.response.clientDataJSON = [...Buffer.from(it.response.clientDataJSON, "base64url")];
  }),
  "no client data": answer((it) => {
    delete it.response.clientDataJSON;
  }),
  "an id that is not the rawId": answer((it) => {
    it.id = "AAAA";
  }),
  "an id with padding": answer((it) => {
    it.id += "=";
  }),
  "a rawId with padding": answer((it) => {
    it.rawId += "=";
  }),
  "id and rawId in base64 with padding": answer((it) => {
    it.id = it.rawId = Buffer.from(it.rawId, "base64url").toString("base64");
  }),
  "no id": answer((it) => {
    delete it.id;
  }),
  "no rawId": answer((it) => {
    delete it.rawId;
  }),
  "another kind of credential": answer((it) => {
    it.type = "password";
  }),
  "no kind of credential": answer((it) => {
    delete it.type;
  }),
  "no response": answer((it) => {
    delete it.response;
  }),
  "an answer that is a list": answer((it) => JSON.stringify([it])),
  "an unknown member beside the response": answer((it) => {
    it.prfResults = {};
  }),
  "an unknown attachment": answer((it) => {
    it.authenticatorAttachment = "pocket";
  }),
  "no results of extensions": answer((it) => {
    delete it.clientExtensionResults;
  }),
  "results of unknown extensions": answer((it) => {
    it.clientExtensionResults = { credProps: { rk: true }, prf: { enabled: true }, other: 1 };
  }),
};

function after(letter) {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return digits[(digits.indexOf(letter) + 1) % 64];
}
