/** The 1 % line in nats: one clean row in a hundred is above. */
export const ONE_PERCENT = -Math.log(0.01)
