interface NamedValuesProps {
  readonly title: string
  readonly values: Readonly<Record<string, unknown>>
}

/** Values by name, as they are written in a command; nothing when there are none. */
export function NamedValues({ title, values }: NamedValuesProps) {
  const entries = Object.entries(values)
  if (entries.length === 0) return null
  return (
    <section>
      <h3>{title}</h3>
      <dl className="named-values">
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{textOf(value)}</code>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

const textOf = (value: unknown): string =>
  typeof value === 'string' && value !== '' ? value : JSON.stringify(value)
