import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  type KeyObject,
} from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { calculateJwkThumbprint, CompactSign, compactVerify, exportJWK, importJWK } from 'jose';
import type { JWK } from 'jose';

/** The key with which this installation signs. Its private half never leaves the data folder. */
export interface Firmante {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string;
  readonly publica: JWK;
  /** A compact JWS over exactly these bytes. */
  sign(typ: string, payload: Uint8Array): Promise<string>;
}

const FOLDER = 'firma';
const PRIVATE = 'ed25519.pem';
const PUBLIC = 'ed25519.pub.pem';
const ALG = 'EdDSA';
const OWNER_ONLY = 0o600;
const FOLDER_OWNER_ONLY = 0o700;

/** Opens the key of a data folder; it is made at first use, and only once whoever else makes it at the same moment. */
export async function openFirmante(dataDir: string): Promise<Firmante> {
  const folder = path.join(dataDir, FOLDER);
  const privateKey = (await readKey(folder)) ?? (await createKey(folder));
  const publicKey = createPublicKey(privateKey);
  const publica = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(publica);
  return {
    kid,
    publica: { ...publica, kid, alg: ALG, use: 'sig' },
    sign: (typ, payload) =>
      new CompactSign(payload).setProtectedHeader({ alg: ALG, kid, typ }).sign(privateKey),
  };
}

/** Whether a file or folder was not there. */
export const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';

async function readKey(folder: string): Promise<KeyObject | null> {
  const pem = await readFile(path.join(folder, PRIVATE)).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (pem === null) return null;
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519')
    throw new TypeError(`${PRIVATE} no es una clave Ed25519`);
  return key;
}

async function createKey(folder: string): Promise<KeyObject> {
  await mkdir(folder, { recursive: true, mode: FOLDER_OWNER_ONLY });
  await chmod(folder, FOLDER_OWNER_ONLY);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const draft = path.join(folder, `borrador-${randomUUID()}`);
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(draft, pem, { mode: OWNER_ONLY, flush: true });
  try {
    // A link fails where a rename would replace the key that another process has just made.
    await link(draft, path.join(folder, PRIVATE));
    await writeFile(path.join(folder, PUBLIC), publicKey.export({ type: 'spki', format: 'pem' }));
    return privateKey;
  } catch (error) {
    const other = await readKey(folder);
    if (other === null) throw error;
    return other;
  } finally {
    await rm(draft, { force: true });
  }
}

export interface Verificada {
  readonly payload: Uint8Array;
  readonly kid: string;
}

/** The bytes that were signed, if the signature is by this key, of this type and by the one algorithm admitted. */
export async function verifyFirma(jws: string, publica: JWK, typ: string): Promise<Verificada> {
  const { kty, crv } = publica;
  if (kty !== 'OKP' || crv !== 'Ed25519') throw new TypeError('la clave no es Ed25519');
  const key = await importJWK(publica, ALG);
  const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: [ALG] });
  if (protectedHeader.typ !== typ) throw new TypeError('la firma es de otra clase de documento');
  // What the header says of the key decides nothing: the thumbprint of the key does.
  return { payload, kid: await calculateJwkThumbprint(publica) };
}
