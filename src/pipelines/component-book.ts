import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { FiableError, messageOf } from '../data/errors.ts'
import type { Component } from './component.ts'

/** The components known to a process. */
export interface ComponentBook {
  readonly all: readonly Component[]
  /** The component of that name, of that version when one is given; null when it is not known. */
  find(name: string, version?: string): Component | null
}

export function componentBook(all: readonly Component[]): ComponentBook {
  const byName = new Map(all.map((component) => [component.name, component]))
  return {
    all,
    find(name, version) {
      const found = byName.get(name)
      return found && (version === undefined || found.version === version) ? found : null
    },
  }
}

/**
 * The components that modules export, under any name or in a list.
 *
 * @param modules - Paths of modules, absolute or relative to the working folder.
 * @throws FiableError NOT_READABLE when a module cannot be loaded.
 */
export async function loadComponents(modules: readonly string[]): Promise<readonly Component[]> {
  const exported = await Promise.all(modules.map(load))
  return exported.flatMap((module) => Object.values(module).flat()).filter(isComponent)
}

async function load(module: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(path.resolve(module)).href)) as Readonly<Record<string, unknown>>
  } catch (cause) {
    throw new FiableError(
      'NOT_READABLE',
      `The module ${module} cannot be loaded: ${messageOf(cause)}.`,
      'Check its path and what it imports.',
      { cause },
    )
  }
}

const isComponent = (value: unknown): value is Component =>
  typeof value === 'object' && value !== null && 'run' in value && 'inputs' in value && 'outputs' in value
