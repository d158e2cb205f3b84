interface MarkProps {
  readonly shape: keyof typeof shapes
  readonly label: string
}

/** A small shape in the colour of what it stands for. */
export function Mark({ shape, label }: MarkProps) {
  return (
    <svg
      className={`mark mark-${shape}`}
      viewBox="0 0 12 12"
      width="12"
      height="12"
      role="img"
      aria-label={label}
    >
      {shapes[shape]}
    </svg>
  )
}

const shapes = {
  ok: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  alert: <path d="M6 .6 11.4 6 6 11.4.6 6z" fill="currentColor" />,
  still: <path d="M6 1.8 10.2 6 6 10.2 1.8 6z" fill="none" stroke="currentColor" strokeWidth="1.7" />,
  'cannot-judge': <circle cx="6" cy="6" r="3.8" fill="none" stroke="currentColor" strokeWidth="1.8" />,
  late: <path d="M2 1.5h8L6 6l4 4.5H2L6 6z" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  running: <path d="M3 1.2 10.4 6 3 10.8z" fill="currentColor" />,
  none: <path d="M2 6h8" stroke="currentColor" strokeWidth="2" />,
} as const
