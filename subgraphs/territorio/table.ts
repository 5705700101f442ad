import type { EsquemaRegional, Region } from '../../schema/catalogos/territorio.js';
import { parseChip } from '../../schema/values/chip.js';
import { parseNit } from '../../schema/values/nit.js';
import type { Args, EntidadConocida, Field, FieldEnv, Node, Table } from '../subgraph.js';
import { InputProblem, Reason } from '../subgraph.js';
import { checkDepartamento, checkMunicipio, unknownDivipola } from '../shared/arguments.js';
import { MAX_FIRST_MUNICIPIOS } from '../shared/connection.js';
import {
  departamentoNode,
  entidadNode,
  municipioNode,
  regionNode,
  territorioNode,
} from '../shared/entities.js';
import { connectMunicipios, filterMunicipios, sortMunicipios } from './municipios.js';

/** Everything here is in memory: the territory costs no call and no stage. */
const municipioOf = (env: FieldEnv, { codigo }: Node) => {
  const municipio = env.territorio.municipio(String(codigo));
  if (municipio === undefined) throw unknownDivipola(String(codigo));
  return municipio;
};
const departamentoOf = (env: FieldEnv, { codigo }: Node) => {
  const departamento = env.territorio.departamento(String(codigo));
  if (departamento === undefined) throw unknownDivipola(String(codigo));
  return departamento;
};
const regionOf = (env: FieldEnv, { id }: Node): Region => {
  const region = env.territorio.region(String(id));
  if (region === undefined) throw unknownRegion(String(id));
  return region;
};
const entidadOf = (env: FieldEnv, { id }: Node): EntidadConocida => {
  const entidad = env.identidad.byId(String(id));
  if (entidad === null) throw unknownEntidad();
  return entidad;
};

const unknownRegion = (id: string): InputProblem =>
  new InputProblem({
    codigo: 'REGION_DESCONOCIDA',
    mensaje: `No hay una región ${id.slice(0, 60)} en ese esquema.`,
    campo: 'codigo',
    ejemplo: 'RE001',
  });
const EJEMPLO_DE_CODIGO: Readonly<Partial<Record<string, string>>> = {
  codigoChip: '219105091',
  nit: '890905211-1',
  codigoSigep: '0012',
};

const unknownEntidad = (campo = 'codigoChip'): InputProblem =>
  new InputProblem({
    codigo: 'ENTIDAD_DESCONOCIDA',
    mensaje: 'Ningún registro conoce una entidad con ese código.',
    campo,
    ejemplo: EJEMPLO_DE_CODIGO[campo] ?? '',
  });

const ofMunicipio = (pick: (municipio: ReturnType<typeof municipioOf>) => unknown): Field => ({
  value: (node, _args, env) => pick(municipioOf(env, node)),
});
const ofDepartamento = (
  pick: (departamento: ReturnType<typeof departamentoOf>) => unknown,
): Field => ({
  value: (node, _args, env) => pick(departamentoOf(env, node)),
});
const ofRegion = (pick: (region: Region) => unknown): Field => ({
  value: (node, _args, env) => pick(regionOf(env, node)),
});
const ofEntidad = (pick: (entidad: EntidadConocida) => unknown): Field => ({
  value: (node, _args, env) => pick(entidadOf(env, node)),
});

const poblacion: Field = {
  value: ({ codigo }, { anio }, env) => {
    const year = typeof anio === 'number' ? anio : Number(env.hoy.slice(0, 4));
    return (
      env.territorio.poblacion(String(codigo), year) ??
      new Reason(
        'SIN_PROYECCION',
        `El DANE no publica población de ${String(codigo)} para ${year}.`,
      )
    );
  },
};

const entidadOrReason = (entidad: EntidadConocida | null): Node | Reason =>
  entidad === null
    ? new Reason('SIN_ENTIDAD', 'El territorio no tiene una entidad propia que reporte.')
    : entidadNode(entidad.id);

