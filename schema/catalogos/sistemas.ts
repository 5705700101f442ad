/** The systems in which territorial information lives. They stay in this list after their adapter is deleted. */
export interface Sistema {
  readonly id: string;
  readonly nombre: string;
  readonly entidadResponsable: string;
  /** Its legal basis; null where there is none of its own. */
  readonly norma: string | null;
}

export const SISTEMAS: readonly Sistema[] = [
  {
    id: 'sigep',
    nombre: 'SIGEP: Sistema de Información y Gestión del Empleo Público',
    entidadResponsable: 'Departamento Administrativo de la Función Pública',
    norma: 'Ley 909 de 2004, art. 18; Decreto 1083 de 2015, libro 2, parte 2, título 17',
  },
  {
    id: 'fut',
    nombre: 'FUT: Formulario Único Territorial',
    entidadResponsable: 'Contaduría General de la Nación y Comisión Intersectorial del FUT',
    norma: 'Decreto 3402 de 2007',
  },
  {
    id: 'cuipo',
    nombre: 'CUIPO: Categoría Única de Información del Presupuesto Ordinario',
    entidadResponsable: 'Contraloría General de la República',
    norma: 'Resoluciones Reglamentarias Orgánicas 035 y 040 de 2020 de la Contraloría General',
  },
  {
    id: 'siif',
    nombre: 'SIIF Nación: Sistema Integrado de Información Financiera',
    entidadResponsable: 'Ministerio de Hacienda y Crédito Público',
    norma: 'Decreto 2674 de 2012 (compilado en el Decreto 1068 de 2015)',
  },
  {
    id: 'sicodis',
    nombre: 'SICODIS: Sistema de Información y Consulta de Distribuciones',
    entidadResponsable: 'Departamento Nacional de Planeación',
    norma: 'Ley 715 de 2001 y Ley 1176 de 2007 (SGP); Ley 2056 de 2020 (SGR)',
  },
  {
    id: 'piip',
    nombre: 'PIIP: Plataforma Integrada de Inversión Pública',
    entidadResponsable: 'Departamento Nacional de Planeación',
    norma: 'Decreto 2104 de 2023 (Decreto 1082 de 2015, libro 2, parte 2, título 6)',
  },
  {
    id: 'secop',
    nombre: 'SECOP: Sistema Electrónico para la Contratación Pública',
    entidadResponsable: 'Agencia Nacional de Contratación Pública - Colombia Compra Eficiente',
    norma: 'Ley 1150 de 2007; Decreto-ley 4170 de 2011',
  },
  {
    id: 'mipg',
    nombre:
      'MIPG: Modelo Integrado de Planeación y Gestión (FURAG, índice de desempeño institucional)',
    entidadResponsable: 'Departamento Administrativo de la Función Pública',
    norma: 'Decreto 1499 de 2017 (en el Decreto 1083 de 2015)',
  },
  {
    id: 'mdm',
    nombre: 'MDM: Medición del Desempeño Municipal',
    entidadResponsable: 'Departamento Nacional de Planeación',
    norma: 'Ley 617 de 2000, art. 79; Ley 715 de 2001, art. 90',
  },
  {
    id: 'erp',
    nombre: 'ERP territorial: contabilidad presupuestal propia de cada entidad',
    entidadResponsable: 'Cada entidad territorial',
    norma: null,
  },
];

const BY_ID = new Map(SISTEMAS.map((sistema) => [sistema.id, sistema]));

export const sistemaOf = (id: string): Sistema | undefined => BY_ID.get(id);
