import { useEffect, useState } from 'react'

export const languages = ['en', 'fr'] as const
export type Language = (typeof languages)[number]
export const themes = ['light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** A private window may refuse storage: the preference then lasts as long as the page. */
function stored(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

function store(name: string, value: string): void {
  try {
    localStorage.setItem(name, value)
  } catch {
    // Nothing to do: see above.
  }
}

const oneOf = <T extends string>(values: readonly T[], value: string | null): T | undefined =>
  values.find((candidate) => candidate === value)

const preferredLanguage = (): Language =>
  navigator.languages.map((tag) => oneOf(languages, tag.slice(0, 2))).find((found) => found !== undefined) ??
  'en'

const DARK = '(prefers-color-scheme: dark)'

/** The language: the stored one, else the browser's first that is spoken here. */
export function useLanguage(): readonly [Language, (language: Language) => void] {
  const [language, setLanguage] = useState(
    () => oneOf(languages, stored('fiable.language')) ?? preferredLanguage(),
  )
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  return [
    language,
    (next) => {
      store('fiable.language', next)
      setLanguage(next)
    },
  ]
}

/** The theme: the stored one, else the system's, followed as it changes. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [chosen, setChosen] = useState(() => oneOf(themes, stored('fiable.theme')))
  const [isSystemDark, setSystemDark] = useState(() => window.matchMedia(DARK).matches)
  useEffect(() => {
    const query = window.matchMedia(DARK)
    const follow = (): void => setSystemDark(query.matches)
    query.addEventListener('change', follow)
    return () => query.removeEventListener('change', follow)
  }, [])
  const theme = chosen ?? (isSystemDark ? 'dark' : 'light')
  useEffect(() => {
    document.documentElement.dataset.theme = theme
  }, [theme])
  return [
    theme,
    (next) => {
      store('fiable.theme', next)
      setChosen(next)
    },
  ]
}
