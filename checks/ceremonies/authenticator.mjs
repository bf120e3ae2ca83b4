// A software authenticator whose ceremonies a check can spoil, and the CBOR (RFC 8949) that
// the authenticator writes.

import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** The flags of an authenticator's data (W3C Web Authentication 6.1). */
export const UP = 0x01, UV = 0x04, BE = 0x08, BS = 0x10, AT = 0x40, ED = 0x80;

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
export const base64url = (bytes) => Buffer.from(bytes).toString("base64url");

/** The head of a CBOR item: its major type and its argument, in the shortest form. */
export function head(major, size) {
  if (size < 24) return Buffer.from([(major << 5) | size]);
  if (size < 256) return Buffer.from([(major << 5) | 24, size]);
  if (size < 65536) return Buffer.from([(major << 5) | 25, size >> 8, size & 255]);
  const long = Buffer.alloc(5);
  long[0] = (major << 5) | 26;
  long.writeUInt32BE(size, 1);
  return long;
}

/** Bytes that stand in CBOR as they are. */
export class Raw {
  constructor(bytes) {
    this.bytes = Buffer.from(bytes);
  }
}

/** A map is a list of pairs in a `Map`, or a `Pairs` if a key may come twice. */
export class Pairs {
  constructor(pairs) {
    this.pairs = pairs;
  }
}

export function cbor(value) {
  if (value instanceof Raw) return value.bytes;
  if (Number.isInteger(value)) return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === "boolean") return Buffer.from([value ? 0xf5 : 0xf4]);
  if (value === null) return Buffer.from([0xf6]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  const pairs = value instanceof Pairs ? value.pairs : [...value];
  return Buffer.concat([head(5, pairs.length), ...pairs.flat().map(cbor)]);
}

/** How the keys of an algorithm are made, signed with and written (RFC 9053). */
const KEYS = {
  ES256: {
    make: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
    sign: (data, key) => sign("sha256", data, key),
    cose: ({ x, y }) => [[1, 2], [3, -7], [-1, 1], [-2, bytes(x)], [-3, bytes(y)]],
  },
  RS256: {
    make: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
    sign: (data, key) => sign("sha256", data, key),
    cose: ({ n, e }) => [[1, 3], [3, -257], [-1, bytes(n)], [-2, bytes(e)]],
  },
};

const bytes = (text) => Buffer.from(text, "base64url");

/** An authenticator with one key. */
export class Authenticator {
  constructor(algorithm, origin, domain) {
    this.algorithm = KEYS[algorithm];
    this.pair = this.algorithm.make();
    this.credential = randomBytes(32);
    this.origin = origin;
    this.domain = domain;
    this.counter = 7;
    this.handle = null;
  }

  /** The public key as the members of a COSE key. */
  members() {
    return this.algorithm.cose(this.pair.publicKey.export({ format: "jwk" }));
  }

  begin(type, challenge, flags) {
    return {
      clientData: { type, challenge, origin: this.origin, crossOrigin: false },
      rpIdHash: sha256(this.domain), flags, counter: this.counter, credential: this.credential,
      // What a check may do with the bytes before and after the signature.
      text: (client) => client, data: (bytes) => bytes, signature: (bytes) => bytes,
      object: (bytes) => bytes, answer: () => {},
    };
  }

  /** A new passkey, as the text of an `authn_response`. `spoil` changes the parts before. */
  create(options, spoil = () => {}) {
    const parts = {
      ...this.begin("webauthn.create", options.challenge, UP | UV | AT),
      aaguid: Buffer.alloc(16), key: this.members(), extensions: Buffer.alloc(0),
      format: "none", statement: () => new Map(),
    };
    this.handle = bytes(options.user.id);
    spoil(parts, this);
    const client = Buffer.from(parts.text(JSON.stringify(parts.clientData)));
    const size = Buffer.alloc(2);
    size.writeUInt16BE(parts.size ?? parts.credential.length);
    const attested = [parts.aaguid, size, parts.credential,
      parts.key instanceof Raw ? parts.key.bytes : cbor(new Pairs(parts.key))];
    const data = parts.data(Buffer.concat([dataOf(parts), ...attested, parts.extensions]));
    const signed = Buffer.concat([data, sha256(client)]);
    const members = parts.members ?? ((object) => object);
    const object = cbor(new Pairs(members([["fmt", parts.format],
      ["attStmt", parts.statement(signed, this)], ["authData", data]])));
    return this.answer(parts, client, { attestationObject: base64url(parts.object(object)) });
  }

  /** A signature, as the text of an `authn_response`. */
  sign(options, spoil = () => {}) {
    const parts = {
      ...this.begin("webauthn.get", options.challenge, UP | UV),
      handle: this.handle, extensions: Buffer.alloc(0), signer: this, counter: this.counter + 1,
    };
    spoil(parts, this);
    const client = Buffer.from(parts.text(JSON.stringify(parts.clientData)));
    const data = parts.data(Buffer.concat([dataOf(parts), parts.extensions]));
    const signed = Buffer.concat([data, sha256(client)]);
    const { algorithm, pair } = parts.signer;
    const signature = parts.signature(algorithm.sign(signed, pair.privateKey), signed);
    return this.answer(parts, client, {
      authenticatorData: base64url(data), signature: base64url(signature),
      userHandle: parts.handle && base64url(parts.handle),
    });
  }

  answer(parts, client, response) {
    const id = base64url(parts.credential);
    const answer = {
      id, rawId: id, type: "public-key", authenticatorAttachment: "platform",
      response: { clientDataJSON: base64url(client), ...response }, clientExtensionResults: {},
    };
    return parts.answer(answer) ?? JSON.stringify(answer);
  }
}

function dataOf({ rpIdHash, flags, counter }) {
  const rest = Buffer.alloc(5);
  rest[0] = flags;
  rest.writeUInt32BE(counter, 1);
  return Buffer.concat([rpIdHash, rest]);
}
