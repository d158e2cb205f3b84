import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { random } from '../src/math/random.ts'

/** One row of the orders that tests judge; `total` is quantity × unitPrice. */
export interface Order {
  order_id: number | string
  created_at: string
  country: string
  quantity: number | string
  unit_price: string
  total: string
  email: string
}

const COUNTRIES = ['FR', 'FR', 'FR', 'DE', 'DE', 'ES', 'IT'] as const

/** The orders of one day, the same for the same day and number of rows. */
export function ordersOf(day: number, rows = 300): Order[] {
  const draw = random(`orders ${day}`)
  const date = new Date(Date.UTC(2024, 2, day)).toISOString().slice(0, 10)
  return Array.from({ length: rows }, (_, i) => {
    const quantity = 1 + Math.floor(draw() * 9)
    const price = (100 + Math.floor(draw() * 3900)) / 100
    return {
      order_id: day * 10_000 + i,
      created_at: `${date}T${String(Math.floor(draw() * 24)).padStart(2, '0')}:15:00`,
      country: COUNTRIES[Math.floor(draw() * COUNTRIES.length)]!,
      quantity,
      unit_price: price.toFixed(2),
      total: (quantity * price).toFixed(2),
      email: `user${Math.floor(draw() * 500)}@example.com`,
    }
  })
}

/** Rows as CSV, in the order of the first row's keys. */
export function csvOf(rows: readonly object[]): string {
  const names = Object.keys(rows[0] ?? {})
  const line = (row: object): string =>
    names.map((name) => String((row as Record<string, unknown>)[name] ?? '')).join(',')
  return `${[names.join(','), ...rows.map(line)].join('\n')}\n`
}

export const orderFile = (day: number): string =>
  `orders-${new Date(Date.UTC(2024, 2, day)).toISOString().slice(0, 10)}.csv`

/** Writes one CSV file a day, from day 1. */
export async function writeOrders(
  folder: string,
  days: number,
  spoil: (rows: Order[], day: number) => Order[] = (rows) => rows,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (let day = 1; day <= days; day++)
    await writeFile(path.join(folder, orderFile(day)), csvOf(spoil(ordersOf(day), day)))
}
