import { randomUUID } from 'node:crypto';
import type { JWK } from 'jose';
import { z } from 'zod';
import { DIGEST_VERSION } from '../../schema/digest.js';
import type { Registro } from '../../schema/registro.js';
import type { SqlStore } from '../almacen/port.js';
import { stableJson } from '../compose/stable-json.js';
import type { Cohorte, Tramo } from '../route/tramo.js';
import type { Censo } from './censo.js';
import type { Firmante } from './firma.js';
import { verifyFirma } from './firma.js';
import { saveEvidencia } from './store.js';
import { Detenida } from './tarea.js';

export const CERTIFICADO_TYP = 'sugit-paridad+json';
export const CERTIFICADO_FORMATO = 'sugit-paridad/1';

/** What a parity certificate says: that every record of a tramo was compared, how, and with what result. */
const cuerpoSchema = z.strictObject({
  formato: z.literal(CERTIFICADO_FORMATO),
  id: z.string(),
  emitido: z.iso.datetime(),
  tramo: z.string(),
  registro: z.string(),
  sistema: z.string(),
  viejo: z.string(),
  nuevo: z.string(),
  cohorte: z.custom<Cohorte>((value) => typeof value === 'object' && value !== null),
  versiones: z.strictObject({
    mapeo: z.int(),
    comparadores: z.int(),
    resumenes: z.int(),
    /** Of the dataset that was read on the old side. */
    fuente: z.string(),
  }),
  conteos: z.strictObject({
    viejo: z.int().nonnegative(),
    nuevo: z.int().nonnegative(),
    iguales: z.int().nonnegative(),
    soloViejo: z.int().nonnegative(),
    soloNuevo: z.int().nonnegative(),
    distintas: z.int().nonnegative(),
    explicadas: z.int().nonnegative(),
  }),
  raices: z.strictObject({ viejo: z.string(), nuevo: z.string(), archivo: z.string() }),
  /** Until when the source speaks, and when that was verified. */
  marcaAgua: z.strictObject({ fuente: z.string().nullable(), verificada: z.string() }),
  censo: z.string(),
  barrido: z.string(),
  /** Commit of the program that compared, where it is known. */
  codigo: z.string().nullable(),
});

export type CuerpoCertificado = z.infer<typeof cuerpoSchema>;

export interface Certificado {
  readonly cuerpo: CuerpoCertificado;
  /** Compact JWS over the JSON of the body with its names in order. */
  readonly firma: string;
  readonly clave: JWK;
}

export interface Emision {
  readonly store: SqlStore;
  readonly tramo: Tramo;
  readonly registro: Registro;
  readonly censo: Censo;
  readonly firmante: Firmante;
  readonly now: () => number;
  readonly commit?: string | null;
}

/** Signs what a complete census without unexplained differences found, and keeps it. Anything else is refused. */
export async function issueCertificado(emision: Emision): Promise<Certificado> {
  const { store, tramo, censo, firmante, now } = emision;
  const problem = problemOf(censo);
  if (problem !== null) throw new Detenida('PARITY_NOT_PROVEN', problem);
  const cuerpo = toCuerpo(emision);
  const payload = new TextEncoder().encode(stableJson(cuerpo));
  const firma = await firmante.sign(CERTIFICADO_TYP, payload);
  const en = new Date(now()).toISOString();
  const certificado: Certificado = { cuerpo, firma, clave: firmante.publica };
  await store.transaction(async (session) => {
    await session.query(
      `insert into certificado (id, tramo, censo, en, cuerpo, firma) values ($1, $2, $3, $4, $5::jsonb, $6)`,
      [cuerpo.id, tramo.id, censo.id, en, JSON.stringify(certificado), firma],
    );
    const valor = { id: cuerpo.id, raiz: censo.raizNuevo, registradoEn: en };
    await saveEvidencia(session, tramo, { tipo: 'certificado', valor }, en);
  });
  return certificado;
}

