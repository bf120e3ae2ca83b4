// What can be wrong with a new passkey.

import { sign } from "node:crypto";
import { AT, base64url, BE, BS, cbor, ED, Pairs, Raw, UP, UV } from "./authenticator.mjs";

const flags = (change) => (parts) => {
  parts.flags = change(parts.flags);
};
/** Replaces, adds or removes a member of the public key. */
const member = (label, value) => (parts) => {
  parts.key = parts.key.filter(([one]) => one !== label);
  if (value !== undefined) parts.key.push([label, value]);
};
const data = (change) => (parts) => {
  parts.data = change;
};
const object = (change) => (parts) => {
  parts.object = change;
};
const members = (change) => (parts) => {
  parts.members = change;
};
const format = (name, statement = () => new Map()) => (parts) => {
  parts.format = name;
  parts.statement = statement;
};
const answer = (change) => (parts) => {
  parts.answer = change;
};
const own = (signed, { algorithm, pair }) => algorithm.sign(signed, pair.privateKey);
const credential = (length) => (parts) => {
  parts.credential = Buffer.alloc(length, 7);
};
/** The coordinate `label` of the point, changed. */
const point = (label, change) => (parts) => {
  parts.key = parts.key.map(([one, value]) => [one, one === label ? change(Buffer.from(value)) : value]);
};
const spoilt = (bytes) => {
  bytes[bytes.length - 1] ^= 1;
  return bytes;
};

const size = (length) => {
  const four = Buffer.alloc(4);
  four.writeUInt32BE(length);
  return four;
};

