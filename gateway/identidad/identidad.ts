import type { CatalogoTerritorial } from '../../schema/catalogos/territorio.js';
import type { Fila } from '../../schema/registro.js';
import { parseDivipola } from '../../schema/values/divipola.js';
import { normalizeName } from '../../schema/values/text.js';
import type { EntidadConocida, Identidad, Vinculo } from '../../subgraphs/subgraph.js';

/** A dated copy of one register of bodies: the CHIP register (5c7g-ptic) or SIGEP's consultaGeneralDeEntidades. */
export interface RegisterSnapshot {
  readonly sistema: 'chip' | 'sigep';
  /** When the register was read, ISO 8601. */
  readonly corte: string;
  readonly rows: readonly Fila[];
}

/** How sure a link is, by how it was made. Declared once; nobody links in silence. */
const CONFIANZA = {
  registroOficial: '1',
  tablaTerritorial: '1',
  nitYTerritorio: '0.95',
  nitYNombre: '0.9',
  nitUnico: '0.8',
  nombreYTerritorio: '0.7',
} as const;

interface Draft {
  readonly nombre: string;
  chip: string | null;
  nit: string | null;
  sigep: string | null;
  orden: string | null;
  naturalezaJuridica: string | null;
  territorio: string | null;
  readonly vinculos: Vinculo[];
}

/**
 * Joins the registers to the catalog of territories. Pure: the same snapshots give the same crosswalk. CHIP and DIVIPOLA
 * come from the versioned catalog and stand even when no register could be read.
 */
export function createIdentidad(
  territorio: CatalogoTerritorial,
  snapshots: readonly RegisterSnapshot[],
): Identidad {
  const drafts = draftsOfCatalog(territorio);
  const corte: Record<string, string | null> = { chip: null, sigep: null };
  for (const snapshot of snapshots) corte[snapshot.sistema] = snapshot.corte;
  const rowsOf = (sistema: RegisterSnapshot['sistema']): readonly Fila[] =>
    snapshots.filter((snapshot) => snapshot.sistema === sistema).flatMap(({ rows }) => rows);
  addChipRegister(drafts, rowsOf('chip'), territorio);
  addSigepRegister(drafts, rowsOf('sigep'), territorio);
  return indexEntidades(drafts.map(finish), corte, territorio);
}

function draftsOfCatalog(territorio: CatalogoTerritorial): Draft[] {
  return [...territorio.municipios, ...territorio.departamentos].flatMap((place) =>
    place.chip === null
      ? []
      : [
          {
            nombre: place.nombre,
            chip: place.chip,
            nit: null,
            sigep: null,
            orden: 'TERRITORIAL',
            naturalezaJuridica: null,
            territorio: place.codigo,
            vinculos: [
              link('chip', place.chip, CONFIANZA.tablaTerritorial, 'tabla CHIP-DIVIPOLA'),
              link('divipola', place.codigo, CONFIANZA.tablaTerritorial, 'DANE, DIVIPOLA'),
            ],
          },
        ],
  );
}

const link = (sistema: string, codigo: string, confianza: string, origen: string): Vinculo => ({
  sistema,
  codigo,
  confianza,
  origen,
});

function addChipRegister(
  drafts: Draft[],
  rows: readonly Fila[],
  territorio: CatalogoTerritorial,
): void {
  const byChip = new Map(drafts.map((draft) => [draft.chip, draft]));
  for (const row of rows) {
    const chip = text(row['codigoChip']);
    if (chip === null) continue;
    const known = byChip.get(chip);
    const draft = known ?? draftOf(text(row['nombre']) ?? chip, placeOf(row, territorio));
    if (known === undefined) {
      draft.chip = chip;
      draft.vinculos.push(
        link('chip', chip, CONFIANZA.registroOficial, 'registro de entidades CHIP'),
      );
      byChip.set(chip, draft);
      drafts.push(draft);
    }
    const nit = text(row['nit']);
    if (nit !== null && draft.nit === null) {
      draft.nit = nit;
      draft.vinculos.push(
        link('nit', nit, CONFIANZA.registroOficial, 'registro de entidades CHIP'),
      );
    }
  }
}

function draftOf(nombre: string, territorio: string | null): Draft {
  return {
    nombre,
    chip: null,
    nit: null,
    sigep: null,
    orden: null,
    naturalezaJuridica: null,
    territorio,
    vinculos: [],
  };
}

function addSigepRegister(
  drafts: Draft[],
  rows: readonly Fila[],
  territorio: CatalogoTerritorial,
): void {
  const byNit = groupBy(drafts, ({ nit }) => nit);
  const alcaldias = new Map(drafts.filter(isOwnBody).map((draft) => [draft.territorio, draft]));
  const seen = new Set<string>();
  for (const row of rows) {
    const sigep = text(row['codigoSigep']);
    if (sigep === null || seen.has(sigep)) continue;
    seen.add(sigep);
    const place = placeOf(row, territorio);
    const found = matchSigep(row, place, byNit, alcaldias);
    // A body has one SIGEP code: the second that would match is a body of its own, never dropped.
    const match = found?.draft.sigep === null ? found : null;
    const draft = match?.draft ?? draftOf(text(row['nombre']) ?? sigep, place);
    if (match === null) drafts.push(draft);
    addSigepRow(draft, sigep, row, match?.confianza ?? CONFIANZA.registroOficial);
  }
}

const ORIGEN_SIGEP = 'SIGEP, consulta general de entidades';

