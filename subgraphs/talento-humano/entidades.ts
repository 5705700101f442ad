import type { EntidadConocida, FieldEnv, Node } from '../subgraph.js';
import { textOf } from '../shared/arguments.js';

/** The bodies whose posts a node shows. */
export interface Cuerpos {
  /** SIGEP codes of those that SIGEP knows. */
  readonly codigos: readonly string[];
  /** How many bodies there are, known to SIGEP or not. */
  readonly total: number;
  /** DIVIPOLA of those that SIGEP doesn't know. */
  readonly sinCodigo: readonly string[];
  readonly divipolaOf: (codigoSigep: string) => string;
}

export const entidadOfMunicipio = ({ codigo }: Node, env: FieldEnv): EntidadConocida | null =>
  env.identidad.alcaldia(textOf(codigo));

export const entidadOfEntidad = ({ id }: Node, env: FieldEnv): EntidadConocida | null =>
  env.identidad.byId(textOf(id));

/** The alcaldías of a departamento: its gobernación is a body of its own, never added to them. */
export const alcaldiasOfDepartamento = ({ codigo }: Node, env: FieldEnv): Cuerpos =>
  alcaldiasOf(env.territorio.departamento(textOf(codigo))?.municipios ?? [], env);

export const alcaldiasOfRegion = ({ id }: Node, env: FieldEnv): Cuerpos =>
  alcaldiasOf(env.territorio.region(textOf(id))?.municipios ?? [], env);

function alcaldiasOf(municipios: readonly string[], env: FieldEnv): Cuerpos {
  const divipolaBySigep = new Map<string, string>();
  const sinCodigo: string[] = [];
  let total = 0;
  for (const municipio of municipios) {
    const alcaldia = env.identidad.alcaldia(municipio);
    if (alcaldia === null) continue;
    total++;
    if (alcaldia.sigep === null) sinCodigo.push(municipio);
    else divipolaBySigep.set(alcaldia.sigep, municipio);
  }
  return {
    codigos: [...divipolaBySigep.keys()],
    total,
    sinCodigo,
    divipolaOf: (codigoSigep) => divipolaBySigep.get(codigoSigep) ?? codigoSigep,
  };
}
