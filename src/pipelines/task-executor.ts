import type { ErrorCode } from '../data/errors.ts'
import type { ExecutionOutputs, ExecutionRecord } from '../tracking/executions.ts'
import type { Component } from './component.ts'
import type { Task } from './plan-tasks.ts'

/** A recorded attempt to be made. */
export interface Job {
  readonly executionId: number
  readonly runId: number
  readonly projectId: number
  readonly task: Task
  readonly component: Component
  /** Epoch of the execution when it was given out; whoever takes it must find it so. */
  readonly epoch: number
}

/** How an attempt ended, as recorded. */
export type JobEnd =
  | { readonly state: 'COMPLETE'; readonly outputs: ExecutionOutputs }
  | { readonly state: 'FAIL' | 'ABORT'; readonly code: ErrorCode; readonly error: string }

/** Where steps run: in children of this process, or on the workers of a fleet. */
export interface TaskExecutor {
  /** Most attempts at once. */
  readonly parallel: number
  /** Makes an attempt and records its end; an aborted signal ends it early. Never throws for what the step does. */
  execute(job: Job, signal: AbortSignal): Promise<JobEnd>
  /** Whether an attempt that an earlier runner of the run began may still be going on somewhere. */
  isAlive(execution: ExecutionRecord): boolean
  close(): Promise<void>
}
