import { readFileSync } from 'node:fs';
import { hash53, randInt, splitExact } from '../hash.js';
import { jsonReply, type Reply } from '../http.js';
import type { World } from '../seed.js';
import type { SandboxSystem } from '../system.js';

/** SICODIS as its clients know it: one entity per call, two spellings of the year, padded names, amounts at times as text. */
const BASE = '/apiws/ApiSicodisNew';
const ANIOS = [2021, 2022, 2023, 2024, 2025, 2026];
/** The numbers of the bienios are those of a database table: nobody can compute them. */
const BIENIOS: readonly (readonly [number, string])[] = [
  [7, '2021 - 2022'],
  [6, '2023 - 2024'],
  [8, '2025 - 2026'],
];

/** Share of each participación, in thousandths, and its details. */
const SGP: readonly (readonly [string, string, number, readonly string[]])[] = [
  ['0101', 'Educación', 585, ['Prestación de Servicios', 'Calidad Matrícula', 'Calidad Gratuidad']],
  ['0102', 'Salud', 245, ['Régimen Subsidiado', 'Salud Pública', 'Subsidio a la Oferta']],
  ['0103', 'Agua Potable', 54, []],
  ['0104', 'Propósito General', 96, ['Libre Destinación', 'Deporte', 'Cultura', 'Libre Inversión']],
  ['0105', 'FONPET Asignaciones Especiales', 12, []],
  ['0106', 'Alimentación Escolar', 6, []],
  ['0107', 'Ribereños', 2, []],
];
const SGR: readonly (readonly [string, string])[] = [
  ['1.1.1', '20% Asignaciones Directas'],
  ['1.1.3', '5% Asignaciones Directas Anticipadas'],
  ['1.3.1', 'Asignación para la Inversión Local según NBI y cuarta, quinta y sexta categoría'],
  ['1.3.2', 'Asignación para la Inversión Local - Ambiente y Desarrollo Sostenible'],
];
const GRUPOS: Readonly<Record<string, string>> = {
  '1': 'INVERSIÓN',
  '1.1': 'Asignaciones Directas',
  '1.3': 'Asignación para la Inversión Local',
};

const EXPORTS = new URL('../exports/', import.meta.url);
/** The saved answers keep their own digits: they are cut out of the text, never parsed as numbers. */
const readExport = (name: string): string => readFileSync(new URL(name, EXPORTS), 'utf8');

interface Lugar {
  readonly codigo: string;
  readonly nombre: string;
  readonly poblacion: number;
}

function placesOf({ catalog }: World): ReadonlyMap<string, Lugar> {
  const people = (codigo: string): number => catalog.poblacion.get(codigo) ?? 5000;
  const places = catalog.territorios.map(({ codigo, nombre, tipo }): Lugar => {
    // Areas without municipality receive through their department.
    return { codigo, nombre, poblacion: tipo === 'municipio' ? people(codigo) : 0 };
  });
  const departments = catalog.chipDepartamentos.map(({ codigo, nombre }): Lugar => {
    const own = places.filter((place) => place.codigo.startsWith(codigo));
    return { codigo: `${codigo}000`, nombre, poblacion: own.reduce((n, p) => n + p.poblacion, 0) };
  });
  return new Map([...departments, ...places].map((place) => [place.codigo, place]));
}

function createSgp(world: World, places: ReadonlyMap<string, Lugar>) {
  const totalOf = ({ codigo, poblacion }: Lugar, anio: number): number =>
    poblacion * randInt(900_000, 1_600_000, world.seed, 'sgp', codigo, anio);

  const rowsOf = (place: Lugar, anio: number): unknown[] => {
    const total = totalOf(place, anio);
    if (total === 0) return [];
    // Which spelling comes depends on the entity, as if two programs answered.
    const year = hash53(place.codigo) % 2 === 0 ? { anio } : { annio: String(anio) };
    const row = (id: string, concepto: string, amount: number) => ({
      ...year,
      id_concepto: id,
      concepto: concepto.padEnd(100),
      total: hash53(`${place.codigo}${id}`) % 7 === 0 ? String(amount) : amount,
    });
    const parts = splitExact(
      total,
      SGP.map(([, , share]) => share),
    );
    const rows = SGP.flatMap(([id, nombre, , details], at) => {
      const amount = parts[at] ?? 0;
      const below = splitExact(
        amount,
        details.map((_, n) => n + 1),
      );
      return [
        row(id, nombre, amount),
        ...details.map((name, n) => row(`${id}0${String(n + 1)}`, name, below[n] ?? 0)),
      ];
    });
    return [row('99', 'Total SGP', total), ...rows];
  };

  const general = (anio: number) => {
    const totals = [...places.values()].map((place) => totalOf(place, anio));
    const distributed = totals.reduce((sum, total) => sum + BigInt(total), 0n);
    return `{"anio":${String(anio)},"total_distribuido":${String(distributed)},"porcentaje_avance_str":"100%"}`;
  };
  return { rowsOf, general };
}

/** Cents are kept apart from pesos, so that sums of large amounts stay exact. */
const amount = (cents: bigint): string => {
  const text = String(cents).padStart(3, '0');
  return `${text.slice(0, -2)}.${text.slice(-2)}`;
};

