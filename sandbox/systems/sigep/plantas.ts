import { rand, randInt } from '../../hash.js';
import type { EntidadSemilla, World } from '../../seed.js';

/** One post of a planta: the seed behind the report of plantas, that of vacancies and the open data. */
export interface EmpleoSemilla {
  readonly nivel: string;
  readonly denominacion: string;
  readonly codigo: string;
  readonly grado: string;
  readonly dependencia: string;
  readonly naturaleza: string;
  readonly interno: string;
  readonly cargos: number;
  readonly provistos: Readonly<Record<'permanente' | 'temporal' | 'transitoria', number>>;
  readonly encargos: number;
  readonly vacanciaDefinitiva: number;
  readonly vacanciaTemporal: number;
}

const POSTS: readonly (readonly [nivel: string, denominacion: string, codigo: string])[] = [
  ['DIRECTIVO', 'SECRETARIO DE DESPACHO', '020'],
  ['PROFESIONAL', 'PROFESIONAL UNIVERSITARIO', '219'],
  ['TÉCNICO', 'TÉCNICO ADMINISTRATIVO', '367'],
  ['ASISTENCIAL', 'AUXILIAR ADMINISTRATIVO', '407'],
  ['PROFESIONAL', 'COMISARIO DE FAMILIA', '202'],
  ['ASISTENCIAL', 'SECRETARIO', '440'],
  ['TÉCNICO', 'TÉCNICO OPERATIVO', '314'],
  ['ASISTENCIAL', 'CONDUCTOR', '480'],
  ['ASESOR', 'ASESOR', '105'],
  ['ASISTENCIAL', 'AUXILIAR DE SERVICIOS GENERALES', '470'],
  ['PROFESIONAL', 'PROFESIONAL ESPECIALIZADO', '222'],
];
const HEADS: Readonly<Record<EntidadSemilla['clase'], readonly [string, string]>> = {
  ALCALDIA: ['ALCALDE', '005'],
  GOBERNACION: ['GOBERNADOR', '001'],
  CONCEJO: ['SECRETARIO GENERAL DE CONCEJO', '054'],
  PERSONERIA: ['PERSONERO MUNICIPAL', '040'],
  ESE: ['GERENTE EMPRESA SOCIAL DEL ESTADO', '085'],
};
const UNITS = [
  'DESPACHO',
  'SECRETARÍA DE GOBIERNO',
  'SECRETARÍA DE HACIENDA',
  'SECRETARÍA DE PLANEACIÓN',
];
/** Rows of a planta: small bodies have few posts. */
const ROWS: Readonly<Record<EntidadSemilla['clase'], number>> = {
  ALCALDIA: 12,
  GOBERNACION: 12,
  CONCEJO: 2,
  PERSONERIA: 3,
  ESE: 8,
};

function sizeOf(e: EntidadSemilla, draw: (...p: (string | number)[]) => number): number {
  const people = Math.max(1, e.poblacion);
  const scale = e.clase === 'GOBERNACION' ? 0.0004 : e.clase === 'ALCALDIA' ? 0.0012 : 0.0003;
  return Math.max(1, Math.round((3 + people * scale) * (0.5 + draw('tamanio')) * 0.25));
}

/** The planta of a body; the head is one post, and provistos may exceed cargos where posts were never registered. */
export function plantaDe(world: World, e: EntidadSemilla): readonly EmpleoSemilla[] {
  const draw = (...parts: (string | number)[]): number =>
    rand(world.seed, 'sigep', e.codigoSigep, ...parts);
  const [denominacion, codigo] = HEADS[e.clase];
  const posts = [['DIRECTIVO', denominacion, codigo] as const, ...POSTS].slice(0, ROWS[e.clase]);
  return posts.map(([nivel, name, code], i): EmpleoSemilla => {
    const cargos = i === 0 ? 1 : Math.max(1, Math.round(sizeOf(e, draw) * (0.4 + draw(i))));
    const over = i > 0 && draw('exceso', i) < 0.01 ? 2 : 0;
    const vacanciaDefinitiva =
      i === 0 || over > 0 ? 0 : Math.floor(cargos * draw('vacia', i) * 0.25);
    const vacanciaTemporal =
      i === 0 || over > 0 ? 0 : Math.floor(cargos * draw('temporal', i) * 0.1);
    const filled = cargos - vacanciaDefinitiva - vacanciaTemporal + over;
    const encargos = Math.floor(filled * 0.05);
    const temporal = Math.floor(filled * draw('provisional', i) * 0.3);
    return {
      nivel,
      denominacion: name,
      codigo: code,
      grado: String(randInt(1, 9, world.seed, 'grado', e.codigoSigep, i)).padStart(2, '0'),
      dependencia: UNITS[i === 0 ? 0 : i % UNITS.length] ?? 'DESPACHO',
      naturaleza:
        nivel === 'DIRECTIVO' ? 'LIBRE NOMBRAMIENTO Y REMOCIÓN' : 'CARRERA ADMINISTRATIVA',
      interno: `${e.codigoSigep}-${String(i + 1).padStart(3, '0')}`,
      cargos,
      provistos: { permanente: filled - encargos - temporal, temporal, transitoria: 0 },
      encargos,
      vacanciaDefinitiva,
      vacanciaTemporal,
    };
  });
}

/** Bodies that have a planta and no vinculaciones, and the other way round: both happen. */
export const tieneServidores = (world: World, e: EntidadSemilla): boolean =>
  rand(world.seed, 'sigep-sin-servidores', e.codigoSigep) >= 0.03;
export const tienePlanta = (world: World, e: EntidadSemilla): boolean =>
  rand(world.seed, 'sigep-sin-planta', e.codigoSigep) >= 0.02;