function addSigepRow(draft: Draft, sigep: string, row: Fila, confianza: string): void {
  draft.sigep = sigep;
  draft.orden = text(row['orden']) ?? draft.orden;
  draft.naturalezaJuridica = text(row['naturalezaJuridica']) ?? draft.naturalezaJuridica;
  draft.vinculos.push(link('sigep', sigep, confianza, ORIGEN_SIGEP));
  const nit = text(row['nit']);
  if (draft.nit !== null || nit === null) return;
  draft.nit = nit;
  draft.vinculos.push(link('nit', nit, confianza, ORIGEN_SIGEP));
}

/** How registers name the alcaldía or gobernación itself, and not one of its secretarías. */
const ADMINISTRACION = /^(ALCALDIA|GOBERNACION|MUNICIPIO|DEPARTAMENTO|DISTRITO)\b/;

/**
 * A departamento and its secretarías share one NIT, so the NIT alone never links a row to an alcaldía or gobernación: its
 * place and what it is must agree too. Where one other body has it, it links with less confidence.
 */
function matchSigep(
  row: Fila,
  place: string | null,
  byNit: ReadonlyMap<string, readonly Draft[]>,
  alcaldias: ReadonlyMap<string | null, Draft>,
): { draft: Draft; confianza: string } | null {
  const candidates = byNit.get(text(row['nit']) ?? '') ?? [];
  const nombre = normalizeName(text(row['nombre']) ?? '');
  const naturaleza = normalizeName(text(row['naturalezaJuridica']) ?? '');
  const isAlcaldia = naturaleza === 'ALCALDIA';
  const isOwn = isAlcaldia || naturaleza === 'GOBERNACION' || ADMINISTRACION.test(nombre);
  const samePlace = candidates.filter(({ territorio }) => place !== null && territorio === place);
  const ownBody = samePlace.find(isOwnBody);
  if (ownBody !== undefined && isOwn) {
    return { draft: ownBody, confianza: CONFIANZA.nitYTerritorio };
  }
  const sameName = candidates.find((draft) => normalizeName(draft.nombre) === nombre);
  if (sameName !== undefined) return { draft: sameName, confianza: CONFIANZA.nitYNombre };
  const [only] = candidates;
  if (candidates.length === 1 && only !== undefined && !isOwnBody(only)) {
    return { draft: only, confianza: CONFIANZA.nitUnico };
  }
  const alcaldia = alcaldias.get(place);
  if (isAlcaldia && alcaldia !== undefined && candidates.length === 0) {
    return { draft: alcaldia, confianza: CONFIANZA.nombreYTerritorio };
  }
  return null;
}

/** The alcaldía or gobernación itself: the catalog of territories names its CHIP code. */
const isOwnBody = ({ vinculos }: Draft): boolean =>
  vinculos.some(({ sistema }) => sistema === 'divipola');

function placeOf(row: Fila, territorio: CatalogoTerritorial): string | null {
  const dane = text(row['codigoDane']);
  const parsed = dane === null ? null : parseDivipola(dane);
  if (
    parsed !== null &&
    !('error' in parsed) &&
    territorio.territorio(parsed.codigo) !== undefined
  ) {
    return parsed.codigo;
  }
  const departamento = text(row['departamento']);
  if (departamento === null) return null;
  const municipio = text(row['municipio']);
  const found =
    municipio === null
      ? territorio.departamentoPorNombre(departamento)
      : territorio.porNombre(departamento, municipio);
  return found?.codigo ?? null;
}

const text = (value: Fila[string]): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

function finish(draft: Draft): EntidadConocida {
  const { chip, nit, sigep } = draft;
  let id = `nit:${nit ?? ''}`;
  if (chip !== null) id = `chip:${chip}`;
  else if (sigep !== null) id = `sigep:${sigep}`;
  return { id, ...draft };
}

function indexEntidades(
  entidades: readonly EntidadConocida[],
  corte: Readonly<Record<string, string | null>>,
  territorio: CatalogoTerritorial,
): Identidad {
  const byId = indexBy(entidades, ({ id }) => id);
  const byChip = indexBy(entidades, ({ chip }) => chip);
  const bySigep = indexBy(entidades, ({ sigep }) => sigep);
  const byNit = groupBy(entidades, ({ nit }) => nit);
  const byTerritorio = groupBy(entidades, (entidad) => entidad.territorio);
  const byChipOf = (chip: string | null | undefined): EntidadConocida | null =>
    chip === null || chip === undefined ? null : (byChip.get(chip) ?? null);
  return {
    byId: (id) => byId.get(id) ?? null,
    byChip: (chip) => byChip.get(chip) ?? null,
    bySigep: (codigo) => bySigep.get(codigo) ?? null,
    // Of the bodies that share a NIT the one that reports budget answers.
    byNit: (nit) => {
      const sharing = byNit.get(nit) ?? [];
      return (
        sharing.find(({ chip }) => territorio.porChip(chip ?? '') !== undefined) ??
        sharing[0] ??
        null
      );
    },
    alcaldia: (municipio) => byChipOf(territorio.municipio(municipio)?.chip),
    gobernacion: (departamento) => byChipOf(territorio.departamento(departamento)?.chip),
    entidadesDe: (codigo) => byTerritorio.get(codigo) ?? [],
    corte,
  };
}

function indexBy<T>(items: readonly T[], keyOf: (item: T) => string | null): Map<string, T> {
  const index = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    if (key !== null && !index.has(key)) index.set(key, item);
  }
  return index;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string | null): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