function createSgr(world: World) {
  const centsOf = ({ codigo, poblacion }: Lugar, id: number): number =>
    poblacion * randInt(40_000, 90_000, world.seed, 'sgr', codigo, id) * 10 +
    (hash53(codigo) % 100);

  const row = (categoria: string, concepto: string, total: bigint): string => {
    const caja = (total * 3n) / 4n;
    const otros = total / 5n;
    return (
      `{"categoria":"${categoria}","concepto":${JSON.stringify(concepto)},` +
      `"presupuesto_total_vigente":${amount(total)},"presupuesto_corriente":${amount(total - otros)},` +
      `"presupuesto_otros":${amount(otros)},"caja_corriente_informada":${amount(caja - otros)},` +
      `"caja_otros":${amount(otros)},"caja_total":${amount(caja)},"avance_iac_presupuesto":0.75}`
    );
  };

  const rowsOf = (place: Lugar, id: number): string => {
    const total = centsOf(place, id);
    if (place.poblacion === 0) return '[]';
    const parts = splitExact(total, [40, 10, 35, 15]).map(BigInt);
    const leaves = SGR.map(([categoria, nombre], at) => ({
      categoria,
      nombre,
      cents: parts[at] ?? 0n,
    }));
    const groups = Object.entries(GRUPOS).map(([categoria, nombre]) => {
      const below = leaves.filter((leaf) => leaf.categoria.startsWith(`${categoria}.`));
      return { categoria, nombre, cents: below.reduce((sum, leaf) => sum + leaf.cents, 0n) };
    });
    const rows = [...groups, ...leaves].map((each) => row(each.categoria, each.nombre, each.cents));
    return `[${[row('total', 'TOTAL SGR (incluye aforado y no aforado)', BigInt(total)), ...rows].join(',')}]`;
  };
  return { rowsOf, row };
}

const textReply = (body: string): Reply => ({
  status: 200,
  headers: { 'Content-Type': 'application/json;charset=utf-8' },
  body: [body],
});

/** National budget and cash of 2025-2026 are those of the saved answer, digit by digit. */
function nationOf(): string {
  const saved = readExport('sicodis_sgr_resumen_agregado.json');
  const digits = (name: string): string =>
    new RegExp(`"totalesNacionales":\\{.*?"${name}":([\\d.]+)`).exec(saved)?.[1] ?? '0';
  return (
    `[{"categoria":"total","concepto":"TOTAL SGR (incluye aforado y no aforado)",` +
    `"presupuesto_total_vigente":${digits('presupuestoTotal')},"caja_total":${digits('cajaTotal')},` +
    `"avance_iac_presupuesto":${digits('avanceTotal')}}]`
  );
}

export const sicodis: SandboxSystem = {
  sistema: 'sicodis',
  rest(world) {
    const places = placesOf(world);
    const sgp = createSgp(world, places);
    const sgr = createSgr(world);
    const nation = nationOf();
    const placeOf = (codigo: string | undefined): Lugar | undefined => places.get(codigo ?? '');
    const departments = [...places.values()].filter(({ codigo }) => codigo.endsWith('000'));
    const named = (list: readonly Lugar[]) =>
      jsonReply(
        200,
        list.map(({ codigo, nombre }) => ({ codigo, nombre: nombre.padEnd(100) })),
      );
    const below = (codigo: string) =>
      named(
        [...places.values()].filter(
          (p) => p.codigo.startsWith(codigo.slice(0, 2)) && p.codigo !== codigo,
        ),
      );
    const routes: readonly (readonly [RegExp, (...parts: string[]) => Reply])[] = [
      [
        /^\/sgp\/vigencias$/,
        () =>
          jsonReply(
            200,
            ANIOS.map((anio) => ({ anio })),
          ),
      ],
      [/^\/(?:sgp|sgr)\/departamentos$/, () => named(departments)],
      // The capital R is in the real path.
      [/^\/(?:sgp|sgR)\/municipios_departamentos\/(\w+)$/, below],
      [/^\/sgp\/resumen_general\/(\d{4})$/, (anio = '') => textReply(sgp.general(Number(anio)))],
      [
        /^\/sgp\/resumen_participaciones\/(\d{4})\/\w+\/(\w+)$/,
        (anio, codigo) => {
          const place = placeOf(codigo);
          const known = place !== undefined && ANIOS.includes(Number(anio));
          return jsonReply(200, known ? sgp.rowsOf(place, Number(anio)) : []);
        },
      ],
      [
        /^\/sgr\/vigencias$/,
        () =>
          jsonReply(
            200,
            BIENIOS.map(([id_vigencia, vigencia]) => ({ id_vigencia, vigencia })),
          ),
      ],
      [/^\/sgr\/resumen_pto_recaudo\/8\/1\/0$/, () => textReply(nation)],
      [
        /^\/sgr\/resumen_pto_recaudo\/(\d+)\/1\/0$/,
        () => textReply(`[${sgr.row('total', 'TOTAL SGR', 100n)}]`),
      ],
      [
        /^\/sgr\/resumen_pto_recaudo\/(\d+)\/7\/(\w+)$/,
        (id, codigo) => {
          const place = placeOf(codigo);
          const known = place !== undefined && BIENIOS.some(([number]) => number === Number(id));
          return textReply(known ? sgr.rowsOf(place, Number(id)) : '[]');
        },
      ],
      [/^\/sgr\/entidades$/, () => textReply(readExport('sicodis_sgr_entidades.json'))],
      [/^\/sgrfun\/siglas$/, () => textReply(readExport('sicodis_sgr_siglas_diccionario.json'))],
      [
        /^\/sgrfun\/distribuciones\/total$/,
        () => textReply(readExport('sicodis_sgr_funcionamiento_muestra.json')),
      ],
    ];
    return ({ pathname }) => {
      const path = pathname.startsWith(BASE) ? pathname.slice(BASE.length) : pathname;
      for (const [pattern, answer] of routes) {
        const match = pattern.exec(path);
        if (match !== null) return answer(...match.slice(1));
      }
      return undefined;
    };
  },
};
