import { pick, rand, randInt } from '../../hash.js';
import type { EntidadSemilla, World } from '../../seed.js';
import type { Row, SodaDataset } from '../../soda/dataset.js';
import { plantaDe, tieneServidores, type EmpleoSemilla } from './plantas.js';

const PUBLISHED = '2026-04-09T11:20:31.000Z';
const TEXT =
  'numerodeidentificacion nombre sexo iddepartamentodenacimiento departamentodenacimiento ' +
  'idmunicipiodenacimiento municipiodenacimiento mesesdeexperienciapublico mesesdeexperienciaprivado ' +
  'mesesdeexperienciadocente mesesdeexperienciaindependiente niveleducativo codigosigep nombreentidad orden ' +
  'idmunicipioentidad naturalezajuridica tipodenombramiento niveljerarquicoempleo denominacionempleoactual ' +
  'dependenciaempleoactual asignacionbasicasalarial';
const EDUCATION = [
  'BACHILLERATO',
  'BACHILLERATO;TÉCNICA PROFESIONAL',
  'PREGRADO',
  'PREGRADO;ESPECIALIZACIÓN',
];
const SALARY: Readonly<Record<string, number>> = {
  DIRECTIVO: 7_900_000,
  ASESOR: 6_100_000,
  PROFESIONAL: 4_300_000,
  TÉCNICO: 2_700_000,
  ASISTENCIAL: 1_600_000,
};
/** Persons per post that have a row: the extract covers about a fifth of the State. */
const MOST_PER_POST = 20;
/** Some copies of the register lost the zeros of the code on their way. */
const LOST_ZEROS = 0.02;

/** The columns that a question for counts needs; the same object is yielded for all persons of a group. */
interface Vinculo {
  readonly e: EntidadSemilla;
  readonly empleo: EmpleoSemilla;
  readonly tipo: string;
  readonly servidores: number;
}

const withCommas = (amount: number): string => String(amount).replace(/\B(?=(\d{3})+$)/g, ',');

function vinculosDe(world: World, e: EntidadSemilla): Vinculo[] {
  if (!tieneServidores(world, e)) return [];
  return plantaDe(world, e).flatMap((empleo): Vinculo[] => {
    const { permanente, temporal } = empleo.provistos;
    const kinds: readonly (readonly [string, number])[] = [
      [empleo.naturaleza, permanente + empleo.encargos],
      ['PROVISIONAL', temporal],
    ];
    return kinds
      .filter(([, n]) => n > 0)
      .map(([tipo, n]) => ({ e, empleo, tipo, servidores: Math.min(n, MOST_PER_POST) }));
  });
}

/** What does not depend on the person. */
function groupRow(world: World, { e, empleo, tipo }: Vinculo): Row {
  const lost = rand(world.seed, 'sigep-ceros', e.codigoSigep, empleo.interno) < LOST_ZEROS;
  return {
    codigosigep: lost ? String(Number(e.codigoSigep)) : e.codigoSigep,
    nombreentidad: e.nombres.sigep,
    orden: 'TERRITORIAL',
    idmunicipioentidad: e.municipio === '' ? undefined : e.divipola,
    naturalezajuridica: e.clase === 'ALCALDIA' ? 'ALCALDÍA' : undefined,
    tipodenombramiento: tipo,
    // This extract writes TECNICO, the reports TÉCNICO.
    niveljerarquicoempleo: empleo.nivel.normalize('NFD').replace(/\p{Diacritic}/gu, ''),
    denominacionempleoactual: empleo.denominacion,
    dependenciaempleoactual: empleo.dependencia,
  };
}

/** An invented person; `nombre` holds the number again, as the publisher's redaction left it. */
function personRow(world: World, base: Row, v: Vinculo, n: number): Row {
  const key = [world.seed, 'sigep-persona', v.empleo.interno, v.tipo, n] as const;
  const document = String(randInt(1_000_000_000, 1_199_999_999, ...key));
  const salary =
    Math.round(((SALARY[v.empleo.nivel] ?? 2e6) * (0.9 + 0.2 * rand(...key))) / 100) * 100;
  const months = (what: string): string => String(randInt(0, 240, ...key, what));
  const day = String(randInt(1, 28, ...key, 'dia')).padStart(2, '0');
  const born = rand(...key, 'cuna') < 0.9;
  return {
    ...base,
    numerodeidentificacion: document,
    nombre: document,
    sexo: rand(...key, 'sexo') < 0.5 ? 'FEMENINO' : 'MASCULINO',
    iddepartamentodenacimiento: born ? String(Number(v.e.divipola.slice(0, 2))) : undefined,
    departamentodenacimiento: born ? v.e.departamento : undefined,
    idmunicipiodenacimiento: born ? v.e.divipola : undefined,
    municipiodenacimiento: born ? v.e.municipio : undefined,
    mesesdeexperienciapublico: months('publico'),
    mesesdeexperienciaprivado: months('privado'),
    mesesdeexperienciadocente: months('docente'),
    mesesdeexperienciaindependiente: months('independiente'),
    niveleducativo: pick(EDUCATION, ...key, 'estudio'),
    asignacionbasicasalarial: withCommas(salary),
    fecha_de_vinculaci_n: `${randInt(1990, 2025, ...key, 'anio')}-03-${day}T00:00:00.000`,
  };
}

/** A row whose person columns are computed only when somebody looks at them: counts of the nation look at none. */
function lazyRow(world: World, base: Row, v: Vinculo, n: number): Row {
  let whole: Row | undefined;
  return new Proxy(base, {
    get: (target, name) => {
      if (typeof name !== 'string') return undefined;
      if (name in target) return target[name];
      whole ??= personRow(world, base, v, n);
      return whole[name];
    },
    ownKeys: () => Reflect.ownKeys((whole ??= personRow(world, base, v, n))),
    getOwnPropertyDescriptor: (_target, name) => ({
      value: (whole ??= personRow(world, base, v, n))[String(name)],
      enumerable: true,
      configurable: true,
      writable: true,
    }),
  });
}

/** The public extract `2jzx-383z`: a row per servant. Its publisher closed it once: the control door withdraws it. */
export function createServidoresPublicos(world: World): SodaDataset {
  let known: readonly { readonly base: Row; readonly v: Vinculo }[] | undefined;
  const vinculos = () =>
    (known ??= world.entidades
      .flatMap((e) => vinculosDe(world, e))
      .map((v) => ({ base: groupRow(world, v), v })));
  return {
    id: '2jzx-383z',
    name: 'Conjunto servidores públicos',
    columns: [
      ...TEXT.split(' ').map((name) => ({ name, type: 'text' as const })),
      { name: 'fecha_de_vinculaci_n', type: 'calendar_date' as const },
    ],
    index: ['codigosigep'],
    updatedAt: PUBLISHED,
    ordered: true,
    *rows(pushdown) {
      let id = 0;
      for (const { base, v } of vinculos()) {
        const first = id;
        id += v.servidores;
        if (!pushdown.accepts('codigosigep', base.codigosigep)) continue;
        for (let n = 0; n < v.servidores; n++) {
          const row = lazyRow(world, base, v, n);
          yield pushdown.wantsId ? { ...row, ':id': first + n } : row;
        }
      }
    },
  };
}
