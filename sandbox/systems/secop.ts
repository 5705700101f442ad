import { proyectosDe } from '../proyectos.js';
import type { World } from '../seed.js';
import type { Pushdown, Row, SodaDataset } from '../soda/dataset.js';
import type { SandboxSystem } from '../system.js';
import { COLUMNAS } from './secop/columnas.js';
import {
  contratoAt,
  contratoById,
  countOf,
  linkRows,
  rowOf,
  spaceOf,
  type ContratoSemilla,
} from './secop/contratos.js';

/** Published whole every night at 04:41, Colombian time. */
const PUBLISHED = '2026-04-22T09:41:15.735Z';
const PUBLISHED_LINKS = '2026-04-19T11:02:40.000Z';
const LINK_COLUMNS =
  'codigo_bpin anno_bpin id_proceso id_contracto id_portafolio validacion_bpin'.split(' ');
const MAX_LINKS = 2;

function* contratosOf(
  world: World,
  places: Iterable<number>,
  after: number,
): Iterable<ContratoSemilla> {
  const space = spaceOf(world);
  for (const place of places) {
    const entidad = world.entidades[place];
    if (entidad === undefined || (place + 1) * space <= after) continue;
    const count = countOf(world, entidad);
    for (let j = 0; j < count; j++) {
      const contrato = contratoAt(world, place, j);
      if (contrato !== undefined && contrato.index > after) yield contrato;
    }
  }
}

const byId = (world: World, ids: ReadonlySet<string>): ContratoSemilla[] =>
  [...ids].flatMap((id) => contratoById(world, id) ?? []).sort((a, b) => a.index - b.index);

/** Entities that may hold a row: all, or those whose NIT the question accepts in one of its written forms. */
function placesByNit({ entidades }: World, pushdown: Pushdown): number[] {
  return entidades.flatMap(({ nit, digitoVerificacion }, place) =>
    pushdown.accepts('nit_entidad', nit) ||
    pushdown.accepts('nit_entidad', `${nit}${digitoVerificacion}`)
      ? [place]
      : [],
  );
}

const contratos = (world: World): SodaDataset => ({
  id: 'jbjy-vk9h',
  name: 'SECOP II - Contratos Electrónicos',
  columns: COLUMNAS,
  index: ['nit_entidad', 'id_contrato'],
  updatedAt: PUBLISHED,
  ordered: true,
  *rows(pushdown) {
    const ids = pushdown.values('id_contrato');
    const found =
      ids === undefined
        ? contratosOf(world, placesByNit(world, pushdown), pushdown.afterIndex ?? -1)
        : byId(world, ids);
    for (const contrato of found) {
      if (!pushdown.accepts('id_contrato', contrato.id)) continue;
      const row = rowOf(world, contrato);
      yield pushdown.wantsId ? { ...row, ':id': contrato.index } : row;
    }
  },
});

function linksOf(world: World): SodaDataset {
  let places: ReadonlyMap<string, number> | undefined;
  const placeOf = (): ReadonlyMap<string, number> =>
    (places ??= new Map(
      world.entidades.flatMap((entidad, place) =>
        proyectosDe(world, entidad).map(({ bpin }): [string, number] => [bpin, place]),
      ),
    ));
  const candidates = (pushdown: Pushdown): Iterable<ContratoSemilla> => {
    const ids = pushdown.values('id_contracto');
    if (ids !== undefined && !ids.has('No Definido')) return byId(world, ids);
    const bpins = pushdown.values('codigo_bpin');
    if (bpins === undefined || bpins.has('No Definido'))
      return contratosOf(world, world.entidades.keys(), -1);
    const known = new Set([...bpins].flatMap((bpin) => placeOf().get(bpin) ?? []));
    return contratosOf(
      world,
      [...known].sort((a, b) => a - b),
      -1,
    );
  };
  return {
    id: 'd9na-abhe',
    name: 'SECOP II - BPIN por Proceso',
    columns: LINK_COLUMNS.map((name) => ({ name, type: 'text' as const })),
    index: ['codigo_bpin', 'id_contracto'],
    updatedAt: PUBLISHED_LINKS,
    ordered: true,
    *rows(pushdown) {
      for (const contrato of candidates(pushdown)) {
        for (const [at, row] of linkRows(world, contrato).entries()) {
          if (!pushdown.accepts('codigo_bpin', row['codigo_bpin'])) continue;
          const id: Row = pushdown.wantsId ? { ':id': contrato.index * MAX_LINKS + at } : {};
          yield { ...row, ...id };
        }
      }
    },
  };
}

export const secop: SandboxSystem = {
  sistema: 'secop',
  soda: (world) => [contratos(world), linksOf(world)],
};
