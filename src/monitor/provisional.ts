/** Batches known before limits stop being called provisional. */
export const PROVISIONAL_UNTIL = 8