function problemOf(censo: Censo): string | null {
  const { estado, completo, paginasOmitidas, soloViejo, soloNuevo, distintas, explicadas } = censo;
  if (estado !== 'completo' || !completo || paginasOmitidas > 0 || censo.barrido === null)
    return 'El censo no está completo: no prueba la paridad.';
  const left = soloViejo + soloNuevo + distintas - explicadas;
  return left > 0 ? `El censo encuentra ${left} diferencias sin explicar.` : null;
}

function toCuerpo({ tramo, registro, censo, now, commit = null }: Emision): CuerpoCertificado {
  const { viejo, nuevo, iguales, soloViejo, soloNuevo, distintas, explicadas } = censo;
  return {
    formato: CERTIFICADO_FORMATO,
    id: randomUUID(),
    emitido: new Date(now()).toISOString(),
    tramo: tramo.id,
    registro: registro.nombre,
    sistema: registro.sistema,
    viejo: tramo.viejo,
    nuevo: tramo.nuevo,
    cohorte: tramo.cohorte,
    versiones: {
      mapeo: tramo.mappingVersion,
      comparadores: tramo.comparatorVersion,
      resumenes: DIGEST_VERSION,
      fuente: censo.marca?.alta.token ?? '',
    },
    conteos: { viejo, nuevo, iguales, soloViejo, soloNuevo, distintas, explicadas },
    raices: { viejo: censo.raizViejo, nuevo: censo.raizNuevo, archivo: censo.raizArchivo },
    marcaAgua: {
      fuente: censo.marca?.alta.sourceTime ?? null,
      verificada: censo.marca?.alta.checkedAt ?? censo.terminado,
    },
    censo: censo.id,
    barrido: censo.barrido ?? '',
    codigo: commit,
  };
}

const certificadoSchema = z.strictObject({
  cuerpo: z.unknown(),
  firma: z.string(),
  clave: z.custom<JWK>((value) => typeof value === 'object' && value !== null),
});

export type Verificacion =
  | { readonly valido: true; readonly cuerpo: CuerpoCertificado; readonly kid: string }
  | { readonly valido: false; readonly motivo: string };

/**
 * Verifies a certificate as it lies in a file: signature, canonical form, and that its counts prove what it claims.
 * `confiables`: thumbprints of the keys that are trusted; without them it is proven unchanged, not who made it.
 */
export async function verifyCertificado(
  value: unknown,
  confiables: readonly string[] | null = null,
): Promise<Verificacion> {
  const no = (motivo: string): Verificacion => ({ valido: false, motivo });
  const form = certificadoSchema.safeParse(value);
  if (!form.success) return no('no tiene la forma de un certificado');
  const { firma, clave } = form.data;
  const signed = await verifyFirma(firma, clave, CERTIFICADO_TYP).catch(() => null);
  if (signed === null) return no('la firma no corresponde');
  if (confiables !== null && !confiables.includes(signed.kid))
    return no('lo firma una clave que no es de confianza');
  const text = new TextDecoder().decode(signed.payload);
  const cuerpo = cuerpoSchema.safeParse(parse(text));
  if (!cuerpo.success) return no('lo firmado no tiene la forma de un certificado');
  if (stableJson(cuerpo.data) !== text || stableJson(form.data.cuerpo) !== text)
    return no('lo que se muestra no es lo firmado');
  const problem = unprovenOf(cuerpo.data);
  return problem === null ? { valido: true, cuerpo: cuerpo.data, kid: signed.kid } : no(problem);
}

function unprovenOf({ conteos, raices }: CuerpoCertificado): string | null {
  const { viejo, nuevo, iguales, soloViejo, soloNuevo, distintas, explicadas } = conteos;
  if (iguales + distintas + soloViejo !== viejo || iguales + distintas + soloNuevo !== nuevo)
    return 'sus cuentas no cuadran';
  if (soloViejo + soloNuevo + distintas > explicadas) return 'tiene diferencias sin explicar';
  return explicadas === 0 && raices.viejo !== raices.nuevo ? 'sus raíces son distintas' : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
