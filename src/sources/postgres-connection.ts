import type { Client } from 'pg'
import { FiableError, messageOf } from '../data/errors.ts'
import { systemCode } from './file-stamp.ts'
import { PASSWORD_FIX } from './place-secrets.ts'

/** A database address whose password stays out of every message. */
export interface Address {
  /** With the password: for the driver only. */
  readonly url: string
  /** `postgresql://host:port/database`, for users. */
  readonly shown: string
  /** Takes the password out of a text. */
  readonly redact: (text: string) => string
}

/**
 * Reads a `postgresql://` URL.
 *
 * @throws FiableError BAD_CONFIG when it is none; the message does not repeat it.
 */
export function readAddress(url: string): Address {
  // The error of `new URL` carries its input, so it must not become a cause.
  if (!URL.canParse(url))
    throw new FiableError(
      'BAD_CONFIG',
      'The postgresql:// URL of data cannot be parsed.',
      'Write it as postgresql://user:password@host:5432/database, with special characters of the password as %XX.',
    )
  const parsed = new URL(url)
  const secrets = [parsed.password, decoded(parsed.password), parsed.searchParams.get('password') ?? '']
  return {
    url,
    shown: `postgresql://${parsed.host || 'localhost'}${parsed.pathname}`,
    redact: (text) =>
      secrets
        .filter((secret) => secret !== '')
        .reduce((each, secret) => each.replaceAll(secret, '•••'), text),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    if (cause instanceof URIError) return text
    throw cause
  }
}

const CONNECT_TIMEOUT_MS = 10_000
/** A statement may take this long unless the URL says `?statement_timeout=…`. */
const STATEMENT_TIMEOUT_MS = 600_000

/** Makes the texts of values, and so hashes, the same whatever the server's and user's settings. */
const SETTINGS = `SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601';
  SET extra_float_digits = 1; SET bytea_output = 'hex'`

/**
 * Does work within one read-only, repeatable-read transaction: all its queries see the same rows.
 *
 * @throws FiableError DATABASE_UNREACHABLE when there is no connection, or it is lost; DATABASE_FAILED for an error of
 * the database.
 */
export async function inTransaction<T>(address: Address, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(address)
  // Without a listener, a connection that dies between queries would end the process; the next query reports it.
  client.on('error', () => undefined)
  try {
    await client.query(SETTINGS)
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const done = await work(client)
    await client.query('COMMIT')
    return done
  } catch (cause) {
    throw databaseError(address, cause)
  } finally {
    // A connection that is already lost cannot be ended; why it was lost is what the caller learns.
    await client.end().catch(() => undefined)
  }
}

async function connect(address: Address): Promise<Client> {
  const { default: pg } = await import('pg')
  const timeout = new URL(address.url).searchParams.has('statement_timeout')
  const options = { connectionTimeoutMillis: CONNECT_TIMEOUT_MS, application_name: 'fiable' }
  try {
    const client = new pg.Client({
      connectionString: address.url,
      ...options,
      ...(timeout ? {} : { statement_timeout: STATEMENT_TIMEOUT_MS }),
      // Values as PostgreSQL's own text: exact, and cast by DuckDB.
      types: { getTypeParser: () => (text: unknown) => text },
    })
    await client.connect()
    return client
  } catch (cause) {
    throw unreachable(address, cause)
  }
}

/** No password was given, or not the right one: SQL states of class 28, and the driver's text for none. */
const isRefused = (cause: unknown): boolean =>
  /^28/.test(systemCode(cause) ?? '') || /password must be a string|no password/i.test(messageOf(cause))

const lacksPassword = (address: Address, cause: unknown): boolean =>
  isRefused(cause) && new URL(address.url).password === ''

const unreachable = (address: Address, cause: unknown): FiableError =>
  new FiableError(
    'DATABASE_UNREACHABLE',
    `No connection to ${address.shown}: ${address.redact(reason(cause))}.`,
    lacksPassword(address, cause)
      ? `Passwords written out in a URL are never stored. ${PASSWORD_FIX}`
      : 'Check host, port, database, user and password of the URL, and that the server runs and may be reached from here.',
    { cause: withoutSecrets(address, cause) },
  )

/** An AggregateError (one per address tried) has no message of its own. */
const reason = (cause: unknown): string =>
  cause instanceof AggregateError ? cause.errors.map(messageOf).join('; ') : messageOf(cause)

const withoutSecrets = (address: Address, cause: unknown): Error =>
  new Error(address.redact(reason(cause)), systemCode(cause) ? { cause: systemCode(cause) } : undefined)

/** Lost connections: SQL states of class 08 and 57P0x, codes of sockets, and the driver's own texts. */
const isLost = (cause: unknown): boolean =>
  /^(08|57P0)|^E(CONN|PIPE|TIMEDOUT|HOST|NET)/.test(systemCode(cause) ?? '') ||
  /connection terminated|connection error|not queryable/i.test(messageOf(cause))

/** What failed within a transaction, without secrets. */
export function databaseError(address: Address, cause: unknown): FiableError {
  if (cause instanceof FiableError) return cause
  if (isLost(cause))
    return new FiableError(
      'DATABASE_UNREACHABLE',
      `The connection to ${address.shown} was lost: ${address.redact(reason(cause))}. Nothing was kept.`,
      'Check that the server runs, then run again.',
      { cause: withoutSecrets(address, cause) },
    )
  const state = systemCode(cause)
  return new FiableError(
    'DATABASE_FAILED',
    `${address.shown} refused a query: ${address.redact(messageOf(cause))}${state ? ` (SQL state ${state})` : ''}.`,
    fixOf(state),
    { cause: withoutSecrets(address, cause) },
  )
}

function fixOf(state: string | null): string {
  if (state === '42P01') return 'Set table to one that exists, as schema.table in its exact case.'
  if (state === '42501') return 'Grant this user SELECT on the table.'
  if (state === '57014')
    return 'Raise the limit with ?statement_timeout=<ms> in the URL, or index the column of by.'
  return 'Correct the query or table of this source, and try it with psql.'
}
