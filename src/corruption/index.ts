import type { Params } from '../data/params.ts'
import type { Corruption } from './corruption.ts'
import { exactDuplicates } from './exact-duplicates.ts'
import { explicitNulls } from './explicit-nulls.ts'

/** Every built-in corruption, by dimension; the benign changes last. Adding one is one file, one line here, one test. */
export const corruptions: readonly Corruption<Params>[] = [exactDuplicates, explicitNulls]
