import { Toggle } from '@base-ui/react/toggle'
import { ToggleGroup } from '@base-ui/react/toggle-group'
import { useWords } from '../language/words.tsx'
import { type Language, languages, type Theme, themes } from '../state/preferences.ts'

interface SwitchesProps {
  readonly language: Language
  readonly theme: Theme
  onLanguage(language: Language): void
  onTheme(theme: Theme): void
}

/** Language and theme. */
export function Switches({ language, theme, onLanguage, onTheme }: SwitchesProps) {
  const words = useWords()
  return (
    <div className="switches">
      <ToggleGroup
        className="segments"
        aria-label={words.say('switch.language')}
        value={[language]}
        onValueChange={([next]) => next && onLanguage(next as Language)}
      >
        {languages.map((each) => (
          <Toggle key={each} value={each} lang={each} aria-label={names[each]}>
            {each.toUpperCase()}
          </Toggle>
        ))}
      </ToggleGroup>
      <ToggleGroup
        className="segments"
        aria-label={words.say('switch.theme')}
        value={[theme]}
        onValueChange={([next]) => next && onTheme(next as Theme)}
      >
        {themes.map((each) => (
          <Toggle
            key={each}
            value={each}
            aria-label={words.say(`theme.${each}`)}
            title={words.say(`theme.${each}`)}
          >
            {signs[each]}
          </Toggle>
        ))}
      </ToggleGroup>
    </div>
  )
}

const names: Readonly<Record<Language, string>> = { en: 'English', fr: 'Français' }

const signs: Readonly<Record<Theme, React.ReactNode>> = {
  light: (
    <svg viewBox="0 0 16 16" width="15" height="15" aria-hidden="true">
      <circle cx="8" cy="8" r="3.1" fill="currentColor" />
      <path
        d="M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.4 1.4M11.6 11.6 13 13M13 3l-1.4 1.4M4.4 11.6 3 13"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
      />
    </svg>
  ),
  dark: (
    <svg viewBox="0 0 16 16" width="15" height="15" aria-hidden="true">
      <path d="M13.4 10A6 6 0 0 1 6 2.6 6 6 0 1 0 13.4 10z" fill="currentColor" />
    </svg>
  ),
}
