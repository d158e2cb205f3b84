import type { ApiError } from '../../src/api/schemas.ts'

/** What the server refused, with the next step. */
export class ApiFailure extends Error {
  readonly code: string
  readonly fix: string

  constructor({ code, message, fix }: ApiError) {
    super(message)
    this.name = 'ApiFailure'
    this.code = code
    this.fix = fix
  }
}

/** Asks the server for JSON. Throws `ApiFailure` for its refusals, `TypeError` when it cannot be reached. */
export async function request<T>(path: string, options: RequestInit = {}): Promise<T> {
  const headers = { ...options.headers, accept: 'application/json' }
  return (await (await answerOf(path, { ...options, headers })).json()) as T
}

/** Asks the server for plain text. Throws as `request` does. */
export const requestText = async (path: string, options: RequestInit): Promise<string> =>
  (await answerOf(path, options)).text()

async function answerOf(path: string, options: RequestInit): Promise<Response> {
  const response = await fetch(path, options)
  if (response.ok) return response
  throw new ApiFailure(await errorOf(response))
}

/** Sends JSON, and reads the answer. */
export const send = <T>(path: string, method: 'POST' | 'PUT', body: unknown): Promise<T> =>
  request<T>(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })

async function errorOf(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null)
  if (body !== null && typeof body === 'object' && 'code' in body && 'message' in body && 'fix' in body)
    return body as ApiError
  return {
    code: 'INTERNAL',
    message: `The server answered ${response.status} ${response.statusText}.`,
    fix: 'Look at what the server printed.',
  }
}
