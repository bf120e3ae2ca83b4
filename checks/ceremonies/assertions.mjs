// What can be wrong with a signature.

import { sign } from "node:crypto";
import { AT, base64url, BE, BS, cbor, ED, UP, UV } from "./authenticator.mjs";

const flags = (change) => (parts) => {
  parts.flags = change(parts.flags);
};
const data = (change) => (parts) => {
  parts.data = change;
};
const counter = (change) => (parts, { counter }) => {
  parts.counter = change(counter);
};
const signature = (change) => (parts) => {
  parts.signature = change;
};
const handle = (change) => (parts) => {
  parts.handle = change(parts.handle);
};
const answer = (change) => (parts) => {
  parts.answer = change;
};

/** `others` are another user's authenticator, and another passkey of this user. */
export const assertions = (others) => ({
  "another domain": (parts) => {
    parts.rpIdHash[0] ^= 1;
  },
  "the hash of no domain": (parts) => {
    parts.rpIdHash = Buffer.alloc(32);
  },
  "nobody present": flags((it) => it & ~UP),
  "nobody verified": flags((it) => it & ~UV),
  "no flags": flags(() => 0),
  "a key that may be copied now": flags((it) => it | BE),
  "a key that is copied now": flags((it) => it | BE | BS),
  "a key that is copied and may not be": flags((it) => it | BS),
  "reserved flags": flags((it) => it | 0x02 | 0x20),
  "a new key by the flags": flags((it) => it | AT),
  "extensions that are missing": flags((it) => it | ED),
  "extensions that are there": (parts) => {
    parts.flags |= ED;
    parts.extensions = cbor(new Map([["uvm", [[2, 4, 2]]]]));
  },
  "extensions without their flag": (parts) => {
    parts.extensions = cbor(new Map([["uvm", [[2, 4, 2]]]]));
  },
  "extensions that are no map": (parts) => {
    parts.flags |= ED;
    parts.extensions = cbor([1]);
  },
  "extensions that are no CBOR": (parts) => {
    parts.flags |= ED;
    parts.extensions = Buffer.from([0xff]);
  },
  "extensions with a member twice": (parts) => {
    parts.flags |= ED;
    parts.extensions = Buffer.from([0xa2, 0x61, 0x61, 0x01, 0x61, 0x61, 0x02]);
  },
  "extensions that nest without end": (parts) => {
    parts.flags |= ED;
    parts.extensions = Buffer.alloc(20_000, 0x81);
  },
  "the counter of the last time": counter((last) => last),
  "a counter that goes back": counter((last) => last - 1),
  "a counter of zero": counter(() => 0),
  "a counter that jumps": counter((last) => last + 1000),
  "bytes after the data": data((bytes) => Buffer.concat([bytes, Buffer.alloc(1)])),
  "data that is cut": data((bytes) => bytes.subarray(0, 36)),
  "data that is cut to the domain": data((bytes) => bytes.subarray(0, 32)),
  "no data": data(() => Buffer.alloc(0)),
  "data of 40,000 bytes": data((bytes) => Buffer.concat([bytes, Buffer.alloc(40_000)])),
  "a signature of zeros": signature((bytes) => Buffer.alloc(bytes.length)),
  "an empty signature": signature(() => Buffer.alloc(0)),
  "a signature that is cut": signature((bytes) => bytes.subarray(0, -1)),
  "a signature with a byte more": signature((bytes) => Buffer.concat([bytes, Buffer.alloc(1)])),
  "a signature with another last bit": signature((bytes) => {
    bytes[bytes.length - 1] ^= 1;
    return bytes;
  }),
  "a signature without DER": (parts) => {
    parts.signature = (_, signed) => sign("sha256", signed, {
      key: parts.signer.pair.privateKey, dsaEncoding: "ieee-p1363" });
  },
  "a signature over SHA-384": (parts) => {
    parts.signature = (_, signed) => sign("sha384", signed, parts.signer.pair.privateKey);
  },
  "a signature over the data alone": (parts) => {
    parts.signature = (_, signed) => sign("sha256", signed.subarray(0, -32), parts.signer.pair.privateKey);
  },
  "a signature of r and s zero": signature(() => Buffer.from([0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00])),
  "DER with a longer length than needed": signature((bytes) => Buffer.concat([
    Buffer.from([bytes[0], 0x81]), bytes.subarray(1)])),
  "the signature of another user's key": (parts) => {
    parts.signer = others.stranger;
  },
  "the signature of another passkey of the user": (parts) => {
    parts.signer = others.second;
  },
  "another user's handle": handle(() => others.stranger.handle),
  "another user's credential": (parts) => {
    parts.credential = others.stranger.credential;
  },
  "another user's credential and signature": (parts) => {
    parts.credential = others.stranger.credential;
    parts.signer = others.stranger;
  },
  "another passkey's credential": (parts) => {
    parts.credential = others.second.credential;
  },
  "an unknown credential": (parts) => {
    parts.credential = Buffer.alloc(32, 7);
  },
  "an empty credential": (parts) => {
    parts.credential = Buffer.alloc(0);
  },
  "a credential of 2000 bytes": (parts) => {
    parts.credential = Buffer.alloc(2000, 7);
  },
  "no handle": handle(() => null),
  "an empty handle": handle(() => Buffer.alloc(0)),
  "a handle that is cut": handle((bytes) => bytes.subarray(0, 31)),
  "a handle with a byte more": handle((bytes) => Buffer.concat([bytes, Buffer.alloc(1)])),
  "a handle of 65 bytes": handle(() => Buffer.alloc(65, 7)),
  "a handle that says the user's name": handle(() => Buffer.from("plain@example.com")),
  "a handle with padding": answer((it) => {
    it.response.userHandle += "=";
  }),
  "a handle that is a number": answer((it) => {
    it.response.userHandle = 7;
  }),
  "data in base64": answer((it) => {
    it.response.authenticatorData = Buffer.from(it.response.authenticatorData, "base64url").toString("base64");
  }),
  "a signature in base64url with padding": answer((it) => {
    it.response.signature += "=".repeat((4 - it.response.signature.length % 4) % 4 || 4);
  }),
  "no signature": answer((it) => {
    delete it.response.signature;
  }),
  "no data of the authenticator": answer((it) => {
    delete it.response.authenticatorData;
  }),
  "a new passkey in place of a signature": answer((it) => {
    it.response = { clientDataJSON: it.response.clientDataJSON, attestationObject: base64url(cbor(new Map())) };
  }),
  "the member signature twice": answer((it) => JSON.stringify(it).replace('"signature":', '"signature":"AAAA","signature":')),
  "the member rawId twice": answer((it) => JSON.stringify(it).replace('"rawId":', '"rawId":"AAAA","rawId":')),
});
