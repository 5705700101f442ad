import { loadCatalog, type Catalog } from './catalog.js';
import { hash53, rand } from './hash.js';

/** Who reports: a legal person of a territory, with its codes and its name as each system spells it. */
export interface EntidadSemilla {
  readonly clase: 'ALCALDIA' | 'GOBERNACION' | 'CONCEJO' | 'PERSONERIA' | 'ESE';
  /** Five digits; a governorate carries `DD000`. */
  readonly divipola: string;
  readonly departamento: string;
  readonly municipio: string;
  readonly codigoChip: string;
  /** Nine digits, without check digit. */
  readonly nit: string;
  readonly digitoVerificacion: string;
  /** Text of four digits or more, leading zeros kept. */
  readonly codigoSigep: string;
  readonly poblacion: number;
  readonly categoria: string;
  readonly nombres: NombresEntidad;
}

export interface NombresEntidad {
  readonly chip: string;
  readonly sigep: string;
  readonly secop: string;
  readonly piip: string;
  /** Registered name, capitals. */
  readonly razonSocial: string;
}

export interface World {
  readonly seed: string;
  readonly escala: 'normal' | 'nacional';
  readonly catalog: Catalog;
  readonly entidades: readonly EntidadSemilla[];
  /** The mayoralties and governorates, which report the budget. */
  readonly territoriales: readonly EntidadSemilla[];
  readonly porChip: ReadonlyMap<string, EntidadSemilla>;
  readonly porDivipola: ReadonlyMap<string, EntidadSemilla>;
}

/** The vigencias are fixed: the sandbox never looks at the clock. */
export const VIGENCIAS_CUIPO = [2023, 2024, 2025] as const;

const NIT_WEIGHTS = [3, 7, 13, 17, 19, 23, 29, 37, 41];
const NIT_SPACE = 99_999_989;
const SIGEP_STEP = 3;

/** Check digit of a NIT (DIAN, modulo 11). */
export function nitCheckDigit(nit: string): string {
  const sum = Array.from(nit)
    .reverse()
    .reduce((s, d, i) => s + Number(d) * (NIT_WEIGHTS[i] ?? 0), 0);
  const rest = sum % 11;
  return String(rest > 1 ? 11 - rest : rest);
}

function withoutAccents(text: string): string {
  return text.normalize('NFD').replace(/\p{Diacritic}/gu, '');
}

const SMALL_WORDS = new Set(['de', 'del', 'la', 'las', 'los', 'el', 'y']);

function titleCase(text: string): string {
  return text
    .toLowerCase()
    .replace(/\p{L}+/gu, (w, at: number) =>
      at > 0 && SMALL_WORDS.has(w) ? w : w.charAt(0).toUpperCase() + w.slice(1),
    );
}

interface Draft {
  readonly clase: EntidadSemilla['clase'];
  readonly divipola: string;
  readonly departamento: string;
  readonly municipio: string;
  readonly codigoChip: string;
  readonly poblacion: number;
  readonly categoria: string;
  readonly nombreChip: string;
}

function namesOf(draft: Draft): NombresEntidad {
  const place = draft.municipio;
  const plain = withoutAccents(place).toUpperCase();
  const secop = (kind: string): string => `${kind} DE ${plain}`;
  switch (draft.clase) {
    case 'ALCALDIA':
      return {
        chip: draft.nombreChip,
        sigep: `ALCALDÍA DE ${place.toUpperCase()}`,
        secop: `${draft.departamento.toUpperCase()} - ALCALDÍA MUNICIPIO DE ${place.toUpperCase()}`,
        piip: `${titleCase(place)}${titleCase(draft.departamento)}`,
        razonSocial: secop('MUNICIPIO'),
      };
    case 'GOBERNACION':
      return {
        chip: `Departamento de ${draft.nombreChip}`,
        sigep: `GOBERNACIÓN DE ${draft.departamento.toUpperCase()}`,
        secop: `${draft.departamento.toUpperCase()} - GOBERNACIÓN`,
        piip: titleCase(draft.departamento),
        razonSocial: `DEPARTAMENTO DE ${withoutAccents(draft.departamento).toUpperCase()}`,
      };
    case 'CONCEJO':
    case 'PERSONERIA': {
      const kind = draft.clase === 'CONCEJO' ? 'CONCEJO MUNICIPAL' : 'PERSONERÍA MUNICIPAL';
      return {
        chip: `${titleCase(kind)} de ${titleCase(place)}`,
        sigep: `${kind} DE ${place.toUpperCase()}`,
        secop: `${kind} ${place.toUpperCase()}`,
        piip: titleCase(place),
        razonSocial: secop(withoutAccents(kind)),
      };
    }
    case 'ESE':
      return {
        chip: `E.S.E. Hospital Local de ${titleCase(place)}`,
        sigep: `EMPRESA SOCIAL DEL ESTADO HOSPITAL DE ${place.toUpperCase()}`,
        secop: `ESE HOSPITAL ${place.toUpperCase()}`,
        piip: titleCase(place),
        razonSocial: secop('ESE HOSPITAL'),
      };
  }
}

