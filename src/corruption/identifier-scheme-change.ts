import { changeTexts, defineCorruption, isText } from './corruption.ts'

/** Identifiers get a prefix, after a migration for instance. */
export const identifierSchemeChange = defineCorruption({
  name: 'identifier-scheme-change',
  summary: 'Identifiers follow a new scheme.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) => isText(column!),
  spoil: (spoiling) => changeTexts(spoiling, (text) => `v2-${text.toLowerCase()}`),
})
