import { useQuery } from '@tanstack/react-query'
import type { ModelVersionView } from '../../src/api/trace-schemas.ts'
import { registeredQuery } from '../api/run-queries.ts'
import { useWords } from '../language/words.tsx'
import { Failure, Loading } from '../shell/notices.tsx'

/** Versions of the registered models, newest first: what each stands for, how well it tested, and its card. */
export function RegisteredModels() {
  const words = useWords()
  const query = useQuery(registeredQuery)
  return (
    <section className="card" aria-labelledby="models-title">
      <header className="card-head">
        <div>
          <h2 id="models-title">{words.say('models.title')}</h2>
          <p className="muted">{words.say('models.about')}</p>
        </div>
      </header>
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Loading what={words.say('loading.models')} />}
      {query.data?.length === 0 && <p className="muted">{words.say('models.none')}</p>}
      <ul className="model-list">
        {query.data?.map((model) => (
          <li key={`${model.name}@${model.version}`}>
            <ModelLine model={model} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function ModelLine({
  model: { name, version, aliases, metrics, createdMs },
}: {
  readonly model: ModelVersionView
}) {
  const words = useWords()
  const { auroc } = metrics
  return (
    <>
      <a href={`/api/models/${encodeURIComponent(name)}/${version}/card`}>{`${name}@${version}`}</a>
      {aliases.map((alias) => (
        <span key={alias} className="model-alias">
          {alias}
        </span>
      ))}
      <small>
        {auroc !== undefined && `${words.say('models.auroc', { auroc: words.value(auroc, 'number') })} · `}
        {words.ago(createdMs, Date.now())}
      </small>
    </>
  )
}