function finish(seed: string, draft: Draft, index: number): EntidadSemilla {
  const offset = hash53(`${seed}|nit`) % 1000;
  const nit = String(800_000_000 + (((index + 1 + offset) * 48_271) % NIT_SPACE));
  return {
    clase: draft.clase,
    divipola: draft.divipola,
    departamento: draft.departamento,
    municipio: draft.municipio,
    codigoChip: draft.codigoChip,
    poblacion: draft.poblacion,
    categoria: draft.categoria,
    nit,
    digitoVerificacion: nitCheckDigit(nit),
    codigoSigep: String(SIGEP_STEP * index + 11).padStart(4, '0'),
    nombres: namesOf(draft),
  };
}

function draftsOf(seed: string, catalog: Catalog): Draft[] {
  const names = new Map(catalog.territorios.map((t) => [t.codigo, t]));
  const people = (code: string): number => catalog.poblacion.get(code) ?? 5000;
  const byDepartment = (code: string): number =>
    catalog.territorios
      .filter((t) => t.codigoDepartamento === code)
      .reduce((sum, t) => sum + people(t.codigo), 0);
  const alcaldias = catalog.chipMunicipios.map((m): Draft => {
    const territory = names.get(m.divipola);
    return {
      clase: 'ALCALDIA',
      divipola: m.divipola,
      departamento: territory?.departamento ?? m.departamento,
      municipio: territory?.nombre ?? m.nombre,
      codigoChip: m.codigoChip,
      poblacion: people(m.divipola),
      categoria: m.categoria,
      nombreChip: m.nombre,
    };
  });
  const gobernaciones = catalog.chipDepartamentos.map((d): Draft => {
    const name = catalog.territorios.find((t) => t.codigoDepartamento === d.codigo)?.departamento;
    return {
      clase: 'GOBERNACION',
      divipola: `${d.codigo}000`,
      departamento: name ?? d.nombre,
      municipio: '',
      codigoChip: d.codigoChip,
      poblacion: byDepartment(d.codigo),
      categoria: '',
      nombreChip: d.nombre,
    };
  });
  return [...alcaldias, ...gobernaciones, ...alcaldias.flatMap((a) => satellites(seed, a))];
}

/** Some other bodies of a municipality; their CHIP codes do not carry the DIVIPOLA. */
function satellites(seed: string, alcaldia: Draft): Draft[] {
  const kinds: readonly (readonly [Draft['clase'], number, number])[] = [
    ['CONCEJO', 0.3, 230_000_000],
    ['PERSONERIA', 0.3, 240_000_000],
    ['ESE', 0.4, 260_000_000],
  ];
  return kinds.flatMap(([clase, share, base]) => {
    if (rand(seed, 'satelite', clase, alcaldia.divipola) >= share) return [];
    const codigoChip = String(base + Number(alcaldia.divipola) * 37 + 5);
    return [{ ...alcaldia, clase, codigoChip }];
  });
}

export function createWorld(seed: string, escala: World['escala'] = 'normal'): World {
  const catalog = loadCatalog();
  const entidades = draftsOf(seed, catalog).map((d, i) => finish(seed, d, i));
  const territoriales = entidades.filter(
    (e) => e.clase === 'ALCALDIA' || e.clase === 'GOBERNACION',
  );
  return {
    seed,
    escala,
    catalog,
    entidades,
    territoriales,
    porChip: new Map(entidades.map((e) => [e.codigoChip, e])),
    porDivipola: new Map(territoriales.map((e) => [e.divipola, e])),
  };
}

/** Territories, systems and vigencias that carry a real export: nothing is generated for them. */
const REAL: Readonly<Record<string, readonly number[]>> = {
  'cuipo/05091': [2025],
  'cuipo/05145': [2021, 2022, 2023],
  'fut/05091': [2024, 2025],
  'fut/05400': [2019],
  'fut/54250': [2019],
  'erp/05001': [2025],
};

export function tieneExportacionReal(
  sistema: string,
  territorio: string,
  vigencia: number,
): boolean {
  return REAL[`${sistema}/${territorio}`]?.includes(vigencia) ?? false;
}