export const REGISTRATIONS = {
  "another domain": (parts) => {
    parts.rpIdHash[0] ^= 1;
  },
  "the hash of another domain": (parts) => {
    parts.rpIdHash = Buffer.alloc(32);
  },
  "nobody present": flags((it) => it & ~UP),
  "nobody verified": flags((it) => it & ~UV),
  "nobody present and nobody verified": flags((it) => it & ~UP & ~UV),
  "no key by the flags": flags((it) => it & ~AT),
  "extensions that are missing": flags((it) => it | ED),
  "a key that may be copied": flags((it) => it | BE),
  "a key that is copied": flags((it) => it | BE | BS),
  "a key that is copied and may not be": flags((it) => it | BS),
  "reserved flags": flags((it) => it | 0x02 | 0x20),
  "a counter at its end": (parts) => {
    parts.counter = 0xffffffff;
  },
  "extensions that are there": (parts) => {
    parts.flags |= ED;
    parts.extensions = cbor(new Map([["credProtect", 2]]));
  },
  "extensions without their flag": (parts) => {
    parts.extensions = cbor(new Map([["credProtect", 2]]));
  },
  "extensions that are no map": (parts) => {
    parts.flags |= ED;
    parts.extensions = cbor([1]);
  },
  "bytes after the data": data((bytes) => Buffer.concat([bytes, Buffer.alloc(9)])),
  "data that is cut at the key": data((bytes) => bytes.subarray(0, -9)),
  "data that is cut at the credential": data((bytes) => bytes.subarray(0, 60)),
  "data that is cut at the counter": data((bytes) => bytes.subarray(0, 36)),
  "data without a credential": data((bytes) => bytes.subarray(0, 37)),
  "no data": data(() => Buffer.alloc(0)),
  "data of 50,000 bytes": data((bytes) => Buffer.concat([bytes, Buffer.alloc(50_000)])),
  "an empty credential": credential(0),
  "a credential of one byte": credential(1),
  "a credential of 1023 bytes": credential(1023),
  "a credential of 1024 bytes": credential(1024),
  "a credential beyond the end": (parts) => {
    parts.size = 0xffff;
  },
  "a credential longer than it says": (parts) => {
    parts.size = 16;
  },
  "another rawId than the credential": answer((it) => {
    it.id = it.rawId = base64url(Buffer.alloc(32, 7));
  }),

  "no algorithm": member(3),
  "ES384 for a key of P-256": member(3, -35),
  "ES256K for a key of P-256": member(3, -47),
  "EdDSA for a key of P-256": member(3, -8),
  "RS1 for a key of P-256": member(3, -65535),
  "RS256 for a key of P-256": member(3, -257),
  "an algorithm as text": member(3, "ES256"),
  "no kind of key": member(1),
  "a symmetric key": member(1, 4),
  "an OKP key": member(1, 1),
  "an RSA key in name": member(1, 3),
  "no curve": member(-1),
  "the curve P-384": member(-1, 2),
  "the curve P-521": member(-1, 3),
  "the curve Ed25519": member(-1, 6),
  "the curve secp256k1": member(-1, 8),
  "no x": member(-2),
  "no y": member(-3),
  "the sign of y": member(-3, true),
  "y as text": member(-3, "y"),
  "a point off the curve": point(-3, spoilt),
  "a point at zero": (parts) => {
    point(-2, () => Buffer.alloc(32))(parts);
    point(-3, () => Buffer.alloc(32))(parts);
  },
  "x of 31 bytes": point(-2, (bytes) => bytes.subarray(1)),
  "x of 33 bytes": point(-2, (bytes) => Buffer.concat([Buffer.alloc(1), bytes])),
  "x of no bytes": point(-2, () => Buffer.alloc(0)),
  "a private key too": member(-4, Buffer.alloc(32, 7)),
  "an unknown member of the key": member(-70000, "x"),
  "a name of the key": member(2, Buffer.from("name")),
  "a key for encryption only": member(4, [3]),
  "the algorithm twice": (parts) => {
    parts.key = [...parts.key, [3, -7]];
  },
  "two algorithms": (parts) => {
    parts.key = [[1, 2], [3, -35], ...parts.key.slice(1)];
  },
  "another y before the right one": (parts) => {
    parts.key = [...parts.key.slice(0, 4), [-3, Buffer.alloc(32, 7)], parts.key[4]];
  },
  "the members in another order": (parts) => {
    parts.key = parts.key.toReversed();
  },
  "a key with longer numbers than needed": (parts) => {
    const [kind, , ...rest] = parts.key;
    parts.key = [kind, [new Raw([0x18, 0x03]), new Raw([0x38, 0x06])], ...rest];
  },
  "a key of indefinite length": (parts) => {
    parts.key = new Raw([0xbf, ...cbor(new Pairs(parts.key)).subarray(1), 0xff]);
  },
  "a key that is a list": (parts) => {
    parts.key = new Raw(cbor(parts.key.flat()));
  },
  "a key with a tag": (parts) => {
    parts.key = new Raw([0xd8, 0x20, ...cbor(new Pairs(parts.key))]);
  },
  "a key that is no CBOR": (parts) => {
    parts.key = new Raw([0xff]);
  },
  "a key that nests without end": (parts) => {
    parts.key = new Raw(Buffer.alloc(20_000, 0x81));
  },
  "a key that says to have a billion members": (parts) => {
    parts.key = new Raw([0xba, 0x3b, 0x9a, 0xca, 0x00, 0x01, 0x02]);
  },
  "a coordinate that says to have a billion bytes": (parts) => {
    parts.key = new Raw([0xa1, 0x21, 0x5a, 0x3b, 0x9a, 0xca, 0x00, 0x01]);
  },
  "the key of RS256 with exponent 1": (parts) => {
    parts.key = [[1, 3], [3, -257], [-1, Buffer.alloc(256, 0xc1)], [-2, Buffer.from([1])]];
  },
  "the key of RS256 with 512 bits": (parts) => {
    parts.key = [[1, 3], [3, -257], [-1, Buffer.alloc(64, 0xc1)], [-2, Buffer.from([1, 0, 1])]];
  },

  "bytes after the object": object((bytes) => Buffer.concat([bytes, Buffer.alloc(9)])),
  "an object that is cut": object((bytes) => bytes.subarray(0, -1)),
  "an object that is cut to a byte": object((bytes) => bytes.subarray(0, 1)),
  "an empty object": object(() => Buffer.alloc(0)),
  "an object that is a list": object((bytes) => Buffer.concat([Buffer.from([0x81]), bytes])),
  "an object with a tag": object((bytes) => Buffer.concat([Buffer.from([0xd9, 0xd9, 0xf7]), bytes])),
  "an object that nests without end": object(() => Buffer.alloc(20_000, 0x81)),
  "an object with longer lengths than needed": (parts) => {
    parts.members = (it) => [...it.slice(0, 2), ["authData", new Raw([0x5a, ...size(it[2][1].length), ...it[2][1]])]];
  },
  "an object of indefinite length": object((bytes) => Buffer.from([0xbf, ...bytes.subarray(1), 0xff])),
  "an unknown member of the object": members((it) => [...it, ["other", 1]]),
  "a member of the object by number": members((it) => [...it, [1, 1]]),
  "the data twice": members((it) => [...it, it[2]]),
  "empty data before the right data": members((it) => [it[0], it[1], ["authData", Buffer.alloc(37)], it[2]]),
  "empty data after the right data": members((it) => [...it, ["authData", Buffer.alloc(37)]]),
  "the members of the object in another order": members((it) => it.toReversed()),
  "data as text": members((it) => [it[0], it[1], ["authData", it[2][1].toString("latin1")]]),
  "no member with the data": members((it) => it.slice(0, 2)),
  "no format": members((it) => it.slice(1)),
  "no statement": members((it) => [it[0], it[2]]),
  "an object in base64url with padding": answer((it) => {
    it.response.attestationObject += "==";
  }),
  "an object in base64": answer((it) => {
    it.response.attestationObject = Buffer.from(it.response.attestationObject, "base64url").toString("base64");
  }),
  "no object": answer((it) => {
    delete it.response.attestationObject;
  }),

  "a statement for no attestation": format("none", () => new Map([["sig", Buffer.alloc(8)]])),
  "a statement that is a list": format("none", () => []),
  "a statement that is null": format("none", () => null),
  "the format as a number": format(0),
  "an empty format": format(""),
  "an unknown format": format("photograph"),
  "NONE": format("NONE"),
  "packed, by the key itself": format("packed", (signed, it) => new Map([["alg", -7], ["sig", own(signed, it)]])),
  "packed, with a wrong signature": format("packed", (signed, it) => new Map([["alg", -7], ["sig", spoilt(own(signed, it))]])),
  "packed, with another algorithm": format("packed", (signed, it) => new Map([["alg", -257], ["sig", own(signed, it)]])),
  "packed, without a statement": format("packed"),
  "packed, with certificates that are none": format("packed", (signed, it) => new Map([
    ["alg", -7], ["sig", own(signed, it)], ["x5c", [Buffer.alloc(64, 7)]]])),
  "packed, with an empty list of certificates": format("packed", (signed, it) => new Map([
    ["alg", -7], ["sig", own(signed, it)], ["x5c", []]])),
  "packed, signed by another key": format("packed", (signed, it) => {
    const other = it.algorithm.make();
    return new Map([["alg", -7], ["sig", sign("sha256", signed, other.privateKey)]]);
  }),
  "fido-u2f, without a statement": format("fido-u2f"),
  "fido-u2f, with certificates that are none": format("fido-u2f", (signed, it) => new Map([
    ["sig", own(signed, it)], ["x5c", [Buffer.alloc(64, 7)]]])),
  "tpm, without a statement": format("tpm"),
  "android-key, without a statement": format("android-key"),
  "android-safetynet, without a statement": format("android-safetynet"),
  "apple, without a statement": format("apple"),
  "compound, without a statement": format("compound", () => []),
};
