import type { SqlMigration } from '../almacen/port.js';

/**
 * Tables of the desmonte. Instants are ISO 8601 text in UTC: they sort as they read, and both engines give them back alike.
 * No table holds a value of a record: only digests, campos and counts.
 */
export const DESMONTE_MIGRATIONS: readonly SqlMigration[] = [
  {
    name: '001-tramos',
    statements: [
      `create table tramo (
        id text primary key, registro text not null, cohorte jsonb not null, viejo text not null, nuevo text not null,
        fase text not null, canary_ppm integer not null, canary_cohorte jsonb, salt text not null,
        mapping_version integer not null, comparator_version integer not null, epoca integer not null,
        fase_desde text not null, creado_en text not null)`,
      // Another salt, cohort or pair of systems would move keys that nobody decided to move.
      `create function tramo_inmutable() returns trigger language plpgsql as $$
        begin
          if new.id <> old.id or new.salt <> old.salt or new.registro <> old.registro or new.cohorte <> old.cohorte
            or new.viejo <> old.viejo or new.nuevo <> old.nuevo or new.epoca <= old.epoca then
            raise exception 'TRAMO_INMUTABLE';
          end if;
          return new;
        end $$`,
      `create trigger tramo_inmutable before update on tramo for each row execute function tramo_inmutable()`,
      // One row: the epoch of all routes. Locking it puts every movement of every instance in one line.
      `create table ruteo_epoca (unica boolean primary key check (unica), epoca integer not null)`,
      `insert into ruteo_epoca (unica, epoca) values (true, 0)`,
      `create table transicion (
        id bigint generated always as identity primary key, tramo text not null references tramo, en text not null,
        personas jsonb not null, automatica boolean not null, desde text not null, hacia text not null,
        epoca_vista integer not null, epoca integer not null, epoca_ruteo integer not null, motivo text not null,
        estado jsonb not null, expediente jsonb)`,
      `create unique index transicion_epoca on transicion (tramo, epoca)`,
      `create table aprobacion (
        tramo text not null references tramo, hacia text not null, epoca integer not null, persona text not null,
        en text not null, motivo text not null, primary key (tramo, hacia, epoca, persona))`,
      `create table instancia (id text primary key, epoca integer not null, latido text not null)`,
    ],
  },
  {
    name: '002-evidencia',
    statements: [
      `create table evidencia (
        id bigint generated always as identity primary key, tramo text not null references tramo, tipo text not null,
        mapping_version integer not null, comparator_version integer not null, epoca integer not null,
        en text not null, valor jsonb not null)`,
      `create index evidencia_ultima on evidencia (tramo, tipo, id desc)`,
      `create table exencion (
        tramo text not null references tramo, requisito text not null, persona text not null, motivo text not null,
        en text not null, vence text not null, primary key (tramo, requisito, persona))`,
      `create table regla (
        id text primary key, tramo text not null references tramo, campo text not null, efecto text not null,
        responsable text not null, motivo text not null, en text not null, vence text not null,
        maximo_ppm integer not null)`,
      `create table comparado (
        tramo text not null, mapping_version integer not null, comparator_version integer not null,
        clave_digest text not null, ruta text not null, clase text not null, regla text, primera text not null,
        ultima text not null, veces integer not null,
        primary key (tramo, mapping_version, comparator_version, clave_digest))`,
      `create table diferencia (
        tramo text not null, mapping_version integer not null, comparator_version integer not null,
        clave_digest text not null, ruta text not null, clase text not null, campos jsonb not null,
        viejo_digest text, nuevo_digest text, origen text not null, primera text not null, ultima text not null,
        veces integer not null, rechequeos integer not null, resuelta text,
        primary key (tramo, mapping_version, comparator_version, clave_digest))`,
      `create table cuarentena (
        tramo text not null, clave_digest text not null, motivo text not null, crudo_digest text not null,
        primera text not null, ultima text not null, veces integer not null, exencion text,
        primary key (tramo, clave_digest))`,
      `create table censo (
        id text primary key, tramo text not null references tramo, mapping_version integer not null,
        comparator_version integer not null, estado text not null, iniciado text not null, terminado text,
        marca_agua text, raiz_viejo text, raiz_nuevo text, conteos jsonb not null)`,
      `create table certificado (
        id text primary key, tramo text not null references tramo, censo text, en text not null, cuerpo jsonb not null,
        firma text)`,
      `create table uso (
        coordenada text not null, cliente text not null, sistema text not null, registro text not null,
        primera text not null, ultima text not null, veces bigint not null,
        primary key (coordenada, cliente, sistema, registro))`,
      `create table incidente (
        id bigint generated always as identity primary key, tramo text not null references tramo, en text not null,
        tipo text not null, detalle jsonb not null)`,
    ],
  },
  {
    name: '003-oscuro',
    statements: ['alter table tramo add column oscuro_desde text'],
  },
  {
    name: '004-ruta-comparada',
    statements: [
      `create table ruta_comparada (
        tramo text not null, mapping_version integer not null, comparator_version integer not null, ruta text not null,
        iguales integer not null, primera text not null, ultima text not null, veces integer not null,
        primary key (tramo, mapping_version, comparator_version, ruta))`,
    ],
  },
  {
    // What a side failed to answer, apart from what was compared: a later answer settles it and loses nothing of it.
    name: '005-falla',
    statements: [
      `create table falla (
        tramo text not null, mapping_version integer not null, comparator_version integer not null,
        clave_digest text not null, clase text not null, primera text not null, ultima text not null,
        veces integer not null, resuelta text,
        primary key (tramo, mapping_version, comparator_version, clave_digest))`,
      `create index falla_abierta on falla (tramo) where resuelta is null`,
      `insert into falla select tramo, mapping_version, comparator_version, clave_digest, clase, primera, ultima, veces
        from comparado where clase in ('new_error', 'legacy_error', 'timeout', 'both_error_equal')`,
      `delete from comparado where clase in ('new_error', 'legacy_error', 'timeout', 'both_error_equal')`,
    ],
  },
  {
    name: '006-demanda',
    statements: [
      `create table demanda (
        tramo text not null, epoca integer not null, hora text not null, preguntas integer not null,
        comparadas integer not null, descartadas integer not null, primary key (tramo, epoca, hora))`,
    ],
  },
];

export const DESMONTE_OWNER = 'desmonte';
