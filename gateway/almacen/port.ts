/** The port is declared where its readers are; the gateway only implements it. */
export type {
  CopyRow,
  CopyValue,
  SqlMigration,
  SqlParam,
  SqlSession,
  SqlStore,
  SqlTransaction,
  TransactionOptions,
} from '../../adapters/contract.js';
