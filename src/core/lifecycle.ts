/**
 * The life of a component. `app` holds one ordered array, in the direction events flow: start walks
 * it backwards (nothing is accepted that cannot be passed on), drain and stop walk it forwards
 * (intake stops first, so that everything accepted can pass).
 *
 * Every method is safe to call twice, and `stop` on a component that was never started.
 */
export interface Lifecycle {
  readonly name: string
  start(signal: AbortSignal): Promise<void>
  /** Takes nothing new and finishes what was accepted, until `deadline` aborts. */
  drain(deadline: AbortSignal): Promise<void>
  /** Releases everything. Nothing may be lost by it that was durable. */
  stop(): Promise<void>
}

export async function startAll(components: readonly Lifecycle[], signal: AbortSignal) {
  const started: Lifecycle[] = []
  try {
    for (const component of components.toReversed()) {
      signal.throwIfAborted()
      started.unshift(component)
      await component.start(signal)
    }
  } catch (error) {
    await stopAll(started, AbortSignal.abort()).catch(() => undefined)
    throw error
  }
}

/** Drains, then stops, each in flow order. One failure never keeps the rest from stopping. */
export async function stopAll(components: readonly Lifecycle[], deadline: AbortSignal) {
  const failures: unknown[] = []
  for (const component of components) {
    await component.drain(deadline).catch((error: unknown) => failures.push(error))
  }
  for (const component of components) {
    await component.stop().catch((error: unknown) => failures.push(error))
  }
  if (failures.length > 0)
    throw new AggregateError(failures, 'some components did not stop cleanly')
}