export const table: Table = {
  Query: {
    municipio: {
      value: (_root, { codigo }, env) => {
        const checked = checkMunicipio(codigo);
        if (env.territorio.municipio(checked) === undefined) throw unknownDivipola(checked);
        return municipioNode(checked);
      },
    },
    municipios: {
      value: (_root, args, env) =>
        connectMunicipios(
          sortMunicipios(filterMunicipios(args['filtro'] as Args | null, env), args['orden'], env),
          args,
          MAX_FIRST_MUNICIPIOS,
        ),
    },
    departamento: {
      value: (_root, { codigo }, env) => {
        const checked = checkDepartamento(codigo);
        if (env.territorio.departamento(checked) === undefined) throw unknownDivipola(checked);
        return departamentoNode(checked);
      },
    },
    departamentos: {
      value: (_root, _args, env) =>
        env.territorio.departamentos.map(({ codigo }) => departamentoNode(codigo)),
    },
    region: {
      value: (_root, { esquema, codigo }, env) => {
        const id = `${String(esquema)}:${String(codigo)}`;
        if (env.territorio.region(id) === undefined) throw unknownRegion(id);
        return regionNode(id);
      },
    },
    regiones: {
      value: (_root, { esquema }, env) =>
        env.territorio.regiones
          .filter((region) => region.esquema === esquema)
          .map(({ id }) => regionNode(id)),
    },
    entidad: { value: (_root, args, env) => findEntidad(args, env) },
    sistemas: { value: (_root, _args, env) => env.sistemas() },
  },
  Municipio: {
    nombre: ofMunicipio(({ nombre }) => nombre),
    tipo: ofMunicipio(({ tipo }) => tipo),
    categoria: ofMunicipio(({ categoria }) => categoria),
    latitud: ofMunicipio(({ latitud }) => latitud),
    longitud: ofMunicipio(({ longitud }) => longitud),
    poblacion,
    departamento: ofMunicipio(({ departamento }) => departamentoNode(departamento)),
    alcaldia: {
      value: ({ codigo }, _args, env) => entidadOrReason(env.identidad.alcaldia(String(codigo))),
    },
    entidades: {
      value: ({ codigo }, _args, env) =>
        env.identidad.entidadesDe(String(codigo)).map(({ id }) => entidadNode(id)),
    },
  },
  Departamento: {
    nombre: ofDepartamento(({ nombre }) => nombre),
    capital: ofDepartamento(({ capital }) => municipioNode(capital)),
    municipios: {
      value: (node, args, env) => {
        const members = departamentoOf(env, node).municipios;
        return connectMunicipios(members, args, MAX_FIRST_MUNICIPIOS);
      },
    },
    gobernacion: {
      value: ({ codigo }, _args, env) => entidadOrReason(env.identidad.gobernacion(String(codigo))),
    },
    poblacion,
    regiones: {
      value: ({ codigo }, { esquema }, env) =>
        env.territorio
          .regionesDe(String(codigo))
          .filter((region) => isEsquema(esquema, region.esquema))
          .map(({ id }) => regionNode(id)),
    },
  },
  Region: {
    esquema: ofRegion(({ esquema }) => esquema),
    codigo: ofRegion(({ codigo }) => codigo),
    nombre: ofRegion(({ nombre }) => nombre),
    departamentos: ofRegion(({ departamentos }) => departamentos.map(departamentoNode)),
    municipios: {
      value: (node, args, env) =>
        connectMunicipios(regionOf(env, node).municipios, args, MAX_FIRST_MUNICIPIOS),
    },
  },
  Entidad: {
    nombre: ofEntidad(({ nombre }) => nombre),
    codigoChip: ofEntidad(({ chip }) => chip),
    nit: ofEntidad(({ nit }) => nit),
    codigoSigep: ofEntidad(({ sigep }) => sigep),
    orden: ofEntidad(({ orden }) => orden),
    naturalezaJuridica: ofEntidad(({ naturalezaJuridica }) => naturalezaJuridica),
    territorio: ofEntidad(({ territorio }) =>
      territorio === null ? null : territorioNode(territorio),
    ),
    vinculos: ofEntidad(({ vinculos }) => vinculos),
  },
};

const isEsquema = (asked: unknown, esquema: EsquemaRegional): boolean =>
  asked === undefined || asked === null || asked === esquema;

function findEntidad(args: Args, env: FieldEnv): Node {
  const given = ['codigoChip', 'nit', 'codigoSigep'].filter((name) => args[name] != null);
  const [name] = given;
  if (name === undefined || given.length > 1) {
    throw new InputProblem({
      codigo: 'ARGUMENTO_INVALIDO',
      mensaje: 'Se espera exactamente uno de codigoChip, nit y codigoSigep.',
      campo: 'codigoChip',
      ejemplo: 'entidad(codigoChip: "219105091")',
    });
  }
  const entidad = findByCode(name, String(args[name]), env);
  if (entidad === null) throw unknownEntidad(name);
  return entidadNode(entidad.id);
}

function findByCode(name: string, text: string, env: FieldEnv): EntidadConocida | null {
  if (name === 'codigoSigep') return env.identidad.bySigep(text.padStart(4, '0'));
  if (name === 'nit') {
    const parsed = parseNit(text, name);
    if ('error' in parsed) throw new InputProblem(parsed.error);
    return env.identidad.byNit(parsed.nit);
  }
  const parsed = parseChip(text, name);
  if ('error' in parsed) throw new InputProblem(parsed.error);
  return env.identidad.byChip(parsed.chip);
}
