import { FiableError } from '../data/errors.ts'

const SCHEME = /^[a-z]+:\/\//i
const REFERENCE = /\$\{([A-Za-z_]\w*)\}/g

/** The next step for a password that may not be kept. */
export const PASSWORD_FIX = `Write the URL as postgresql://user:\${PGPASSWORD}@host/database and set that variable, or leave the password out and set PGPASSWORD or a line of ~/.pgpass.`

/**
 * A place with every `${NAME}` replaced by that variable of the environment, percent-encoded within a URL.
 *
 * @throws FiableError BAD_CONFIG when a variable is not set.
 */
export function expandReferences(place: string, environment: NodeJS.ProcessEnv): string {
  const isUrl = SCHEME.test(place)
  return place.replaceAll(REFERENCE, (reference, name: string) => {
    const value = environment[name]
    if (value === undefined)
      throw new FiableError(
        'BAD_CONFIG',
        `data refers to ${reference}, but the environment has no ${name}.`,
        `Set it where Fiable runs, for example with export ${name}=…, then run again.`,
      )
    return isUrl ? encodeURIComponent(value) : value
  })
}

/** A place without a password written out in it, in a URL also among its parameters; references stay. */
export function withoutPassword(place: string): string {
  if (!SCHEME.test(place)) return place
  if (!URL.canParse(place)) return place.replace(/:\/\/.*@/s, '://').replace(/\?.*/s, '')
  const url = new URL(place)
  const secrets = [...url.searchParams.keys()].filter((key) => /password/i.test(key))
  const isWritten = url.password !== '' && !isReference(url.password)
  const written = secrets.filter((key) => !isReference(url.searchParams.get(key)!))
  if (!isWritten && written.length === 0) return place
  if (isWritten) url.password = ''
  for (const key of written) url.searchParams.delete(key)
  return url.href.replaceAll(/\$%7B(\w+)%7D/gi, (_, name: string) => `\${${name}}`)
}

/** Parsed URLs hold the braces of a reference percent-encoded. */
const isReference = (text: string): boolean => /^(\$|%24)(\{|%7B)\w+(\}|%7D)$/i.test(text)
