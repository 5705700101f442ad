import type { Municipio } from '../../schema/catalogos/territorio.js';
import { normalizeName } from '../../schema/values/text.js';
import type { Args, FieldEnv, Node } from '../subgraph.js';
import { InputProblem } from '../subgraph.js';
import { checkKnownDepartamento, textOf } from '../shared/arguments.js';
import { checkFirst, decodeCursor, pageOf, toConnection } from '../shared/connection.js';
import { municipioNode } from '../shared/entities.js';

/** The catalog moves with an edition of DIVIPOLA, which comes with a new release. */
const VERSION = 'divipola';

export function filterMunicipios(
  filtro: Args | null | undefined,
  env: FieldEnv,
): readonly Municipio[] {
  if (filtro === null || filtro === undefined) return env.territorio.municipios;
  const tests = testsOf(filtro, env);
  return env.territorio.municipios.filter((municipio) => tests.every((test) => test(municipio)));
}

type Test = (municipio: Municipio) => boolean;

function testsOf(filtro: Args, env: FieldEnv): Test[] {
  const { departamento, region, categoria, nombreContiene, poblacionMinima, poblacionMaxima } =
    filtro;
  const tests: Test[] = [];
  if (departamento != null) {
    const codigo = checkKnownDepartamento(departamento, env, 'departamento');
    tests.push((municipio) => municipio.departamento === codigo);
  }
  if (region != null) {
    const members = new Set(membersOf(textOf(region), env));
    tests.push(({ codigo }) => members.has(codigo));
  }
  if (categoria != null) {
    const wanted = new Set(categoria as readonly string[]);
    tests.push((municipio) => municipio.categoria !== null && wanted.has(municipio.categoria));
  }
  if (nombreContiene != null) {
    const part = normalizeName(textOf(nombreContiene));
    tests.push(({ nombre }) => normalizeName(nombre).includes(part));
  }
  if (poblacionMinima != null) tests.push((m) => (people(m, env) ?? -1) >= Number(poblacionMinima));
  if (poblacionMaxima != null) {
    tests.push((m) => (people(m, env) ?? Infinity) <= Number(poblacionMaxima));
  }
  return tests;
}

function membersOf(id: string, env: FieldEnv): readonly string[] {
  const region = env.territorio.region(id);
  if (region === undefined) {
    throw new InputProblem({
      codigo: 'REGION_DESCONOCIDA',
      mensaje: 'No hay una región con ese id.',
      campo: 'region',
      ejemplo: 'SGR:RE001',
    });
  }
  return region.municipios;
}

const people = ({ codigo }: Municipio, env: FieldEnv): number | null =>
  env.territorio.poblacion(codigo, Number(env.hoy.slice(0, 4)));

/** Every order ends in the code, so that pages are stable. */
export function sortMunicipios(
  municipios: readonly Municipio[],
  orden: unknown,
  env: FieldEnv,
): readonly string[] {
  const byCodigo = (a: Municipio, b: Municipio): number => (a.codigo < b.codigo ? -1 : 1);
  const sorted = [...municipios];
  if (orden === 'NOMBRE') {
    const names = new Intl.Collator('es');
    sorted.sort((a, b) => names.compare(a.nombre, b.nombre) || byCodigo(a, b));
  } else if (orden === 'POBLACION_DESC') {
    sorted.sort((a, b) => (people(b, env) ?? -1) - (people(a, env) ?? -1) || byCodigo(a, b));
  } else sorted.sort(byCodigo);
  return sorted.map(({ codigo }) => codigo);
}

export function connectMunicipios(codigos: readonly string[], args: Args, max: number): Node {
  const first = checkFirst(args['first'], max);
  const after = decodeCursor(args['after']);
  const page = pageOf(codigos, { first, after, version: VERSION }, (codigo) => codigo);
  return toConnection(page, municipioNode, (codigo) => ({ values: [codigo], version: VERSION }));
}
