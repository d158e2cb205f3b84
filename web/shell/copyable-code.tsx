import { useRef, useState } from 'react'
import { useWords } from '../language/words.tsx'

interface CopyableCodeProps {
  readonly code: string
  readonly label: string
  readonly name: string
}

/** Text to take elsewhere. Where the clipboard is refused, the text is selected instead. */
export function CopyableCode({ code, label, name }: CopyableCodeProps) {
  const words = useWords()
  const ref = useRef<HTMLElement>(null)
  const [done, setDone] = useState<'copied' | 'selected' | null>(null)
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(code)
      setDone('copied')
    } catch {
      if (ref.current) window.getSelection()?.selectAllChildren(ref.current)
      setDone('selected')
    }
  }
  return (
    <div className="copyable">
      <pre title={name}>
        <code ref={ref}>{code}</code>
      </pre>
      <button type="button" onClick={() => void copy()} onBlur={() => setDone(null)}>
        <span aria-live="polite">{done ? words.say(`rows.${done}`) : label}</span>
      </button>
    </div>
  )
}
