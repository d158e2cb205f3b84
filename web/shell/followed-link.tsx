import type { MouseEvent, ReactNode } from 'react'

interface FollowedLinkProps {
  readonly address: string
  readonly isChosen: boolean
  readonly children: ReactNode
  onFollow(): void
}

/** A link within the console: followed without loading the page again, opened elsewhere as any other. */
export function FollowedLink({ address, isChosen, children, onFollow }: FollowedLinkProps) {
  const follow = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    onFollow()
  }
  return (
    <a href={address} aria-current={isChosen ? 'page' : undefined} onClick={follow}>
      {children}
    </a>
  )
}
