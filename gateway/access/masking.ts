import type { Group, Row, Top } from '../../adapters/contract.js';
import type { Registro } from '../../schema/registro.js';
import type { Alcance } from '../rows/context.js';
import type { AnyOutcome } from '../rows/outcome.js';

const hiddenCampos = new WeakMap<Registro, readonly string[]>();

function personalCampos(registro: Registro): readonly string[] {
  let campos = hiddenCampos.get(registro);
  if (campos === undefined) {
    campos = Object.keys(registro.campos).filter(
      (name) => registro.campos[name]?.clase === 'personal',
    );
    hiddenCampos.set(registro, campos);
  }
  return campos;
}

function maskRow(registro: Registro, campos: readonly string[], row: Row): Row {
  // Unknown is treated as personal: a document is shown only when the record says that it is no person's.
  if (registro.personalCuando !== undefined && row[registro.personalCuando] === false) return row;
  const masked: Record<string, Row[string]> = { ...row };
  for (const campo of campos) if (campo in masked) masked[campo] = null;
  return masked;
}

/** A total grouped by a personal campo would name people as surely as their records. */
function maskGroup(campos: readonly string[], group: Group): Group {
  if (!campos.some((campo) => campo in group.dims)) return group;
  const dims: Record<string, string | null> = { ...group.dims };
  for (const campo of campos) if (campo in dims) dims[campo] = null;
  return { ...group, dims };
}

/**
 * Takes personal data (Ley 1581 de 2012) out of what a reader without the role of control may see; null where nothing of the
 * registro is personal or all of it may be seen, which is the rule: then no row is looked at.
 */
export function maskFor(
  registro: Registro,
  alcance: Alcance,
): ((outcome: AnyOutcome) => AnyOutcome) | null {
  const campos = personalCampos(registro);
  if (campos.length === 0 || alcance === 'control') return null;
  const maskItem = (item: Row | Group | Top): Row | Group | Top => {
    if ('hasNext' in item && Array.isArray(item.rows)) {
      const top = item as Top;
      return { ...top, rows: top.rows.map((row) => maskRow(registro, campos, row)) };
    }
    return 'dims' in item && typeof item.dims === 'object'
      ? maskGroup(campos, item as Group)
      : maskRow(registro, campos, item as Row);
  };
  return (outcome) =>
    outcome.at === 'found' ? { ...outcome, rows: outcome.rows.map(maskItem) } : outcome;
}
