import { changeTexts, defineCorruption, isText } from './corruption.ts'

/** A digit misread: 3 for 8, 1 for 7. */
export const digitPerturbation = defineCorruption({
  name: 'digit-perturbation',
  summary: 'One digit of a text becomes another.',
  dimension: 'conformity',
  takes: 1,
  params: {},
  accepts: ([column]) =>
    isText(column!) && (column!.values as readonly string[]).some((value) => /\d/.test(value)),
  spoil: (spoiling) => changeTexts(spoiling, (text) => perturbed(text, spoiling.draw)),
})

function perturbed(text: string, draw: () => number): string {
  const places = [...text.matchAll(/\d/g)].map((match) => match.index)
  if (places.length === 0) return text
  const at = places[Math.floor(draw() * places.length)]!
  const digit = (Number(text[at]) + 1 + Math.floor(draw() * 9)) % 10
  return text.slice(0, at) + digit + text.slice(at + 1)
}
