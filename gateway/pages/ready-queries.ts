/** The three queries of the first page and of the README; the planner must run each of them. */
export const READY_QUERIES = [
  {
    titulo: 'Un municipio en todos los sistemas',
    query: `{
  municipio(codigo: "05091") {
    nombre
    presupuesto(vigencia: 2025) {
      periodo
      ingresos { presupuestoDefinitivo recaudo }
      gastos { apropiacion compromisos obligaciones pagos }
    }
    talentoHumano { cargos provistos vacantes }
    transferencias(vigencia: 2025) { sgp { concepto valor } }
    proyectos(first: 3) { edges { node { bpin nombre valorVigente } } }
    contratos(first: 3) { edges { node { id objeto valor } } }
    desempeno(vigencia: 2023) { mdm { indicador valor } }
    cierreFiscal(vigencia: 2025) { envio renglones { codigo nombre superavit } }
  }
}`,
  },
  {
    titulo: 'Del proyecto al gasto y al contrato',
    query: `{
  municipio(codigo: "05250") {
    nombre
    proyectos(first: 5) {
      edges {
        node {
          bpin
          nombre
          gastos { cuenta compromisos obligaciones pagos }
          contratos(first: 3) { edges { node { referencia valor proveedor { nombre } } } }
        }
      }
    }
  }
}`,
  },
  {
    titulo: 'Un departamento, municipio por municipio',
    query: `{
  departamento(codigo: "05") {
    nombre
    presupuesto(vigencia: 2024) { periodo gastos { apropiacion compromisos } cobertura { incluidas total faltantes } }
    municipios(first: 125) {
      edges { node { codigo nombre presupuesto(vigencia: 2024) { gastos { apropiacion compromisos } } } }
    }
  }
}`,
  },
] as const;
