import { pick, rand, randInt } from '../../hash.js';
import { nitCheckDigit, type World } from '../../seed.js';
import type { Row } from '../../soda/dataset.js';

/** Suppliers. Every person and company is made up and says so in its name. */

const PERSON_TYPES = ['Cédula de Ciudadanía', 'Cédula de Ciudadanía', 'Cédula de Extranjería'];
const MAX_COMPANIES = 4_000;

export function supplierOf({ seed }: World, id: string): Row {
  const kind = rand(seed, 'proveedor', id);
  if (kind < 0.03) return sinProveedor();
  if (kind < 0.6) return person(seed, id, kind < 0.05);
  return company(seed, id, kind > 0.92);
}

const sinProveedor = (): Row => ({
  tipodocproveedor: 'No Definido',
  documento_proveedor: 'No Definido',
  proveedor_adjudicado: 'No Definido',
  es_grupo: 'No',
  es_pyme: 'No',
  codigo_proveedor: 'No Definido',
});

/** A trader who is a person has a NIT too: the cédula. */
function person(seed: string, id: string, isTrader: boolean): Row {
  const number = randInt(1, 9_999_999, seed, 'persona', id);
  return {
    tipodocproveedor: isTrader ? 'NIT' : pick(PERSON_TYPES, seed, 'documento', id),
    documento_proveedor: String(1_000_000_000 + number),
    proveedor_adjudicado: `PERSONA FICTICIA ${number}`,
    es_grupo: 'No',
    es_pyme: 'No',
    codigo_proveedor: String(720_000_000 + number),
  };
}

function company(seed: string, id: string, isGroup: boolean): Row {
  const number = randInt(1, MAX_COMPANIES, seed, 'empresa', id);
  const nit = String(901_990_000 + number);
  const hasGluedDigit = rand(seed, 'digito', id) < 0.08;
  return {
    tipodocproveedor: isGroup && number % 2 === 0 ? 'Otro' : 'NIT',
    documento_proveedor: hasGluedDigit ? `${nit}${nitCheckDigit(nit)}` : nit,
    proveedor_adjudicado: isGroup
      ? `CONSORCIO FICTICIO ${number}`
      : `EMPRESA FICTICIA ${number} S.A.S.`,
    es_grupo: isGroup ? 'Si' : 'No',
    es_pyme: number % 3 === 0 ? 'Si' : 'No',
    codigo_proveedor: String(710_000_000 + number),
  };
}

/** The columns that identify natural persons: they are published, and no reader should ask for them. */
export function personalColumns({ seed }: World, id: string): Row {
  const number = randInt(1, 9_999_999, seed, 'funcionario', id);
  const officer = (role: string): Row => ({
    [`nombre_${role}`]: `PERSONA FICTICIA ${number}`,
    [`tipo_de_documento_${role}`]: 'Cédula de Ciudadanía',
    [`n_mero_de_documento_${role}`]: String(1_000_000_000 + number),
  });
  return {
    nombre_representante_legal: `PERSONA FICTICIA ${number + 1}`,
    nacionalidad_representante_legal: 'CO',
    domicilio_representante_legal: `CALLE FICTICIA ${number % 100} # 0-00`,
    tipo_de_identificaci_n_representante_legal: 'Cédula de Ciudadanía',
    identificaci_n_representante_legal: String(1_000_000_001 + number),
    g_nero_representante_legal: 'No Definido',
    nombre_del_banco: number % 4 === 0 ? 'BANCO FICTICIO' : 'No Definido',
    tipo_de_cuenta: number % 4 === 0 ? 'Ahorros' : 'No Definido',
    n_mero_de_cuenta: number % 4 === 0 ? `000000${number}` : 'No Definido',
    ...officer('ordenador_del_gasto'),
    ...officer('supervisor'),
    ...officer('ordenador_de_pago'),
  };
}
