import type { FieldEnv, Node } from '../subgraph.js';
import { textOf } from '../shared/arguments.js';
import type { Entidades } from './presupuesto.js';

/** Which CHIP entities stand behind a node. Territories without a body of their own are left out. */
export const chipOfMunicipio = ({ codigo }: Node, env: FieldEnv): string | null =>
  env.territorio.municipio(textOf(codigo))?.chip ?? null;

export const chipOfEntidad = ({ id }: Node, env: FieldEnv): string | null =>
  env.identidad.byId(textOf(id))?.chip ?? null;

export const entidadesOfDepartamento = ({ codigo }: Node, env: FieldEnv): Entidades =>
  entidadesOf(env.territorio.departamento(textOf(codigo))?.municipios ?? [], env);

export const entidadesOfRegion = ({ id }: Node, env: FieldEnv): Entidades =>
  entidadesOf(env.territorio.region(textOf(id))?.municipios ?? [], env);

function entidadesOf(municipios: readonly string[], env: FieldEnv): Entidades {
  const codigoByChip = new Map<string, string>();
  for (const codigo of municipios) {
    const chip = env.territorio.municipio(codigo)?.chip;
    if (chip != null) codigoByChip.set(chip, codigo);
  }
  return { chips: [...codigoByChip.keys()], codigoOf: (chip) => codigoByChip.get(chip) ?? chip };
}
