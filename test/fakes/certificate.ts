/** Certificates as a bad server has them: self-signed, out of date, for another name. DER by hand, so that no tool is needed. */
import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";

const tlv = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: Uint8Array[]) => tlv(0x30, ...parts);
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, "hex"));
const time = (at: Date) => tlv(0x18, Buffer.from(`${at.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`));
const bits = (bytes: Uint8Array) => tlv(0x03, Buffer.from([0]), bytes);

const ecdsaSha256 = sequence(oid("2a8648ce3d040302"));
const nameOf = (common: string) => sequence(tlv(0x31, sequence(oid("550403"), tlv(0x0c, Buffer.from(common)))));

export type Names = { readonly dns?: string; readonly ip?: string };
export type Pair = { readonly key: string; readonly cert: string };

/** A certificate and its key. @param issuer signs it; without one it signs itself */
export function certificate(names: Names, from: Date, to: Date, issuer?: { name: string; key: string }): Pair {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const alternatives = [
    ...(names.dns === undefined ? [] : [tlv(0x82, Buffer.from(names.dns))]),
    ...(names.ip === undefined ? [] : [tlv(0x87, Buffer.from(names.ip.split(".").map(Number)))]),
  ];
  const extensions = tlv(0xa3, sequence(sequence(oid("551d11"), tlv(0x04, sequence(...alternatives)))));
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaSha256,
    nameOf(issuer?.name ?? "holdfast test"),
    sequence(time(from), time(to)),
    nameOf("holdfast test"),
    publicKey.export({ type: "spki", format: "der" }),
    extensions,
  );
  const signature = sign("sha256", body, createPrivateKey(issuer?.key ?? key));
  const der = sequence(body, ecdsaSha256, bits(signature)).toString("base64");
  return {
    key,
    cert: `-----BEGIN CERTIFICATE-----\n${der.replace(/.{64}(?=.)/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
  };
}

const year = (n: number) => new Date(Date.UTC(n, 0, 1));
const here: Names = { ip: "127.0.0.1", dns: "localhost" };

/** By what is wrong with them. */
export const bad = {
  "self-signed": () => certificate(here, year(2020), year(2099)),
  expired: () => certificate(here, year(2020), year(2021)),
  "not yet valid": () => certificate(here, year(2090), year(2099)),
  "for another name": () => certificate({ dns: "other.example" }, year(2020), year(2099)),
  "of an unknown authority": () =>
    certificate(here, year(2020), year(2099), { name: "nobody", key: certificate(here, year(2020), year(2099)).key }),
} as const;
