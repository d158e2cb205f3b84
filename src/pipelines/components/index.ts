import type { Component } from '../component.ts'

/** The components that come with Fiable. Adding one is one file, one line here, one test. */
export const builtInComponents: readonly Component[] = []
