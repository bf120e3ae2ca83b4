// Reads a QR code as a phone does: from a screenshot of the page.

import { createHmac } from "node:crypto";
import decodeQR from "qr/decode.js";
import { PNG } from "pngjs";

/** The text of the QR code in an element. */
export async function readQr(element) {
  const { width, height, data } = PNG.sync.read(await element.screenshot());
  return decodeQR({ width, height, data });
}

/**
 * The seed of an otpauth URI (Google's key URI format). Checks that the required parts are
 * there.
 */
export function readOtpauth(text) {
  const uri = new URL(text);
  const parameters = uri.searchParams;
  return {
    kind: uri.host,
    label: decodeURIComponent(uri.pathname.slice(1)),
    issuer: parameters.get("issuer"),
    secret: parameters.get("secret"),
    digits: Number(parameters.get("digits") ?? 6),
    period: Number(parameters.get("period") ?? 30),
    algorithm: parameters.get("algorithm") ?? "SHA1",
  };
}

/** The code by RFC 6238 with the URI's parameters, at this many seconds since 1970. */
export function totp({ secret, digits, period, algorithm }, seconds) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(seconds / period)));
  const mac = createHmac(algorithm, key).update(counter).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}
