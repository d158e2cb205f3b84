import { z } from 'zod'
import { dimensions } from '../data/dimension.ts'
import { hybridMembers } from '../data/hybrid.ts'

/** How often people want to be called, as they write it: `2/week`, and per dimension `1/week` or `25 %`. */
export const sensitivity = z.strictObject({
  atMost: z.string().min(1),
  strict: z.boolean().optional(),
  dimensions: z.partialRecord(z.enum(dimensions), z.string().min(1)).optional(),
  /** Shares of the rows that may change without a call, such as `1 %`; those left out are as by default. */
  floors: z.partialRecord(z.enum(dimensions), z.string().min(1)).optional(),
  /** What detectors count for; one left out counts once. */
  weights: z.partialRecord(z.enum(hybridMembers), z.number()).optional(),
})

/** A change needs an author; a page without sign-in says `console`. */
export const author = z.string().trim().min(1).max(200).default('console')

export const setting = z.object({
  version: z.number(),
  sensitivity,
  author: z.string(),
  createdMs: z.number(),
})

/** All versions, the one in force first. */
export const settings = z.object({ inForce: sensitivity, versions: z.array(setting) })

export const outcome = z.object({
  pages: z.number(),
  digest: z.number(),
  /** Null while no two batches have a time. */
  perWeek: z.number().nullable(),
  caught: z.array(z.string()),
  missed: z.array(z.string()),
})

const fate = z.enum(['page', 'digest', 'quiet'])

export const whatIfAnswer = z.object({
  before: outcome,
  after: outcome,
  rung: z.array(z.string()),
  silenced: z.array(z.string()),
  batches: z.number(),
  /** What became of each batch, in the order of arrival, and what would. */
  fatesBefore: z.array(fate),
  fates: z.array(fate),
})

export type SensitivityView = z.infer<typeof sensitivity>
export type SettingView = z.infer<typeof setting>
export type SettingsView = z.infer<typeof settings>
export type OutcomeView = z.infer<typeof outcome>
export type WhatIfView = z.infer<typeof whatIfAnswer>
