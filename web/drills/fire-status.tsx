import type { FireDrillView } from '../../src/api/schemas.ts'
import { corruptionWords } from '../language/corruption-words.ts'
import { useWords } from '../language/words.tsx'

/** Whether the alarm rang in the last fire drill; loud when it did not. */
export function FireStatus({ fire }: { readonly fire: FireDrillView | null }) {
  const words = useWords()
  if (!fire) return <p className="muted fire">{words.say('fire.none')}</p>
  const silent = fire.trials.filter(({ rang }) => !rang)
  const values = { day: words.day(fire.atMs), rang: fire.rang, count: fire.trials.length }
  if (silent.length === 0) return <p className="fire">{`✓ ${words.say('fire.rang', values)}`}</p>
  const missed = silent.map(({ corruption, columns }) => {
    const name = corruptionWords(corruption, words.language)
    return columns.length > 0
      ? words.say('fire.missed', { corruption: name, column: columns.join(' + ') })
      : name
  })
  return (
    <p className="fire silent" role="alert">
      {`◆ ${words.say('fire.silent', values)} ${missed.join('; ')}`}
    </p>
  )
}
