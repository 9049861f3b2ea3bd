/** Local paths that are let go of together, once a task that reads them is done. */
import type { ObjectStore } from './object-store.ts'

/** All that readers of data files ask of a store. */
export type LocalObjects = Pick<ObjectStore, 'localPath'>

export async function withLeases<T>(
  store: Pick<ObjectStore, 'lease'>,
  task: (objects: LocalObjects) => Promise<T>,
): Promise<T> {
  const lease = store.lease()
  const localPath = async (key: string) => {
    await lease.bring([key])
    return lease.pathOf(key)
  }
  try {
    return await task({ localPath })
  } finally {
    lease.release()
  }
}
