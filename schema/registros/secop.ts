import { codigo, defineRegistro, dinero, fecha, logico, texto } from '../registro.js';

/**
 * SECOP II, the transactional part of public procurement (Ley 80 de 1993, Ley 1150 de 2007). The source overwrites: a
 * contract is what it is today, with its value after additions.
 */

/** Conjunto «SECOP II - Contratos Electrónicos». */
export const Contrato = defineRegistro({
  nombre: 'Contrato',
  sistema: 'secop',
  clave: ['id'],
  /** Known by the entity but not by the id: a contract by id asks every owner. */
  ruta: ['nitEntidad'],
  accesos: {
    porId: { claves: ['id'], cardinalidad: 'uno' },
    porNit: { claves: ['nitEntidad'], cardinalidad: 'muchos' },
  },
  campos: {
    /** `CO1.PCCNTR.n` */
    id: codigo({ nulo: false }),
    referencia: texto(),
    objeto: texto(),
    /** Open list, as published: it mixes the stage with what happened to the contract, in uneven capitals. */
    estado: texto(),
    modalidad: texto(),
    /** Null before the signature; absurd years of the source stay as published. */
    fechaFirma: fecha(),
    /** With additions. Contracts of value 0 exist in the source and are 0 here. */
    valor: dinero(),
    /** Without check digit. */
    nitEntidad: codigo(),
    nitEntidadOriginal: codigo({ comparador: 'ninguno' }),
    nombreEntidad: texto(),
    proveedorNombre: texto({ clase: 'personal' }),
    proveedorDocumento: codigo({ clase: 'personal' }),
    /** Null where the source does not say it: then the supplier is treated as a person. */
    esPersonaNatural: logico(),
  },
  personalCuando: 'esPersonaNatural',
});

/** Conjunto «SECOP II - BPIN por Proceso»: which contracts serve which investment project. */
export const ContratoProyecto = defineRegistro({
  nombre: 'ContratoProyecto',
  sistema: 'secop',
  clave: ['bpin', 'idContrato'],
  ruta: ['bpin'],
  accesos: {
    porBpin: { claves: ['bpin'], cardinalidad: 'muchos' },
    porContrato: { claves: ['idContrato'], cardinalidad: 'muchos' },
  },
  campos: {
    bpin: codigo({ nulo: false }),
    bpinOriginal: codigo({ comparador: 'ninguno' }),
    idContrato: codigo({ nulo: false }),
    idProceso: codigo(),
    /** Whether the BPIN was validated against the bank of projects, as published and as read. */
    validacion: texto(),
    validado: logico(),
  },
});

export const REGISTROS_SECOP = [Contrato, ContratoProyecto] as const;
