/** Rows that a shard needs for the training of an autoencoder: below, each learns its own rows by heart between two averages. */
export const FEWEST_NETWORK_ROWS = 1024

/** Rows that a shard needs for the trees of a forest: twice their subsample, so that trees of a shard are not all alike. */
export const fewestForestRows = (subsample: number): number => 2 * subsample

/**
 * Into how many shards rows are worth being cut, at most as many as wanted.
 *
 * Steps beyond share shards and draw from them with seeds of their own: on a small table, all draw from all rows.
 */
export const worthwhileShards = (rows: number, wanted: number, fewest: number): number =>
  Math.max(1, Math.min(wanted, Math.floor(rows / fewest)))
