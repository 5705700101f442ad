import { createHmac } from 'node:crypto';
import type { Tramo } from '../route/tramo.js';

const DIGEST_CHARS = 32;

export const claveDigest = ({ salt }: Pick<Tramo, 'salt'>, clave: string): string =>
  createHmac('sha256', salt).update(clave).digest('hex').slice(0, DIGEST_CHARS);
