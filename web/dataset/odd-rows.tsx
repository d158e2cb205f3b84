import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { RowExplanation, VerdictSummary } from '../../src/api/schemas.ts'
import { modelsQuery, oddRowsQuery, startTraining, trainingQuery } from '../api/queries.ts'
import { useWords } from '../language/words.tsx'
import { Failure, Loading } from '../shell/notices.tsx'

interface OddRowsProps {
  readonly dataset: string
  readonly verdict: VerdictSummary
}

/** The oddest rows of a batch, told on demand by the dataset's row model; or the way to train one. */
export function OddRows({ dataset, verdict }: OddRowsProps) {
  const words = useWords()
  const models = useQuery({ ...modelsQuery(dataset), retry: false })
  const [asked, ask] = useState<string | null>(null)
  if (!models.data) return null
  return (
    <section className="odd-rows" aria-label={words.say('odd.title')}>
      <h3>{words.say('odd.title')}</h3>
      {models.data.length === 0 ? (
        <TrainModel dataset={dataset} />
      ) : asked === verdict.batch ? (
        <Oddest dataset={dataset} verdict={verdict} />
      ) : (
        <button type="button" onClick={() => ask(verdict.batch)}>
          {words.say('odd.show')}
        </button>
      )}
    </section>
  )
}

function TrainModel({ dataset }: { readonly dataset: string }) {
  const words = useWords()
  const client = useQueryClient()
  const training = useQuery(trainingQuery(dataset))
  const start = useMutation({
    mutationFn: () => startTraining(dataset),
    onSuccess: (job) => client.setQueryData(['training', dataset], job),
  })
  const job = training.data
  const isDone = job?.state === 'done'
  useEffect(() => {
    if (isDone) void client.invalidateQueries({ queryKey: ['models', dataset] })
  }, [client, dataset, isDone])
  if (start.error) return <Failure error={start.error} onRetry={() => start.mutate()} />
  if (job?.state === 'running') return <Loading what={words.say('odd.training')} />
  return (
    <>
      <p className="muted">{job?.error ? job.error.message : words.say('odd.noModel')}</p>
      <button type="button" onClick={() => start.mutate()}>
        {words.say('odd.train')}
      </button>
    </>
  )
}

function Oddest({ dataset, verdict }: OddRowsProps) {
  const words = useWords()
  const query = useQuery({ ...oddRowsQuery(dataset, verdict.batch, verdict.judgedMs), retry: false })
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  if (!query.data) return <Loading what={words.say('odd.loading')} />
  const { oddFraction, rows, isInSample, oddest } = query.data
  return (
    <>
      <p className="muted">
        {words.say('odd.share', {
          share: words.value(oddFraction, 'percent'),
          looked: rows.looked,
          of: rows.of,
        })}
        {isInSample && ` ${words.say('odd.inSample')}`}
      </p>
      <ol>
        {worthShowing(oddest).map((row, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity, and never move.
          <OddRow key={i} row={row} columns={query.data.columns} />
        ))}
      </ol>
    </>
  )
}

/** Nats of the 1 % line of clean rows. */
const ONE_PERCENT = Math.log(100)
/** Rows shown even when they are below it. */
const SHOWN_ANYWAY = 3

const worthShowing = (rows: RowExplanation['oddest']): RowExplanation['oddest'] =>
  rows.filter(({ score }, i) => score > ONE_PERCENT || i < SHOWN_ANYWAY)

interface OddRowProps {
  readonly row: RowExplanation['oddest'][number]
  readonly columns: readonly string[]
}

function OddRow({ row, columns }: OddRowProps) {
  const words = useWords()
  const suspects = new Set(row.suspects.map(({ column }) => column))
  const [similar] = row.similar
  const order = [...columns.keys()].sort((a, b) => rankOf(columns[a]!) - rankOf(columns[b]!))
  function rankOf(column: string): number {
    return suspects.has(column) ? [...suspects].indexOf(column) : suspects.size
  }
  return (
    <li>
      <p>
        <b>{words.say('finding.surprise', { value: words.score(row.score) })}</b>{' '}
        {row.suspects.length === 0 && words.say('odd.whole')}
        {row.suspects.map(({ column, value, expected }) => (
          <span key={column} className="suspect">
            ◆{' '}
            {words.say(expected === null ? 'odd.suspect' : 'odd.suspectExpected', {
              column,
              value: value ?? '∅',
              expected: expected ?? '',
            })}
          </span>
        ))}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls, and the keyboard must reach it. */}
      <div className="table-scroll" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col" />
              {order.map((c) => (
                <th
                  key={columns[c]}
                  scope="col"
                  className={suspects.has(columns[c]!) ? 'offending' : undefined}
                >
                  {columns[c]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <Cells name={words.say('odd.row')} cells={row.cells} order={order} offending={suspects.size} />
            {similar && <Cells name={words.say('odd.alike')} cells={similar} order={order} offending={0} />}
          </tbody>
        </table>
      </div>
    </li>
  )
}

interface CellsProps {
  readonly name: string
  readonly cells: readonly (string | null)[]
  /** Places of the cells, in the order shown. */
  readonly order: readonly number[]
  /** How many of the first ones are at fault. */
  readonly offending: number
}

const Cells = ({ name, cells, order, offending }: CellsProps) => (
  <tr>
    <th scope="row">{name}</th>
    {order.map((c, place) => (
      <td key={c} className={place < offending ? 'offending' : undefined}>
        {cells[c] ?? <span className="null">∅</span>}
      </td>
    ))}
  </tr>
)
