/**
 * A table is only as safe as its store's "create if absent", so it is proved before it is trusted.
 */
import { InletError } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'
import type { ObjectStore } from './object-store.ts'

/** Rejects with INL_LAK_STORE_UNSAFE where a second conditional put of a key is not refused. */
export async function proveConditionalPut(store: ObjectStore, random: Random): Promise<void> {
  for (const part of store.parts ?? [store]) await prove(part, random)
}

async function prove(store: ObjectStore, random: Random): Promise<void> {
  const key = `_inlet_probe-${random.uuid()}`
  try {
    const first = await store.putIfAbsent(key, Buffer.from('first'))
    const second = await store.putIfAbsent(key, Buffer.from('second'))
    const kept = await store.get(key)
    if (!first || second || kept?.toString() !== 'first')
      throw new InletError('INL_LAK_STORE_UNSAFE', { store: store.description })
  } finally {
    await store.remove(key)
  }
}
