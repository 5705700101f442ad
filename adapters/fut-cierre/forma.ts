import type { ChipForma } from '../shared/chip/forma.js';

/** SITUACION_FISCAL: thirteen columns of money, in the order of the form. */
const MONTOS = {
  cajaBancos: { libro: ['SALDO EN CAJA Y BANCOS'] },
  encargosFiduciarios: { libro: ['SALDO EN ENCARGOS FIDUCIARIOS'] },
  patrimoniosAutonomos: { libro: ['SALDO EN PATRIMONIOS AUTONOMOS'] },
  inversionesTemporales: { libro: ['INVERSIONES TEMPORALES'] },
  disponibilidades: { libro: ['TOTAL DISPONIBILIDADES'] },
  recursosTerceros: { libro: ['RECURSOS DE TERCEROS'] },
  chequesNoCobrados: { libro: ['CHEQUES NO COBRADOS'] },
  cuentasPorPagarVigencia: { libro: ['CUENTAS POR PAGAR DE LA VIGENCIA'] },
  cuentasPorPagarAnteriores: { libro: ['CXP DE VIGENCIAS ANTERIORES'] },
  otrasExigibilidades: { libro: ['OTRAS EXIGIBILIDADES'] },
  reservasPresupuestales: { libro: ['RESERVAS PRESUPUESTALES'] },
  exigibilidades: { libro: ['TOTAL EXIGIBILIDADES Y RESERVAS'] },
  superavit: { libro: ['SUPERAVIT O DEFICIT'] },
};

export const SITUACION_FISCAL: ChipForma = {
  formulario: 'SITUACION_FISCAL',
  nombres: ['SITUACION_FISCAL', 'CIERRE_FISCAL'],
  textos: {},
  montos: MONTOS,
  layouts: [['codigo', ...Object.keys(MONTOS)]],
  detalle: null,
  dimensiones: [],
  bloque: null,
  unica: true,
};
